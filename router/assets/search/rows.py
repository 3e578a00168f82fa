"""Rows of the search table to what is shown of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from router.assets.rows import read_files
from router.assets.search.model import FacetCounts, Listed
from router.assets.search.terms import split
from router.jobs.documents import LICENCE, NO_VERDICT, NOTES, SCORES, read_or
from router.storage.database import AnyRow

MOST_VALUES = 50
"""Of one facet."""
FACETS = {
    "type": "asset_type",
    "quality": "quality",
    "model": "model",
    "lora": "lora",
    "licence": "licence",
    "reference": "reference",
    "internal": "internal",
    "product": "product",
    "tag": "tag",
    "kind": "kind",
    "month": "month",
}
"""Names of facets in the table, and as people are told them."""


def read_listed(row: AnyRow) -> Listed:
    of = f"picture {row.id}"
    return Listed(
        n=row.n,
        id=row.id,
        owner=row.owner,
        space=row.space,
        kind=row.kind,
        created_at=row.created_at,
        width=row.width,
        height=row.height,
        files=read_files(row.files),
        prompt=row.prompt,
        asset_type=row.asset_type,
        quality=row.quality,
        model=row.model,
        loras=tuple(row.loras.split()),
        colours=tuple(row.colours.split()),
        tags=tuple(sorted(value for facet, value in map(split, row.facets.split("\n")) if facet == "tag")),
        licence=None if row.licence is None else read_or(LICENCE, row.licence, NO_VERDICT, of),
        notes=() if row.notes is None else read_or(NOTES, row.notes, (), of),
        scores={} if row.scores is None else read_or(SCORES, row.scores, {}, of),
        seed=row.seed,
        place=None if row.job_id is None else (row.job_id, row.idx),
        is_favourite=row.is_favourite,
        deleted_at=row.deleted_at,
    )


def count_facets(terms: Iterable[tuple[str, int]], is_whole: bool = True) -> FacetCounts:
    """From terms, as `facets` has them, and how often each is there."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS.values()}
    pictures = 0
    for facet, value, times in ((*split(term), times) for term, times in terms):
        pictures += times if facet == "kind" else 0
        if facet in FACETS:
            counts[FACETS[facet]][value] += times
    values = {name: _ordered(name, found) for name, found in counts.items()}
    return FacetCounts(pictures, values, is_whole)


def _ordered(name: str, found: Counter[str]) -> tuple[tuple[str, int], ...]:
    """The most first; months, the latest first."""
    there = {value: times for value, times in found.items() if times > 0}
    if name == "month":
        return tuple(sorted(there.items(), reverse=True))
    return tuple(sorted(there.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES])
