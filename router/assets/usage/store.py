"""Usage, read from the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from router.assets.search.terms import split
from router.assets.usage import statements
from router.assets.usage.model import Counted, Day, Scope, Usage
from router.storage.database import AnyRow, Database

MOST_VALUES = 20
_POPULAR = {"type": "asset_types", "model": "models", "lora": "loras"}


class UsageStore:
    """Raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database) -> None:
        """`database` is opened and closed by whoever brings it."""
        self._database = database

    async def usage(self, scope: Scope, first: date, last: date) -> Usage:
        """Of the days from `first` to `last`, both included, in UTC."""
        begin, end = _midnight(first), _midnight(last + timedelta(days=1))
        named = {name: value for name, value in (("owner", scope.owner), ("space", scope.space)) if value is not None}
        days = {"first": first.isoformat(), "last": last.isoformat()}
        counted = await self._database.read(statements.counts(scope), **days, **named)
        between = {"begin": _id_at(begin), "end": _id_at(end)}
        jobs = await self._database.read(statements.jobs_between(scope), **between, **named)
        picks = await self._database.read(statements.picks_between(scope), since=begin, until=end, **named)
        return _read(counted, jobs[0].jobs, picks[0].picks)


def _read(counted: Sequence[AnyRow], jobs: int, picks: int) -> Usage:
    sums: dict[str, Counter[str]] = {facet: Counter() for facet in ("kind", "kept", *_POPULAR)}
    made, kept = Counter[str](), Counter[str]()
    for row in counted:
        facet, value = split(row.facet)
        sums[facet][value] += int(row.pictures)
        made[row.day] += int(row.pictures) if facet == "kind" else 0
        kept[row.day] += int(row.pictures) if facet == "kept" else 0
    return Usage(
        pictures=sums["kind"]["drawn"],
        uploads=sums["kind"]["uploaded"],
        kept=sums["kept"].total(),
        jobs=jobs,
        picks=picks,
        popular={name: _most(sums[facet]) for facet, name in _POPULAR.items()},
        days=tuple(Day(date.fromisoformat(day), made[day], kept[day]) for day in sorted(made) if made[day]),
    )


def _most(found: Counter[str]) -> Counted:
    there = ((value, times) for value, times in found.items() if times > 0)
    return tuple(sorted(there, key=lambda one: (-one[1], one[0]))[:MOST_VALUES])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _id_at(at: datetime) -> str:
    """What ids of jobs from then on begin with, or come after."""
    return f"{int(at.timestamp() * 1000):012x}"
