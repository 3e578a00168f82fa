"""A YAML file as it was read, with the line of each value: what is wrong with it is said with file, line and field."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from configs.errors import ConfigError
from configs.frozen import Frozen

T = TypeVar("T")
Loc = Sequence[int | str]
Place = tuple[int | str, ...]

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value is in the text of its file: where its key begins, where it begins itself, and where it ends."""

    key: int
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """A YAML file with the line of each of its values, and where in the text each one is."""

    path: Path
    text: str
    data: Any
    lines: dict[Place, int]
    spans: dict[Place, Span]

    def error(self, loc: Loc, message: str) -> ConfigError:
        """An error that points at `loc`, or at the nearest place above it that the file has."""
        place = tuple(loc)
        while place and place not in self.lines:
            place = place[:-1]
        field = ".".join(str(part) for part in loc if part != "[key]")
        where = f"{shown(self.path)}:{self.lines.get(place, 1)}"
        return ConfigError(f"{where}: {field}: {message}" if field else f"{where}: {message}", field or None)

    def parse(self, adapter: TypeAdapter[T]) -> T:
        try:
            return adapter.validate_python(self.data)
        except ValidationError as error:
            found = error.errors(include_url=False)
            typos = [one for one in found if one["type"] == "extra_forbidden"]
            first = (typos or found)[0]
            raise self.error(first["loc"], _explain(first)) from None


def _explain(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return f"is not a setting{_siblings(error['loc'])}"
    if error["type"] == "missing":
        return "is missing"
    return error["msg"].removeprefix("Value error, ")


def _siblings(loc: Loc) -> str:
    """Name the settings that a typo could have meant."""
    fields = {name for kind in Frozen.__subclasses__() for name in kind.model_fields}
    close = difflib.get_close_matches(str(loc[-1]), sorted(fields), n=2)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def shown(path: Path) -> Path:
    """As messages name it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
