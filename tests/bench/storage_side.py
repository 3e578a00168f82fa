"""One side of `tests.bench.storage`: uses only calls that the job store has always had, on whichever tree it runs. Who
reads was an owner, and is a viewer now."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

from router.jobs.model import JobStatus
from router.jobs.sql import SqlJobStore
from tests.contract.job_samples import a_job, a_picture

try:
    from router.people.viewer import Viewer as reader
except ImportError:  # an older tree
    reader = str  # type: ignore[assignment, misc]

OWNERS = 20


async def _rate(count: int, work: Callable[[int], Awaitable[object]]) -> float:
    """Of `count` calls, eight at a time, per second."""
    room = asyncio.Semaphore(8)

    async def one(number: int) -> None:
        async with room:
            await work(number)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    return count / (time.perf_counter() - began)


async def _main(url: str, jobs: int) -> None:
    store = SqlJobStore(url)
    await store.open()

    async def claim(_: int) -> None:
        lease = await store.lease("worker", 3600)
        assert lease is not None
        leases.append(lease)

    leases: list = []  # type: ignore[type-arg]
    rates = {"submit": await _rate(jobs, lambda n: store.submit(a_job(n, f"owner-{n % OWNERS}")))}
    rates["claim"] = await _rate(jobs, claim)
    rates["picture"] = await _rate(jobs, lambda n: store.add_image(leases[n], a_picture(0)))
    rates["read"] = await _rate(jobs, lambda n: store.job(reader(leases[n].job.owner), leases[n].job.id))
    rates["end"] = await _rate(jobs, lambda n: store.end(leases[n], JobStatus.COMPLETE))
    await store.close()
    sys.stdout.write(json.dumps(rates))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
