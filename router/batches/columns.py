"""The columns of a CSV file: the fields of a request that are a word or a number, and short forms of some others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from configs.errors import InvalidRequest
from configs.rows import RowError
from router.batches.model import Line
from router.job_request import JobRequest

SLOT = "slot."
_ALIKE = (str, int, float, bool, NoneType)
_SHORT = ("lora", "formats")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")  # what strengths never are


def _is_plain(annotation: Any) -> bool:
    """A word or a number, or nothing."""
    if get_origin(annotation) is Annotated:
        return _is_plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return all(map(_is_plain, get_args(annotation)))
    return annotation in _ALIKE or get_origin(annotation) is Literal


COLUMNS: tuple[str, ...] = (
    *(name for name, field in JobRequest.model_fields.items() if _is_plain(field.annotation)),
    *_SHORT,
)
"""Beside those of slots."""


def read_cells(columns: Sequence[str], cells: Sequence[str], number: int) -> Line | RowError:
    """A row by its columns; an empty cell says nothing."""
    while len(cells) > len(columns) and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > len(columns):
        message = (
            f"it has {len(cells)} cells, and the first line names {len(columns)} columns: "
            'put text with a delimiter in it in quotes (")'
        )
        return RowError(line=number, message=message)
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
    fields: dict[str, Any] = {name: value for name, value in said.items() if not name.startswith(SLOT)}
    if slots := {name.removeprefix(SLOT): value for name, value in said.items() if name.startswith(SLOT)}:
        fields["slots"] = slots
    return Line(number, fields)


def read_short(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request, with those that cells and sweeps write shortly in full: `lora` is `icons@0.8; glow`, or
    `icons@1.2.0@0.8` of a version, `formats` is `png; svg`. Raises `InvalidRequest`."""
    fields = dict(fields)
    if isinstance(said := fields.pop("lora", None), str):
        fields["loras"] = [*fields.get("loras", ()), *map(_read_lora, _parts(said))]
    if isinstance(fields.get("formats"), str):
        fields["formats"] = _parts(fields["formats"])
    return fields


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _read_lora(text: str) -> dict[str, Any]:
    id, *said = (part.strip() for part in text.split("@"))
    if said and _VERSION.fullmatch(said[0]):
        id = f"{id}@{said.pop(0)}"
    if not said:
        return {"id": id}
    try:
        (strength,) = said
        return {"id": id, "strength": float(strength.replace(",", "."))}
    except ValueError:
        message = f"'{text[:64]}' is not ID, ID@STRENGTH or ID@VERSION, such as icons@0.8"
        raise InvalidRequest(message, "lora") from None
