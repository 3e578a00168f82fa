"""The transactions of batches: each public function is one, run as a whole on a thread of the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from configs.errors import IdempotencyConflict, NotFound
from configs.quotas import QuotaState
from router.batches import rows, statements
from router.batches.model import NewBatch
from router.experiments.statements import INSERT_ARM
from router.jobs.event_log import write_all, write_events
from router.jobs.model import EventType, IdempotencyKey, JobEvent, JobStatus
from router.jobs.statements import INSERT_JOB
from router.jobs.transactions import KEY_LIFETIME
from router.people.quotas.counting import charge, settle_canceled
from router.people.quotas.model import Claim
from router.people.viewer import Viewer


def accept(
    connection: Connection,
    batch: NewBatch,
    events: tuple[JobEvent, ...],
    key: IdempotencyKey | None,
    claim: Claim | None,
    now: datetime,
) -> tuple[str, tuple[QuotaState, ...]]:
    """The id of the batch that is there with all of its jobs, or of the one that came with this key before; and how the
    limits then stand of whose `claim` it is. Raises `IdempotencyConflict` and `QuotaReached`."""
    of_key = {"of_owner": batch.owner, "key": key.key if key else None, "expired": now - KEY_LIFETIME}
    if key is not None:
        connection.execute(statements.FREE_KEY, of_key)
    if not statements.INSERT_BATCH.run(connection, rows.batch_row(batch, key, now)):
        assert key is not None  # without one there is nothing that could be taken
        held = connection.execute(statements.LIVE_KEY, of_key).one()
        return held_by(held.id, held.body_sha256, key), ()
    INSERT_JOB.run(connection, *batch.jobs)
    INSERT_ARM.run(connection, *batch.arms)
    states = () if claim is None else charge(connection, claim, batch.demands, now)
    write_events(connection, batch.owner, *events)
    return batch.id, states


def held_by(batch_id: str, body_sha256: str, key: IdempotencyKey) -> str:
    """The batch of a key's row. Raises `IdempotencyConflict` when it came with another body."""
    if body_sha256 != key.body_sha256:
        raise IdempotencyConflict(
            "This Idempotency-Key was used before with another batch: use a new key", "Idempotency-Key"
        )
    return batch_id


def cancel(connection: Connection, viewer: Viewer, batch_id: str, now: datetime) -> tuple[str, ...]:
    """End what waits, and ask for the end of what is in work, whose ids it returns. Raises `NotFound`
    and `NotAllowed`."""
    of_batch = {"of_batch": batch_id}
    found = connection.execute(statements.BATCH, of_batch).one_or_none()
    if found is None or not viewer.sees(found):
        raise not_found(batch_id)
    viewer.check_change(found, f"batch {batch_id}")
    changed = connection.execute(statements.CANCEL_JOBS, {"of_batch": batch_id, "now": now}).all()
    if changed:
        connection.execute(statements.CANCEL, of_batch)
    ended = [row for row in changed if row.status == JobStatus.CANCELED]
    if ended:
        settle_canceled(connection, batch_id)
    write_all(connection, ((row.owner, JobEvent(row.id, row.last_seq, EventType.CANCELED, {}, now)) for row in ended))
    return tuple(row.id for row in changed if row.status != JobStatus.CANCELED)


def not_found(batch_id: str) -> NotFound:
    return NotFound(f"There is no batch {batch_id}")
