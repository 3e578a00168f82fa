"""`python -m tests.bench.quotas`: what counting costs when a job is accepted, and ends, beside not counting.

All sides take turns job by job, in one process, on a new SQLite file and a new database of a PostgreSQL that writes
through to the disk: without a claim, with one where nothing is limited, and with limits of a user, a space and a key.
What counts is the fastest quarter of each side: on a machine with other work the rest waits for a processor.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from configs.quotas import Quota, Quotas
from router.jobs.model import JobStatus
from router.jobs.sql import SqlJobStore
from router.people.quotas.model import Claim
from tests.contract.job_samples import a_job
from tests.postgres import running_postgres

LIMIT = Quota(jobs_in_flight=10**6, pictures_per_day=10**8, device_seconds_per_day=1e8)
SIDES = {
    "not counted": None,
    "no limit": Claim("ana", "home", None, Quotas()),
    "user": Claim("ana", "home", None, Quotas(user=LIMIT)),
    "user, space, key": Claim("ana", "home", "k1", Quotas(user=LIMIT, space=LIMIT, key=LIMIT)),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quotas", description=__doc__)
    parser.add_argument("--jobs", type=int, default=300, help="per side")
    jobs = parser.parse_args().jobs
    with running_postgres(fsync=True) as server, tempfile.TemporaryDirectory() as folder:
        for engine, url in (("sqlite", f"sqlite:///{folder}/jobs.db"), ("postgresql", server.create_database())):
            Console().print(_table(engine, asyncio.run(_measure(url, jobs))))


async def _measure(url: str, jobs: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of each call, by side."""
    store = SqlJobStore(url)
    await store.open()
    took: dict[str, dict[str, list[float]]] = {side: {"accept": [], "end": []} for side in SIDES}
    try:
        for number in range(jobs):
            for place, (side, claim) in enumerate(SIDES.items()):
                job = a_job(number * len(SIDES) + place)
                began = time.perf_counter()
                await store.submit_within(job, None, claim)
                took[side]["accept"].append(1000 * (time.perf_counter() - began))
                lease = await store.lease("worker", 3600)
                assert lease is not None
                assert lease.job.id == job.id
                began = time.perf_counter()
                await store.end(lease, JobStatus.COMPLETE)
                took[side]["end"].append(1000 * (time.perf_counter() - began))
    finally:
        await store.close()
    return took


def _table(engine: str, took: dict[str, dict[str, list[float]]]) -> Table:
    where = f"{platform.node()}, {os.cpu_count()} cores, {datetime.now(UTC):%Y-%m-%d}"
    table = Table("side", "accept", "more", "ratio", "end", "more", "ratio", title=f"{engine} ({where})")
    first = {name: _fast(values) for name, values in took["not counted"].items()}
    for side, calls in took.items():
        cells = []
        for name, values in calls.items():
            fast = _fast(values)
            cells += [f"{fast:.2f} ms", f"{fast - first[name]:+.2f} ms", f"{fast / first[name]:.2f}"]
        table.add_row(side, *cells)
    return table


def _fast(values: list[float]) -> float:
    return statistics.mean(sorted(values)[: max(1, len(values) // 4)])


if __name__ == "__main__":
    main()
