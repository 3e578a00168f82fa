"""What is said of a space on a command line, read; and how its files are, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import typer

from atelier.spaces import Space, SpaceDefaults, SpaceFiles

DEFAULTS = tuple(SpaceDefaults.model_fields)
_FILES = tuple(SpaceFiles.model_fields)
_WORDS = {"true": True, "false": False}
_NOTHING = ["none"]


def read_defaults(said: Sequence[str] | None) -> dict[str, str] | None:
    """Of `FIELD=ID`; a single `none` takes all of them away. Raises BadParameter."""
    return None if said is None else dict(_parts(said, DEFAULTS, "--default", "FIELD=ID"))


def read_files(said: Sequence[str] | None) -> dict[str, Any] | None:
    """Of `FIELD=VALUE`; a single `none` takes all of them away. What a value may be, the studio says. Raises
    BadParameter."""
    if said is None:
        return None
    return {field: _value(field, text) for field, text in _parts(said, _FILES, "--files", "FIELD=VALUE")}


def tell_files(space: Space) -> str:
    """In a line."""
    files = space.files
    told = [", ".join(files.formats) if files.formats else "formats of the asset type"]
    told += ["without the prompt"] if files.private else []
    told += [] if files.credentials else ["not signed"]
    return ", ".join(told)


def tell_retention(space: Space) -> str:
    """In a line."""
    if space.retention_days is None:
        return "stay"
    return f"go after {space.retention_days} days, but those that somebody starred, collected or shared"


def _parts(said: Sequence[str], known: Sequence[str], option: str, form: str) -> Iterator[tuple[str, str]]:
    for field, _, text in (one.partition("=") for one in said if list(said) != _NOTHING):
        if field not in known or not text:
            raise typer.BadParameter(
                f"'{field}' is none: write {form}, FIELD one of {', '.join(known)}", param_hint=option
            )
        yield field, text


def _value(field: str, text: str) -> Any:
    if field == "formats":
        return text.split(",")
    if field == "retention_days":
        return int(text) if text.isascii() and text.isdecimal() else text
    return _WORDS.get(text, text)
