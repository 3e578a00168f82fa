"""The statements of usage: sums of what is counted by day, and ranges of indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, select

from router.assets.search.tables import asset_counts
from router.assets.usage.model import Scope
from router.batches.tables import batches
from router.experiments.tables import comparison_picks
from router.jobs.tables import held_back, jobs
from router.storage.columns import Utc

_SUM = func.sum(asset_counts.c.pictures)
_SINCE, _UNTIL = bindparam("since", type_=Utc), bindparam("until", type_=Utc)


def counts(scope: Scope) -> Select[Any]:
    """By day and facet. Takes the days `first` and `last`, and the names in `scope`."""
    chosen = (
        select(asset_counts.c.day, asset_counts.c.facet, _SUM.label("pictures"))
        .where(asset_counts.c.day >= bindparam("first"), asset_counts.c.day <= bindparam("last"))
        .group_by(asset_counts.c.day, asset_counts.c.facet)
    )
    return _of(chosen, asset_counts, scope)


def jobs_between(scope: Scope) -> Select[Any]:
    """How many were accepted: ids say when. Takes the ids `begin` and `end`."""
    chosen = select(func.count().label("jobs")).where(jobs.c.id >= bindparam("begin"), jobs.c.id < bindparam("end"))
    return _of(chosen.where(~held_back(jobs.c.owner)), jobs, scope)


def picks_between(scope: Scope) -> Select[Any]:
    """How many were made in comparisons, of any answer but none. Takes `since` and `until`."""
    chosen = (
        select(func.count().label("picks"))
        .select_from(comparison_picks.join(batches, batches.c.id == comparison_picks.c.batch_id))
        .where(comparison_picks.c.picked_at >= _SINCE, comparison_picks.c.picked_at < _UNTIL)
        .where(comparison_picks.c.choice.is_not(None))
    )
    return _of(chosen, batches, scope)


def _of(chosen: Select[Any], table: Any, scope: Scope) -> Select[Any]:
    if scope.owner is not None:
        chosen = chosen.where(table.c.owner == bindparam("owner"))
    return chosen if scope.space is None else chosen.where(table.c.space == bindparam("space"))
