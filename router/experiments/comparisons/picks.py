"""Which side of a comparison was liked best, prompt by prompt, in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select, text, update

from router.assets.keeping.transactions import unveil
from router.batches.tables import batches
from router.experiments.tables import comparison_picks
from router.storage.columns import Utc
from router.storage.database import Database


@dataclass(frozen=True, slots=True)
class Veil:
    """Pictures of a blind comparison, which are their owner's to find once all `prompts` are judged."""

    owner: str
    prompts: frozenset[int]
    pictures: frozenset[str]


_LOCK = update(batches).where(batches.c.id == bindparam("of_batch")).values(cancel_requested=batches.c.cancel_requested)
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

    async def pick(self, batch_id: str, prompt: int, choice: str | None, veil: Veil | None = None) -> None:
        """Note it, in place of what was picked before; what is under a `veil` is found once all is judged."""
        await self._database.write(_write, batch_id, prompt, choice, veil, self._clock())


def _write(
    connection: Connection, batch_id: str, prompt: int, choice: str | None, veil: Veil | None, now: datetime
) -> None:
    connection.execute(_LOCK, {"of_batch": batch_id})  # of two last picks, one sees the other
    connection.execute(_PICK, {"of_batch": batch_id, "prompt": prompt, "choice": choice, "now": now})
    if veil is not None:
        picked = {row.prompt for row in connection.execute(_PICKS, {"of_batch": batch_id})}
        if veil.prompts <= picked:
            for asset_id in sorted(veil.pictures):
                unveil(connection, asset_id, veil.owner)
