"""What a picture counts for: in all, under everything that it is; and on its day, under what is looked at by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from router.assets.search.terms import split, term
from router.jobs.model import HELD_BACK

ALL_DAYS = ""
"""The day of what is counted over all of them."""
_BY_DAY = frozenset({"kind", "type", "model", "lora", "kept"})

Counts: TypeAlias = Counter[tuple[str, str, str, str]]
"""Pictures more, or fewer, by owner, day, space and facet: the key of `asset_counts`."""


def counts(owner: str, space: str, day: str, facets: Iterable[str], times: int) -> Counts:
    """Of one picture that was made on `day`, `times` over; none of what experiments draw unseen."""
    if owner.startswith(HELD_BACK):
        return Counter()
    return Counter({(owner, on, space, facet): times for on, facet in _counted(day, facets)})


def _counted(day: str, facets: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield ALL_DAYS, term("month", day[:7])
    for facet in facets:
        yield ALL_DAYS, facet
        if split(facet)[0] in _BY_DAY:
            yield day, facet
