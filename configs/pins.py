"""Repositories at a branch in place of a commit are found, and a commit is written into their YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from configs.captioners import CaptionerConfig
from configs.cutters import CutterConfig
from configs.document import Document, Place, Span
from configs.schema import LoraConfig, ModelConfig, UpscalerConfig
from configs.scorers import ScorerConfig
from configs.weights import Weights

Pinnable = ModelConfig | UpscalerConfig | ScorerConfig | CaptionerConfig | CutterConfig | LoraConfig

COMMAND = "python -m deployments.checkpoints pin"

_REST = re.compile(r"[ \t]*,?[ \t]*(#[^\r\n]*)?(\r?\n|\Z)")
_COMMA = re.compile(r"\s*,[ \t]*")


def find_moving(config: object, place: Place = ()) -> Iterator[tuple[Place, Weights]]:
    """Every repository in `config` whose revision can move, by its place in the YAML."""
    if isinstance(config, Weights) and config.moving:
        yield place, config
    if isinstance(config, BaseModel):
        for name in type(config).model_fields:
            yield from find_moving(getattr(config, name), (*place, name))
    elif isinstance(config, Mapping):
        for key, value in config.items():
            yield from find_moving(value, (*place, key))


def write_commits(document: Document, commits: Mapping[Place, str]) -> str:
    """The text of `document` with a commit as the revision of the weights at each place, which say no more why they
    have none. All else stays as it was written. Raises KeyError for a place that has no `revision` of its own."""
    changes: dict[Span, str] = {}
    for place, commit in commits.items():
        changes[document.spans[(*place, "revision")]] = commit
        if (*place, "unpinned") in document.spans:
            changes[document.spans[(*place, "unpinned")]] = ""
    text = document.text
    for span in sorted(changes, key=lambda span: span.key, reverse=True):
        commit = changes[span]
        text = text[: span.start] + commit + text[span.end :] if commit else _without(text, span)
    return text


def _without(text: str, span: Span) -> str:
    """`text` less a key and its value: with their lines if they have them alone, else with a comma beside them."""
    line = text.rfind("\n", 0, span.key) + 1
    if not text[line : span.key].strip():
        rest = _REST.match(text, span.end)
        if text[span.end - 1] == "\n":  # a block of text ends behind its line
            return text[:line] + text[span.end :]
        if rest is not None:
            return text[:line] + text[rest.end() :]
    comma = _COMMA.match(text, span.end)
    if comma is not None:
        return text[: span.key] + text[comma.end() :]
    return text[: span.key].rstrip().removesuffix(",") + text[span.end :]
