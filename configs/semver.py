"""Versions of what people make, as semver.org orders them: 1.0.0 before 1.0.1-rc.1 before 1.0.1."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator
from semver import Version

from configs.text import quoted

FIRST = "1.0.0"
_LONGEST = 64
_LARGEST = 10**9


def _read(given: Any) -> str:
    text = str(given)
    if not isinstance(given, str) or len(text) > _LONGEST or not text.isascii() or not Version.is_valid(text):
        raise ValueError(f"{quoted(text)} is not a version: write three numbers, as 1.2.0")
    version = Version.parse(text)
    if version.build is not None:
        raise ValueError(f"{quoted(text)}: what follows a + is not compared, and so tells no versions apart: leave it")
    if max(version.major, version.minor, version.patch) > _LARGEST:
        raise ValueError(f"{quoted(text)} has numbers that nobody counts up to")
    return text


Semver: TypeAlias = Annotated[str, BeforeValidator(_read)]
"""MAJOR.MINOR.PATCH, perhaps with -PRERELEASE; without build metadata, so that equal rank is equal text."""


def is_version(text: str) -> bool:
    """Whether it is written as a `Semver`."""
    try:
        _read(text)
    except ValueError:
        return False
    return True


def rank(version: str) -> Version:
    """What versions are ordered by. Raises `ValueError` for what is none."""
    return Version.parse(version)


def following(version: str) -> str:
    """The next version that may be meant: one fix further, or what a prerelease comes before."""
    known = rank(version)
    return str(known.finalize_version() if known.prerelease else known.bump_patch())
