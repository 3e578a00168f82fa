"""What child processes of the fault tests do: submit or work until killed, and report each step once it is durable."""

from __future__ import annotations

import asyncio
import os
from itertools import count
from multiprocessing.connection import Connection

from router.jobs.model import IdempotencyKey, JobStatus
from router.jobs.sql import SqlJobStore
from tests.contract.job_samples import a_job


def submit_forever(url: str, start: int, accepted: Connection) -> None:
    """Submit jobs numbered from `start`, several at a time; send each id after `submit` has returned."""
    asyncio.run(_submit_forever(url, start, accepted))


def work_until_done(url: str, ended: Connection) -> None:
    """Lease and complete jobs until there are none; send the ids of those ended, then close."""
    asyncio.run(_work_until_done(url, ended))


async def _submit_forever(url: str, start: int, accepted: Connection) -> None:
    store = SqlJobStore(url)
    await store.open()
    numbers = count(start)

    async def submit_in_turn() -> None:
        for number in numbers:
            job, _ = await store.submit(a_job(number), IdempotencyKey(f"key-{number}", "hash"))
            accepted.send(job.id)

    await asyncio.gather(*(submit_in_turn() for _ in range(3)))


async def _work_until_done(url: str, ended: Connection) -> None:
    store = SqlJobStore(url)
    await store.open()
    while (lease := await store.lease(f"worker-{os.getpid()}", 60)) is not None:
        await store.end(lease, JobStatus.COMPLETE)
        ended.send(lease.job.id)
    await store.close()
    ended.close()
