"""The chart's `values.yaml` and `values.schema.json`, as texts."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from configs.chart.fields import NAMES_A_SECRET, ChartValue
from configs.chart.values import Values

_HEAD = "# Made by `python -m serve.chart` from configs/chart. Write what differs into a file of your own.\n"
_WIDTH = 118


def values_schema() -> str:
    """JSON Schema, closed at every level, in which no variable that is named like a secret has a plain value."""
    schema = Values.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"]["environment"]["patternProperties"] = {NAMES_A_SECRET: False}
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def values_page() -> str:
    """Every value with its default, what it is before it."""
    return _HEAD + "\n" + "".join(_lines(Values(), 0))


def _lines(value: ChartValue, depth: int) -> Iterator[str]:
    for name, field in type(value).model_fields.items():
        key, inner = field.alias or name, getattr(value, name)
        if isinstance(inner, ChartValue) and not depth:
            yield "\n"
        yield from _comment(field.description or _about(inner), depth)
        if isinstance(inner, ChartValue):
            yield f"{'  ' * depth}{key}:\n"
            yield from _lines(inner, depth + 1)
        else:
            yield f"{'  ' * depth}{key}: {json.dumps(_plain(value, name))}\n"


def _about(value: Any) -> str:
    return " ".join((type(value).__doc__ or "").split()) if isinstance(value, ChartValue) else ""


def _comment(text: str, depth: int) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH - 2 * depth):
        yield f"{'  ' * depth}# {line}\n"


def _plain(owner: ChartValue, name: str) -> Any:
    return owner.model_dump(mode="json", by_alias=True, include={name}, exclude_none=True)[
        type(owner).model_fields[name].alias or name
    ]
