"""What lists and searches of pictures answer with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from router.jobs.model import LicenceVerdict, StoredFile


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture, drawn or uploaded, as lists show it. `n` is its place among all; `place` its job and its index there;
    of an upload, what was asked for is empty. `is_favourite` is so of whoever asks."""

    n: int
    id: str
    owner: str
    space: str
    kind: str
    created_at: datetime
    width: int
    height: int
    files: tuple[StoredFile, ...]
    prompt: str
    asset_type: str
    quality: str
    model: str
    loras: tuple[str, ...]
    colours: tuple[str, ...]
    tags: tuple[str, ...]
    licence: LicenceVerdict | None
    notes: tuple[str, ...]
    scores: dict[str, float]
    seed: int | None = None
    place: tuple[str, int] | None = None
    is_favourite: bool = False
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImagePage:
    """Pictures in order; `next` is the cursor of those after them, None on the last page."""

    images: tuple[Listed, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """How many `pictures` there are, and of each value of each facet, the most first. Unless `is_whole`, there are
    more, and these are the counts of the first of them."""

    pictures: int
    values: Mapping[str, tuple[tuple[str, int], ...]]
    is_whole: bool
