"""Forty jobs of all types and qualities, pipelined over their stages, beside the same stage by stage.

`python -m tests.bench.stage_mix` draws both in one process, with the replicas that the cluster has, and prints the
ratio. Pipelined is the conductor: a picture goes on as soon as its stage is done. Stage by stage, all pictures are
drawn, then all refined, then all enlarged, and so on: each stage has all of its work at once, and waits for the slowest
picture of the one before.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from itertools import cycle, islice, product
from pathlib import Path

from rich.console import Console
from rich.table import Table

from configs.service import Limits
from deployments.messages import Done, Inputs
from deployments.stages.kind import Stage, Work
from router.conductor import Conductor
from router.job_request import JobRequest
from router.jobs.model import Job
from router.people.viewer import Viewer
from router.recipes import write_recipe
from router.stage_table import STAGES, kind_of
from router.studio import Studio
from router.submission import submit
from tests.real_studio import real_studio

_SUBJECTS = ("a red bicycle", "a blue cup", "a green tree", "a yellow fish", "an orange house")
_QUALITIES = ("draft", "standard", "high")


def requests(count: int) -> list[JobRequest]:
    """A mix of asset types, qualities and subjects, one picture each."""
    kinds = ("icon", "product_illustration", "logo_illustration", "premium_illustration")
    mixed = islice(cycle(product(_QUALITIES, _SUBJECTS, kinds)), count)
    return [
        JobRequest(prompt=subject, asset_type=kind, quality=quality, seed=number)
        for number, (quality, subject, kind) in enumerate(mixed)
    ]


async def pipelined(studio: Studio, wanted: Sequence[JobRequest]) -> float:
    """Seconds until the conductor has all of them done."""
    conductor = Conductor(studio)
    conductor.start()
    began = time.monotonic()
    try:
        jobs = [(await submit(studio, Viewer("bench"), request, None)).job.id for request in wanted]
        conductor.wake()
        for job_id in jobs:
            while not (job := await studio.store.job(Viewer("bench"), job_id)).status.ended:
                await asyncio.sleep(0.05)
            assert job.status == "complete", job.failure
        return time.monotonic() - began
    finally:
        await conductor.stop()


async def stage_by_stage(studio: Studio, wanted: Sequence[JobRequest]) -> float:
    """Seconds for the same pictures, every stage for all of them before the next."""
    began = time.monotonic()
    jobs = [(await submit(studio, Viewer("bench"), request, None)).job for request in wanted]
    reached: dict[str, Done] = {job.id: Done(0.0) for job in jobs}
    for kind in STAGES:
        due = [(job, stage) for job in jobs for stage in job.plan.stages if stage.kind == kind.name]
        ends = await asyncio.gather(*(_run(studio, job, stage, reached[job.id]) for job, stage in due))
        reached |= {job.id: end for (job, _), end in zip(due, ends, strict=True)}
    assert all(end.files for end in reached.values())
    return time.monotonic() - began


async def _run(studio: Studio, job: Job, stage: Stage, before: Done) -> Done:
    recipe = write_recipe(job, 0, before.weights)
    work = Work(f"{job.id}/0", job.plan.seeds[0], recipe, Inputs(), before.picture)
    messages = studio.replicas.run(stage.deployment, kind_of(stage).message(stage, work), before.picture)
    async with aclosing(messages):
        async for message in messages:
            if isinstance(message, Done):  # what only measures leaves no picture
                picture, weights = message.picture or before.picture, message.weights or before.weights
                return replace(message, picture=picture, weights=weights)
    raise RuntimeError(f"{stage.kind} ended without an answer")


async def measure(count: int, rounds: int) -> list[tuple[float, float]]:
    """Seconds of both sides, a pair a round, each round in the other order."""
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        studio = real_studio(Path(folder), limits=Limits(max_queued_jobs_per_owner=10**6))
        await studio.store.open()
        await stage_by_stage(studio, requests(4))  # warm
        for number in range(rounds):
            sides = {}
            for side in (pipelined, stage_by_stage)[:: 1 if number % 2 == 0 else -1]:
                sides[side.__name__] = await side(studio, requests(count))
            pairs.append((sides["pipelined"], sides["stage_by_stage"]))
        await studio.store.close()
    return pairs


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=40)
    options.add_argument("--rounds", type=int, default=2)
    chosen = options.parse_args()
    pairs = asyncio.run(measure(chosen.jobs, chosen.rounds))
    table = Table(title=f"{chosen.jobs} jobs, {platform.machine()}, {os.cpu_count()} cores, {date.today()}")
    for column in ("pipelined", "stage by stage", "stage by stage ÷ pipelined"):
        table.add_column(column, justify="right")
    for together, apart in pairs:
        table.add_row(f"{together:.1f} s", f"{apart:.1f} s", f"{apart / together:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
