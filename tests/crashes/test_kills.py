"""A conductor is killed with SIGKILL at a boundary of a stage, or at any moment: the next one ends its job with every
picture and every file, draws nothing again that was kept, and leaves no file that nothing names.

A dozen kills by default, one at each boundary and some at random moments; `make crashes` kills three hundred times.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from router.jobs.model import EventType, Job, JobEvent, JobStatus
from tests.crashes.trial import Trial
from tests.crashes.worker import BOUNDARIES, work

pytestmark = pytest.mark.slow

TRIALS = int(os.environ.get("CRASH_TRIALS", "12"))
_PICTURES = 2
_TIMED = 0.2  # of all trials: at a random moment and not at a boundary
_LONGEST_MS = 900


@pytest.fixture(scope="module")
def counts() -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()
    yield counted
    print("\n" + ", ".join(f"{name}: {count}" for name, count in sorted(counted.items())))  # noqa: T201


def plan(number: int) -> tuple[str, int, int | None]:
    """Where trial `number` kills: a boundary and which time it is come to, or a moment in milliseconds."""
    chosen = random.Random(number)
    if number >= len(BOUNDARIES) and chosen.random() < _TIMED or len(BOUNDARIES) > TRIALS and number % 6 == 5:
        return "", 0, chosen.randrange(1, _LONGEST_MS)
    every = len(BOUNDARIES) / min(TRIALS, len(BOUNDARIES))
    return BOUNDARIES[int(number * every) % len(BOUNDARIES)], 1 + number // len(BOUNDARIES) % _PICTURES, None


@pytest.mark.parametrize("number", range(TRIALS))
def test_a_kill_loses_nothing_and_has_nothing_done_twice_that_was_kept(
    number: int, tmp_path: Path, processes: ForkServerContext, counts: Counter[str]
) -> None:
    trial = Trial(tmp_path)
    asyncio.run(trial.order(num_variations=_PICTURES))
    boundary, nth, moment = plan(number)
    killed = processes.Process(target=work, args=(str(tmp_path), boundary, nth, moment))
    killed.start()
    killed.join(60)
    assert killed.exitcode in (-signal.SIGKILL, 0)
    counts["killed at a boundary" if moment is None else "killed at a moment"] += killed.exitcode != 0
    counts["over before the kill"] += killed.exitcode == 0
    before, kept = trial.finished(), {row[0] for row in trial.rows("SELECT idx FROM stage_outputs")}
    committed = {row[0] for row in trial.rows("SELECT idx FROM assets")}
    enlarged = {row[0] for row in trial.rows("SELECT idx FROM stage_outputs WHERE kind = 'upscale'")}

    trial.let_lease_run_out()
    again = processes.Process(target=work, args=(str(tmp_path), "", 0, None))
    again.start()
    again.join(60)
    assert again.exitcode == 0
    job, log = asyncio.run(trial.job())
    check_job(job, log)
    after = trial.finished()
    for index in kept | committed:
        assert after[f"base {index}"] == before[f"base {index}"] == 1, "drawn again although it was kept"
    again_enlarged = after["upscale"] - _PICTURES
    assert again_enlarged <= _PICTURES - len(enlarged | committed)
    counts["drawn again, killed before it was kept"] += sum(after.values()) - after["upscale"] - _PICTURES
    counts["enlarged again, killed before it was kept"] += again_enlarged
    check_files(trial, job, counts)


def check_job(job: Job, log: tuple[JobEvent, ...]) -> None:
    """It is complete, and its log has each picture once and no gap."""
    assert job.status is JobStatus.COMPLETE, job.failure
    assert [image.index for image in job.images] == list(range(_PICTURES))
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert [event.type for event in log].count(EventType.IMAGE) == _PICTURES
    assert log[-1].type is EventType.COMPLETE


def check_files(trial: Trial, job: Job, counts: Counter[str]) -> None:
    """Each file of each picture is there and whole; after the sweep, no other is."""
    named = {file.sha256: file.size_bytes for image in job.images for file in image.files}
    assert len(named) == 2 * _PICTURES
    before = trial.stored()
    asyncio.run(trial.sweep())
    stored = trial.stored()
    assert stored.keys() == named.keys()
    counts["files swept"] += len(before) - len(stored)
    for sha256, file in stored.items():
        data = file.read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (sha256, named[sha256])
    assert trial.rows("SELECT count(*) FROM loose_files") == [(0,)]
    assert trial.rows("SELECT count(*) FROM stage_outputs") == [(0,)]
