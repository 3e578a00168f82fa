"""The transactions of the job store: each public function is one, run as a whole on a thread of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update

from configs.errors import IdempotencyConflict, LeaseLost, NotFound, UnreadablePlan
from configs.quotas import Quotas, QuotaState
from router.assets import rows as pictures
from router.assets import statements as assets
from router.assets.search import writing as search
from router.assets.search.entry import drawn_entry, uploaded_entry
from router.experiments.rows import arm_row
from router.experiments.statements import INSERT_ARM
from router.ids import new_picture_id
from router.jobs import outputs, rows, statements, turns
from router.jobs.event_log import write_all, write_events
from router.jobs.model import (
    EventType,
    IdempotencyKey,
    ImageRecord,
    Job,
    JobEvent,
    JobFailure,
    JobKind,
    JobStatus,
    Lease,
    NewJob,
    StageOutput,
    UploadedPicture,
)
from router.jobs.payloads import Attempt
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.quotas.counting import charge, settle
from router.people.quotas.model import Claim, Demand
from router.people.viewer import Viewer
from router.plan import Plan
from router.storage.database import AnyRow
from router.storage.documents import UnreadableDocument

_UNLIMITED = Quotas()
KEY_LIFETIME = timedelta(hours=24)
_EVENT_OF = {
    JobStatus.COMPLETE: EventType.COMPLETE,
    JobStatus.FAILED: EventType.FAILED,
    JobStatus.CANCELED: EventType.CANCELED,
}


def accept(
    connection: Connection, job: NewJob, idempotency: IdempotencyKey | None, now: datetime, claim: Claim | None = None
) -> tuple[Job, bool, tuple[QuotaState, ...]]:
    """The job with its first event, or the one that came with this key before; and how the limits then stand of whose
    `claim` it is. Raises `IdempotencyConflict` and `QuotaReached`."""
    if idempotency is not None:
        first = _claim_key(connection, job, idempotency, now)
        if first is not None:
            return only_job(first, connection.execute(statements.JOB, {"job_id": first}).all()), False, ()
    is_limited = statements.INSERT_ACCEPTED.run_and_tell(connection, rows.new_job_row(job, now))
    statements.INSERT_ORIGIN.run(connection, *rows.origin_row(job))
    INSERT_ARM.run(connection, *arm_row(job))
    pictures_asked = job.plan.pictures if isinstance(job.plan, Plan) else 0
    demand = Demand(job.id, pictures_asked, job.plan.estimated_seconds)
    counted = claim is not None and (is_limited or claim.defaults != _UNLIMITED)
    states = charge(connection, claim, (demand,), now) if claim is not None and counted else ()
    write_events(connection, job.owner, JobEvent(job.id, 1, EventType.QUEUED, {}, now))
    return rows.accepted_job(job, now), True, states


def lease_next(
    connection: Connection, worker: str, now: datetime, until: datetime, kind: JobKind = "generate"
) -> Lease | None:
    """The oldest leasable job of the owner whose turn it is, or None when there is nothing to do. One whose plan cannot
    be read fails here, alone, and the next is taken."""
    told: list[tuple[str, JobEvent]] = []
    while (claimed := _claim_next(connection, worker, now, until, kind)) is not None:
        lease, begun = claimed
        told.append((lease.job.owner, begun))
        if not isinstance(lease.job.stored_plan, UnreadableDocument):
            break
        failure = JobFailure(code=UnreadablePlan.code, message=f"{lease.job.stored_plan}; order it anew")
        told.append((lease.job.owner, _finish(connection, lease, JobStatus.FAILED, failure, now)))
    write_all(connection, told)
    return None if claimed is None else claimed[0]


def _claim_next(
    connection: Connection, worker: str, now: datetime, until: datetime, kind: JobKind
) -> tuple[Lease, JobEvent] | None:
    for claim, owner in _claims_in_turn(connection, now, kind):
        row = connection.execute(claim, {"of_owner": owner, "worker": worker, "now": now, "until": until}).one_or_none()
        if row is None:
            continue  # another worker took this owner's last job meanwhile, or is about to take one
        begun = EventType.STARTED if row.attempt == 1 else EventType.RETRIED
        event = JobEvent(row.id, row.last_seq, begun, Attempt(attempt=row.attempt).told(), now)
        return Lease(rows.read_job(row, _pictures_so_far(connection, row)), worker, row.lease_token, until), event
    return None


def _claims_in_turn(connection: Connection, now: datetime, kind: JobKind) -> Iterator[tuple[Update, str]]:
    """How to take a job of each owner who has one to lease. On PostgreSQL an owner whom another worker serves in this
    instant is passed over until all others were tried: a turn is seen when it is committed, so that all workers would
    take from the same owner, and wait for each other at the counter of that owner's events."""
    ranked = connection.execute(turns.OWNERS_BY_TURN[kind], {"now": now}).all()
    owners = [turn.owner for turn in ranked if turn.oldest is not None]  # all of the others' jobs are in work
    if connection.dialect.name == "postgresql":
        yield from ((turns.CLAIM_ALONE[kind], owner) for owner in owners)
    yield from ((turns.CLAIM[kind], owner) for owner in owners)


def _pictures_so_far(connection: Connection, job: AnyRow) -> Sequence[AnyRow]:
    """Of a job that has just been leased; before the first lease there can be none."""
    return () if job.attempt == 1 else connection.execute(assets.IMAGES, {"job_id": job.id}).all()


def extend(connection: Connection, lease: Lease, until: datetime, reached: float) -> bool:
    """Whether a cancel is requested. Raises `LeaseLost`, as every write under a lease."""
    return bool(_fenced(connection, statements.HEARTBEAT, lease, until=until, reached=reached))


def append(connection: Connection, lease: Lease, type: EventType, payload: dict[str, Any], now: datetime) -> JobEvent:
    """One line more in the job's log."""
    event = JobEvent(lease.job.id, _fenced(connection, statements.NEXT_SEQ, lease), type, payload, now)
    write_events(connection, lease.job.owner, event)
    return event


def add_image(connection: Connection, lease: Lease, image: ImageRecord, expected: bool, now: datetime) -> JobEvent:
    """The picture's event; a picture of the same index stays, and its event is returned. Raises `NotFound`."""
    event, is_new = _place_image(connection, lease, image, expected, now)
    if is_new:
        write_events(connection, lease.job.owner, event)
    return event


def _place_image(
    connection: Connection, lease: Lease, image: ImageRecord, expected: bool, now: datetime
) -> tuple[JobEvent, bool]:
    """The same, with a new event yet to be written, and whether it is new."""
    job_id = lease.job.id
    seq = _fenced(connection, statements.NEXT_SEQ, lease)
    image = image.model_copy(update={"asset_id": image.asset_id or new_picture_id()})
    if assets.INSERT_DRAWN.run(connection, pictures.drawn_row(lease.job, seq, image, now)):
        _claim_files(connection, image, expected)
        assets.INSERT_FILES.run(connection, *pictures.file_rows(image.asset_id, image.files))
        assets.INSERT_PARENTS.run(connection, *pictures.parent_rows(image))
        search.add(connection, drawn_entry(lease.job, image, now))
        payload = {"image": image.model_dump(mode="json")}
        return JobEvent(job_id, seq, EventType.IMAGE, payload, now), True
    connection.rollback()  # gives the event number back
    stored = connection.execute(statements.IMAGE_EVENT, {"job_id": job_id, "idx": image.index}).one()
    return rows.read_event(job_id, stored), False


def keep_output(connection: Connection, lease: Lease, output: StageOutput) -> None:
    """What a finished stage has left, in place of what stages before it did."""
    _fenced(connection, statements.HOLD, lease)
    outputs.write_output(connection, lease.job.id, output)


def end(connection: Connection, lease: Lease, status: JobStatus, failure: JobFailure | None, now: datetime) -> JobEvent:
    """The last event of the job."""
    event = _finish(connection, lease, status, failure, now)
    write_events(connection, lease.job.owner, event)
    return event


def _finish(
    connection: Connection, lease: Lease, status: JobStatus, failure: JobFailure | None, now: datetime
) -> JobEvent:
    """The same, yet to be written."""
    reason = None if failure is None else failure.model_dump_json()
    payload = {} if failure is None else failure.model_dump()
    ended = _fenced_row(connection, statements.END, lease, outcome=status.value, reason=reason, now=now)
    outputs.remove_outputs(connection, lease.job.id)
    if ended.is_charged:
        settle(connection, lease.job.id)
    return JobEvent(lease.job.id, ended.last_seq, _EVENT_OF[status], payload, now)


def complete(connection: Connection, lease: Lease, image: ImageRecord, now: datetime) -> tuple[JobEvent, JobEvent]:
    """The events of the last picture and of the job's end."""
    placed, is_new = _place_image(connection, lease, image, True, now)
    ended = _finish(connection, lease, JobStatus.COMPLETE, None, now)
    write_events(connection, lease.job.owner, *((placed, ended) if is_new else (ended,)))
    return placed, ended


def release(connection: Connection, lease: Lease) -> None:
    """Nobody works on the job any more."""
    _fenced(connection, statements.RELEASE, lease)


def put_off(connection: Connection, lease: Lease, until: datetime, payload: dict[str, Any], now: datetime) -> JobEvent:
    """Nobody works on the job any more, and nobody is to before then; the log says so."""
    event = append(connection, lease, EventType.STAGE, payload, now)
    _fenced(connection, statements.PUT_OFF, lease, until=until)
    return event


def request_cancel(connection: Connection, viewer: Viewer, job_id: str, now: datetime) -> Job:
    """The job as it then stands. Raises `NotFound` and `NotAllowed`."""
    whose = connection.execute(statements.WHOSE, {"job_id": job_id}).one_or_none()
    if whose is None or not viewer.sees(whose):
        raise not_found(job_id)
    viewer.check_change(whose, f"job {job_id}")
    row = connection.execute(statements.CANCEL, {"of_job": job_id, "now": now}).one_or_none()
    if row is not None and row.status == JobStatus.CANCELED:
        settle(connection, job_id)
        write_events(connection, whose.owner, JobEvent(job_id, row.last_seq, EventType.CANCELED, {}, now))
    return only_job(job_id, connection.execute(statements.JOB, {"job_id": job_id}).all())


def add_picture(connection: Connection, picture: UploadedPicture, now: datetime) -> None:
    """One uploaded picture more, which names its file."""
    assets.INSERT_UPLOADED.run(connection, pictures.uploaded_row(picture, now))
    assets.INSERT_FILES.run(connection, *pictures.file_rows(picture.id, (pictures.uploaded_file(picture),)))
    assets.INSERT_RIGHT.run(connection, pictures.right_of_upload(picture, now))
    connection.execute(assets.FORGET_LOOSE, {"file": picture.sha256})
    search.add(connection, uploaded_entry(picture, now))


def note_files(connection: Connection, files: Sequence[str], now: datetime) -> None:
    """Files that are about to be written, or were let go."""
    for sha256 in sorted(files):  # in one order: two who note the same ones wait for each other
        connection.execute(assets.NOTE_LOOSE, {"sha256": sha256, "now": now})


def remove_picture(
    connection: Connection, viewer: Viewer, picture_id: str, signature: Signature | None, now: datetime
) -> None:
    """One uploaded picture less; its file is loose. Raises `NotFound` and `NotAllowed`."""
    which = {"picture_id": picture_id}
    upload = connection.execute(assets.UPLOAD, which).one_or_none()
    if upload is None or not viewer.sees(upload):
        raise NotFound(f"There is no picture {picture_id}")
    viewer.check_change(upload, f"picture {picture_id}")
    search.uncount(connection, picture_id)
    if connection.execute(assets.REMOVE_UPLOAD, which).one_or_none() is None:  # somebody was faster
        raise NotFound(f"There is no picture {picture_id}")
    note_files(connection, [upload.sha256], now)
    told = {"owner": upload.owner, "space": upload.space}
    write_line(connection, signature, "picture.delete", ("pictures", picture_id), told, now)


def settle_file(connection: Connection, sha256: str, before: datetime, remove: Callable[[str], None]) -> None:
    """Remove a loose file, unless something names it. Nobody can bring an equal one meanwhile: that begins with a write
    to the row which this holds."""
    row = connection.execute(assets.SETTLE_LOOSE, {"file": sha256, "before": before}).one_or_none()
    if row is not None and not row.named:
        remove(sha256)


def keep_rates(connection: Connection, seconds: Mapping[str, float], now: datetime) -> None:
    """What was measured of each kind of work, over what was known of it."""
    for work, measured in sorted(seconds.items()):  # in one order: two who write the same rows wait for each other
        connection.execute(statements.KEEP_RATE, {"work": work, "seconds": measured, "now": now})


def only_job(job_id: str, found: Sequence[AnyRow]) -> Job:
    """The job that a query for one has found. Raises `NotFound`."""
    if not found:
        raise not_found(job_id)
    return rows.read_jobs(found)[0]


def seen_job(viewer: Viewer, job_id: str, found: Sequence[AnyRow]) -> Job:
    """The same, if it is there for `viewer`. Raises `NotFound`."""
    return only_job(job_id, found if found and viewer.sees(found[0]) else ())


def not_found(job_id: str) -> NotFound:
    return NotFound(f"There is no job {job_id}")


def _claim_key(connection: Connection, job: NewJob, idempotency: IdempotencyKey, now: datetime) -> str | None:
    """Take the key for `job`, or name the job that has it. Raises `IdempotencyConflict`."""
    claim = {
        "owner": job.owner,
        "key": idempotency.key,
        "body_sha256": idempotency.body_sha256,
        "job_id": job.id,
        "now": now,
        "expired": now - KEY_LIFETIME,
    }
    if connection.execute(statements.CLAIM_KEY, claim).one_or_none() is not None:
        return None
    held = {"owner": job.owner, "key": idempotency.key}
    return claimed_by(connection.execute(statements.CLAIMED_KEY, held).one(), idempotency)


def claimed_by(row: AnyRow, idempotency: IdempotencyKey) -> str:
    """The job of a key's row. Raises `IdempotencyConflict` when it came with another body."""
    if row.body_sha256 != idempotency.body_sha256:
        raise IdempotencyConflict(
            "This Idempotency-Key was used before with another body: use a new key", "Idempotency-Key"
        )
    return str(row.job_id)


def _claim_files(connection: Connection, image: ImageRecord, expected: bool) -> None:
    """They are loose no more. Raises `NotFound` where one was `expected` and has been swept: whoever sweeps holds its
    row until the file is gone."""
    for file in sorted({file.sha256 for file in image.files}):
        of_file = {"file": file}
        noted = connection.execute(assets.CLAIM_LOOSE, of_file).one_or_none() is not None
        if expected and not noted and connection.execute(assets.NAMED, of_file).one_or_none() is None:
            raise NotFound(f"a file of picture {image.index + 1} was swept before the picture was committed")


def _fenced(connection: Connection, statement: Update, lease: Lease, **values: Any) -> Any:
    """The first of what a write returns that is allowed only while `lease` holds. Raises `LeaseLost`."""
    return _fenced_row(connection, statement, lease, **values)[0]


def _fenced_row(connection: Connection, statement: Update, lease: Lease, **values: Any) -> AnyRow:
    holder = {"of_job": lease.job.id, "worker": lease.worker, "token": lease.token}
    row = connection.execute(statement, holder | values).one_or_none()
    if row is None:
        raise LeaseLost(f"Worker {lease.worker} no longer holds job {lease.job.id}: stop and discard")
    return row
