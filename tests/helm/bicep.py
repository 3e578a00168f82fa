"""The templates of helm/azure as parsed trees. The parser keeps one child of a resource that nests several, so that the
templates write `parent:` instead; a test holds them to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pycep

from configs.load import ROOT

FOLDER = ROOT / "helm" / "azure"
FILES = sorted(FOLDER.glob("*.bicep"))


@dataclass(frozen=True)
class Resource:
    """A resource that a file makes, or refers to where it is `existing`."""

    file: str
    name: str
    type: str
    existing: bool
    config: dict[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.config.get("properties", {})
        return found


@cache
def tree(file: Path) -> dict[str, Any]:
    """What the parser makes of it."""
    return dict(pycep.BicepParser().parse(text=file.read_text()))


def resources() -> Iterator[Resource]:
    """Those of all files."""
    for file in FILES:
        for name, one in tree(file).get("resources", {}).items():
            config = one["config"]
            yield Resource(file.stem, name, one["type"], one["existing"], config if isinstance(config, dict) else {})


def made(type: str) -> list[Resource]:
    """All that are made of a type."""
    return [one for one in resources() if one.type == type and not one.existing]


def text(value: str) -> str:
    """What a string of a template says, without its escapes."""
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), value)


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)
