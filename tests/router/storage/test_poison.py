"""One document that nobody can read: its job fails alone, is listed, and the queue goes on."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import text

from router.jobs.model import EventType, JobStatus
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased
from tests.router.storage.test_migration import connected

pytestmark = pytest.mark.slow

POISONS = {
    "not JSON": "{",
    "of another shape": '{"unheard": "of"}',
    "a list": "[1, 2]",
    "a number": "7",
    "of a version that is none": '{"document_version": "new"}',
}
DOCUMENTS = {
    "plan": ("jobs", "id", "job_00000001"),
    "request": ("jobs", "id", "job_00000001"),
    "licence": ("jobs", "id", "job_00000001"),
    "failure": ("jobs", "id", "job_00000001"),
    "payload": ("job_events", "job_id", "job_00000001"),
    "licence of picture": ("assets", "job_id", "job_00000001"),
    "notes of picture": ("assets", "job_id", "job_00000001"),
    "seconds of picture": ("assets", "job_id", "job_00000001"),
}
STATES = ["queued", "processing", "lost", "complete", "failed", "canceled"]
PLACES = [
    (document, state, [*POISONS][(row + column) % len(POISONS)])
    for (row, document), (column, state) in product(enumerate(DOCUMENTS), enumerate(STATES))
]
"""Every document in every state, each with one poison: any document and any state meet all of them."""


@pytest.fixture
def database(current_database: JobDatabase) -> JobDatabase:
    return current_database


async def _bring_to(database: JobDatabase, state: str) -> None:
    """A job of `state`, with a picture where it has begun, and one of somebody else behind it."""
    async with database.store() as store:
        await store.submit(a_job(1))
        if state not in ("queued", "canceled"):
            lease = await leased(store)
            await store.add_image(lease, a_picture(0))
            if state == "complete":
                await store.end(lease, JobStatus.COMPLETE)
        if state == "canceled":
            await store.request_cancel(Viewer("ana"), a_job(1).id)
        await store.submit(a_job(2, "ben"))
    if state == "lost":
        database.clock.advance(3600)


@pytest.mark.parametrize(("document", "state", "poison"), PLACES)
async def test_a_document_that_cannot_be_read_stops_nobody_else(
    database: JobDatabase, document: str, state: str, poison: str
) -> None:
    await _bring_to(database, state)
    table, key, row = DOCUMENTS[document]
    column = document.partition(" ")[0]
    with connected(database.url) as connection:
        statement = f"UPDATE {table} SET {column} = :poison WHERE {key} = :row"
        connection.execute(text(statement), {"poison": POISONS[poison], "row": row})
    async with database.store() as store:
        seen = set()
        while (lease := await store.lease("worker-2", 30)) is not None:
            seen.add(lease.job.id)
            assert lease.job.plan.prompt
            await store.end(lease, JobStatus.COMPLETE)
        assert a_job(2).id in seen, "the queue goes on"
        (job,) = await store.jobs(Viewer("ana"))
        log = await store.events(Viewer("ana"), job.id)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        if document == "plan" and state in ("queued", "lost"):
            assert job.status is JobStatus.FAILED
            assert job.failure is not None
            assert job.failure.code == "unreadable_plan"
            assert log[-1].type is EventType.FAILED
        elif state in ("queued", "lost"):
            assert job.status is JobStatus.COMPLETE


@pytest.mark.parametrize("document", ["licence", "licence of picture"])
async def test_a_verdict_that_cannot_be_read_allows_nothing(database: JobDatabase, document: str) -> None:
    await _bring_to(database, "complete")
    table, key, row = DOCUMENTS[document]
    with connected(database.url) as connection:
        connection.execute(text(f"UPDATE {table} SET licence = '{{}}' WHERE {key} = :row"), {"row": row})
    async with database.store() as store:
        (job,) = await store.jobs(Viewer("ana"))
        verdict = job.licence if document == "licence" else job.images[0].licence
        assert (verdict.reference, verdict.internal, verdict.product) == ("refused",) * 3


async def test_a_plan_of_a_newer_version_is_left_to_workers_that_know_it(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        await store.submit(a_job(2, "ben"))
        with connected(database.url) as connection:
            connection.execute(text("UPDATE jobs SET plan_version = 99, plan = '{}' WHERE id = 'job_00000001'"))
        assert (await leased(store)).job.id == a_job(2).id
        assert await store.lease("worker-2", 30) is None
        assert (await store.job(Viewer("ana"), a_job(1).id)).status is JobStatus.QUEUED


async def test_an_event_of_a_type_that_is_not_known_keeps_its_number(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.append(lease, EventType.STAGE, {"stage": "base"})
        with connected(database.url) as connection:
            connection.execute(text("UPDATE job_events SET type = 'job.voted' WHERE seq = 3"))
        await store.end(lease, JobStatus.COMPLETE)
        log = await store.events(Viewer("ana"), a_job(1).id)
        assert [event.seq for event in log] == [1, 2, 3, 4]
        assert (log[2].type, log[2].payload) == (EventType.OTHER, {"type": "job.voted"})
