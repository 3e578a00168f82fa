"""What was drawn in some days, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Counted = tuple[tuple[str, int], ...]
"""Values and their pictures, the most first."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose: one `owner`'s, a `space`'s, or, without both, everybody's."""

    owner: str | None = None
    space: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """Of the pictures that were made on `day`."""

    day: date
    pictures: int
    kept: int


@dataclass(frozen=True, slots=True)
class Usage:
    """`pictures` were drawn, `uploads` brought; `kept` of both are somebody's favourites or in a collection by now.
    `jobs` were accepted, `picks` made in comparisons. Days without a picture are left out."""

    pictures: int
    uploads: int
    kept: int
    jobs: int
    picks: int
    popular: Mapping[str, Counted]
    days: tuple[Day, ...]
