"""Batches in the database: accepted whole or not at all, and read with how far their jobs are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

from configs.quotas import QuotaState
from router.batches import rows, statements, transactions
from router.batches.model import MOST_ERRORS, Batch, FailedRow, NewBatch
from router.jobs.model import IdempotencyKey, Job
from router.jobs.rows import read_jobs
from router.jobs.transactions import KEY_LIFETIME
from router.people.quotas.model import Claim
from router.people.viewer import Viewer
from router.storage.database import AnyRow, Database

_AT_ONCE = 50  # jobs that are read together


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BatchStore:
    """Every method is one transaction, and raises `StoreUnavailable` while the database does not answer; those with a
    viewer raise `NotFound` for a batch that they do not see."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        """`database` is opened and closed by whoever brings it; `clock` gives aware times."""
        self._database, self._clock = database, clock

    async def accept(self, batch: NewBatch, key: IdempotencyKey | None = None) -> tuple[str, bool]:
        """Commit a batch with all of its jobs, which are seen from then on. Returns its id, and whether it is new: with
        a key that was used before (24 h) and the same body it is the first one. Raises `IdempotencyConflict`."""
        accepted, is_new, _ = await self.accept_within(batch, key, None)
        return accepted, is_new

    async def accept_within(
        self, batch: NewBatch, key: IdempotencyKey | None, claim: Claim | None
    ) -> tuple[str, bool, tuple[QuotaState, ...]]:
        """`accept` within the quotas of whose `claim` it is, all of it or nothing; and how these then stand. Raises
        `QuotaReached`, too."""
        now = self._clock()
        events = rows.queued_events(batch.jobs, now)
        accepted, states = await self._database.write(transactions.accept, batch, events, key, claim, now)
        return accepted, accepted == batch.id, states

    async def submitted(self, owner: str, key: IdempotencyKey) -> str | None:
        """The batch that this key came with (24 h). Raises `IdempotencyConflict` for another body."""
        live = self._clock() - KEY_LIFETIME
        held = await self._database.read(statements.LIVE_KEY, of_owner=owner, key=key.key, expired=live)
        return transactions.held_by(held[0].id, held[0].body_sha256, key) if held else None

    async def batch(self, viewer: Viewer, batch_id: str) -> Batch:
        """One batch as it stands."""
        found = await self._database.read(statements.BATCH, of_batch=_plain(batch_id))
        if not (found and viewer.sees(found[0])):
            raise transactions.not_found(batch_id)
        return (await self._with_shares(found))[0]

    async def batches(
        self, viewer: Viewer, limit: int, before: str | None = None, space: str | None = None
    ) -> tuple[Batch, ...]:
        """Somebody's own batches, newest first, or those of a space that they see; `before` is the last one of the page
        before."""
        page: dict[str, object] = {"page": limit}
        page |= {"of_owner": viewer.owner} if space is None else {"of_space": _plain(space)}
        page |= {} if before is None else {"before": _plain(before)}
        found = await self._database.read(statements.PAGES[before is not None, space is not None], **page)
        return await self._with_shares([row for row in found if viewer.sees(row)])

    async def failed(self, batch_id: str) -> tuple[FailedRow, ...]:
        """The first jobs of a batch that failed, in the order of its rows."""
        found = await self._database.read(statements.FAILED, of_batch=batch_id, page=MOST_ERRORS)
        return tuple(map(rows.read_failed, found))

    async def jobs(self, batch_id: str, after: str = "", limit: int = _AT_ONCE) -> tuple[Job, ...]:
        """The jobs of a batch with their pictures, in the order of its rows, from the one after `after` on."""
        page = {"of_batch": batch_id, "after": _plain(after), "page": limit}
        return read_jobs(await self._database.read(statements.JOBS, **page))

    async def all_jobs(self, batch_id: str) -> AsyncIterator[Job]:
        """All of them, a few at a time."""
        page = await self.jobs(batch_id)
        while page:
            for job in page:
                yield job
            page = await self.jobs(batch_id, page[-1].id)

    async def cancel(self, viewer: Viewer, batch_id: str) -> tuple[str, ...]:
        """End the jobs that wait, and flag those in work, whose ids it returns: their workers end them. Raises
        `NotAllowed` for one that is another's."""
        return await self._database.write(transactions.cancel, viewer, _plain(batch_id), self._clock())

    async def _with_shares(self, found: Sequence[AnyRow]) -> tuple[Batch, ...]:
        if not found:
            return ()
        shares = await self._database.read(statements.SHARES, of_batches=[row.id for row in found])
        of = {row.id: [share for share in shares if share.batch == row.id] for row in found}
        return tuple(rows.read_batch(row, of[row.id]) for row in found)


def _plain(id: str) -> str:
    """Ids are printable ASCII; other text, which an engine may refuse to compare, names nothing."""
    return id if id.isascii() and id.isprintable() else ""
