"""How often each move of a job goes to the database: rates fall when this grows, whatever the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from configs.quotas import Quotas
from router.jobs.model import IdempotencyKey, JobStatus
from router.jobs.sql import SqlJobStore
from router.people.quotas.model import Claim
from router.people.viewer import Viewer
from tests.contract.job_samples import LEASE_SECONDS, a_job, a_picture


@contextmanager
def counted() -> Iterator[list[str]]:
    """Statements that any engine executes meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def statements(work: Awaitable[object]) -> tuple[Any, int]:
    with counted() as said:
        return await work, len(said)


async def count_statements(store: SqlJobStore) -> dict[str, int]:
    await store.open()
    taken: dict[str, int] = {}
    _, taken["submit"] = await statements(store.submit(a_job(1)))
    _, taken["submit with a key"] = await statements(store.submit(a_job(2), IdempotencyKey("key", "hash")))
    claim = Claim("ana", "home", None, Quotas())
    _, taken["submit where nobody is limited"] = await statements(store.submit_within(a_job(3), None, claim))
    lease, taken["claim"] = await statements(store.lease("worker", LEASE_SECONDS))
    _, taken["picture"] = await statements(store.add_image(lease, a_picture(0)))
    _, taken["read"] = await statements(store.job(Viewer(lease.job.owner), lease.job.id))
    await store.release(lease)
    again, taken["claim again"] = await statements(store.lease("worker", LEASE_SECONDS))
    assert len(again.job.images) == 1
    _, taken["end"] = await statements(store.end(again, JobStatus.COMPLETE))
    await store.close()
    return taken


def test_each_move_takes_as_few_statements_as_it_writes_kinds_of_rows(tmp_path: Path) -> None:
    taken = asyncio.run(count_statements(SqlJobStore(f"sqlite:///{tmp_path}/jobs.db")))
    assert taken == {
        "submit": 3,  # the job, its first event, and which of its owner's this is
        "submit with a key": 4,
        "submit where nobody is limited": 3,  # the first says that, too
        "claim": 4,  # whose turn it is, the lease, its event with its number
        "claim again": 5,  # and the pictures that are there
        "picture": 8,  # the fence, the picture, that its files are no longer loose, its files, what it is found by and
        # counted under, its event with its number
        "read": 1,
        "end": 4,  # its state, what its stages left, its event with its number
    }
