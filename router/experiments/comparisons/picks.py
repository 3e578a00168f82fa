"""Which side of a comparison was liked best, prompt by prompt, in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select, text

from router.assets.keeping.transactions import unveil
from router.assets.search.entry import nobody_of
from router.assets.search.tables import LIVE, asset_search
from router.experiments.tables import comparison_picks
from router.storage.columns import Utc
from router.storage.database import Database

_VEILED = select(asset_search.c.asset_id).where(asset_search.c.owner == bindparam("of_nobody"), LIVE)
_PICKS = select(comparison_picks.c.prompt, comparison_picks.c.choice).where(
    comparison_picks.c.batch_id == bindparam("of_batch")
)
_PICK = text(
    "INSERT INTO comparison_picks (batch_id, prompt, choice, picked_at) VALUES (:of_batch, :prompt, :choice, :now)"
    " ON CONFLICT (batch_id, prompt) DO UPDATE SET choice = excluded.choice, picked_at = excluded.picked_at"
).bindparams(bindparam("now", type_=Utc))


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PickStore:
    """Every method is one transaction and raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    async def picks(self, batch_id: str) -> Mapping[int, str | None]:
        """The way that was picked, by the number of a prompt; None where no side was better."""
        return {row.prompt: row.choice for row in await self._database.read(_PICKS, of_batch=batch_id)}

    async def pick(self, batch_id: str, prompt: int, choice: str | None) -> None:
        """Note it, in place of what was picked before."""
        await self._database.write(_write, batch_id, prompt, choice, self._clock())

    async def unveil(self, batch_id: str, owner: str) -> None:
        """Let the pictures of a blind comparison be found as its owner's; where they are, nothing is written."""
        found = await self._database.read(_VEILED, of_nobody=nobody_of(batch_id))
        if found:
            await self._database.write(_unveil, [row.asset_id for row in found], owner)


def _write(connection: Connection, batch_id: str, prompt: int, choice: str | None, now: datetime) -> None:
    connection.execute(_PICK, {"of_batch": batch_id, "prompt": prompt, "choice": choice, "now": now})


def _unveil(connection: Connection, asset_ids: Sequence[str], owner: str) -> None:
    for asset_id in sorted(asset_ids):  # in one order, whoever else does it
        unveil(connection, asset_id, owner)
