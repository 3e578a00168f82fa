"""A conductor is killed with SIGKILL while it has drawings scored and chosen: the next one chooses the same ones, from
scores that it finds, and draws nothing again that was kept, or was scored and not chosen."""

from __future__ import annotations

import asyncio
import json
import signal
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from router.jobs.model import EventType, JobStatus
from tests.crashes.trial import Trial
from tests.crashes.worker import CHOOSING, work

pytestmark = pytest.mark.slow

_BEST_OF, _KEEP = 4, 2


@pytest.mark.parametrize(("boundary", "nth"), [(boundary, 1) for boundary in CHOOSING] + [("candidate noted", 3)])
def test_a_kill_changes_no_choice_and_has_no_score_measured_twice(
    boundary: str, nth: int, tmp_path: Path, processes: ForkServerContext
) -> None:
    trial = Trial(tmp_path)
    asyncio.run(trial.order(best_of=_BEST_OF, keep=_KEEP))
    killed = processes.Process(target=work, args=(str(tmp_path), boundary, nth, None))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    kept = {row[0] for row in trial.rows("SELECT idx FROM stage_outputs")}
    noted = {json.loads(str(row[0]))["candidate"] for row in trial.rows(_NOTED)}

    trial.let_lease_run_out()
    again = processes.Process(target=work, args=(str(tmp_path), "", 0, None))
    again.start()
    again.join(60)
    assert again.exitcode == 0
    job, log = asyncio.run(trial.job())
    assert job.status is JobStatus.COMPLETE, job.failure
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    scored = {e.payload["candidate"]: e.payload for e in log if e.type is EventType.CANDIDATE}
    assert sum(e.type is EventType.CANDIDATE for e in log) == len(scored) == _BEST_OF, "each once"
    best = sorted(scored, key=lambda number: (-scored[number]["scores"]["fidelity"], number))[:_KEEP]
    assert [e.payload["candidates"] for e in log if e.type is EventType.CHOSEN] == [best]
    assert [image.seed for image in job.images] == [scored[number]["seed"] for number in best]
    drawn = trial.finished()
    assert all(drawn[f"base {number}"] == 1 for number in kept | (noted - set(best)))


_NOTED = "SELECT payload FROM job_events WHERE type = 'job.candidate'"
