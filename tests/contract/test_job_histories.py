"""Random histories of calls: the real store answers each as the model in `job_model.py` does, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete

from configs.errors import AtelierError
from router.jobs.model import EventType, IdempotencyKey, JobFailure, JobStatus, Lease
from router.jobs.sql import SqlJobStore
from router.jobs.tables import jobs
from router.people.viewer import Viewer
from tests.contract.job_model import ModelLease, ModelStore
from tests.contract.job_samples import LEASE_SECONDS, Clock, JobDatabase, a_job, a_picture
from tests.short_form import examples

pytestmark = pytest.mark.slow

T = TypeVar("T")
EXAMPLES = 30
STEPS = 25
OWNERS = st.sampled_from(["ana", "ben", "eve"])
WORKERS = st.sampled_from(["worker-1", "worker-2"])
ENDS = st.sampled_from([JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELED])


class JobHistories(RuleBasedStateMachine):
    """Calls both stores with the same arguments; answers, errors and the job that was touched must agree."""

    def __init__(self, url: str, runner: asyncio.Runner) -> None:
        super().__init__()
        self._runner = runner
        self._clock = Clock()
        self._store = SqlJobStore(url, self._clock)
        self._model = ModelStore()
        self._leases: list[tuple[Lease, ModelLease]] = []
        self._touched = ""
        self._run(self._store.open())
        self._run(_clear(self._store))

    def teardown(self) -> None:
        for job_id in self._model.jobs:
            self._touched = job_id
            self.the_touched_job_is_as_the_model_says()
        self._run(self._store.close())

    @rule(owner=OWNERS, key=st.sampled_from([None, None, "k1", "k2"]), body=st.sampled_from(["b1", "b1", "b2"]))
    def submit(self, owner: str, key: str | None, body: str) -> None:
        new = a_job(len(self._model.jobs), owner)
        used = None if key is None else IdempotencyKey(key, body)
        real = self._answer(lambda: self._run(self._store.submit(new, used)))
        expected = self._answer(lambda: self._model.submit(new.id, owner, key, body))
        assert (real if isinstance(real, str) else (real[0].id, real[1])) == expected

    @rule(worker=WORKERS)
    def lease(self, worker: str) -> None:
        real = self._run(self._store.lease(worker, LEASE_SECONDS))
        expected = self._model.lease(worker)
        found = None if real is None else ModelLease(real.job.id, real.worker, real.token)
        assert found == expected
        if real is not None and expected is not None:
            self._leases.append((real, expected))
            self._touched = expected.job_id
            assert real.job == self._run(self._store.job(Viewer(real.job.owner), real.job.id))

    @rule(seconds=st.sampled_from([0.5, LEASE_SECONDS / 2, LEASE_SECONDS, 23 * 3600.0]))
    def wait(self, seconds: float) -> None:
        self._clock.advance(seconds)
        self._model.now += seconds

    @precondition(lambda self: self._leases)
    @rule(data=st.data(), progress=st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    def heartbeat(self, data: st.DataObject, progress: float) -> None:
        lease, shadow = self._pick(data)
        real = self._answer(lambda: self._run(self._store.heartbeat(lease, LEASE_SECONDS, progress)))
        assert real == self._answer(lambda: self._model.heartbeat(shadow, progress))

    @precondition(lambda self: self._leases)
    @rule(data=st.data())
    def append(self, data: st.DataObject) -> None:
        lease, shadow = self._pick(data)
        real = self._answer(lambda: self._run(self._store.append(lease, EventType.STAGE, {})).seq)
        assert real == self._answer(lambda: self._model.append(shadow))

    @precondition(lambda self: self._leases)
    @rule(data=st.data(), index=st.integers(0, 2), seed=st.integers(0, 9))
    def add_image(self, data: st.DataObject, index: int, seed: int) -> None:
        lease, shadow = self._pick(data)
        real = self._answer(lambda: self._run(self._store.add_image(lease, a_picture(index, seed))) and None)
        assert real == self._answer(lambda: self._model.add_image(shadow, index, seed))

    @precondition(lambda self: self._leases)
    @rule(data=st.data(), status=ENDS)
    def end(self, data: st.DataObject, status: JobStatus) -> None:
        lease, shadow = self._pick(data)
        failure = JobFailure(code="x", message="y") if status is JobStatus.FAILED else None
        real = self._answer(lambda: self._run(self._store.end(lease, status, failure)) and None)
        assert real == self._answer(lambda: self._model.end(shadow, status))

    @precondition(lambda self: self._leases)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        lease, shadow = self._pick(data)
        real = self._answer(lambda: self._run(self._store.release(lease)))
        assert real == self._answer(lambda: self._model.release(shadow))

    @precondition(lambda self: self._model.jobs)
    @rule(data=st.data())
    def request_cancel(self, data: st.DataObject) -> None:
        self._touched = data.draw(st.sampled_from(sorted(self._model.jobs)))
        real = self._run(self._store.request_cancel(Viewer(self._model.jobs[self._touched].owner), self._touched))
        self._model.request_cancel(self._touched)
        assert real.status is self._model.jobs[self._touched].status

    @invariant()
    def the_touched_job_is_as_the_model_says(self) -> None:
        if not self._touched:
            return
        expected = self._model.jobs[self._touched]
        job = self._run(self._store.job(Viewer(expected.owner), expected.id))
        assert (job.status, job.progress, job.attempt) == (expected.status, expected.progress, expected.attempt)
        assert job.cancel_requested == expected.cancel_requested
        assert {image.index: image.seed for image in job.images} == expected.seeds
        log = self._run(self._store.events(Viewer(expected.owner), expected.id))
        assert [(event.seq, event.type) for event in log] == list(enumerate(expected.events, start=1))
        assert self._run(self._store.backlog(job.owner)).own_jobs == self._model.unfinished(job.owner)

    def _pick(self, data: st.DataObject) -> tuple[Lease, ModelLease]:
        pair = data.draw(st.sampled_from(self._leases))
        self._touched = pair[1].job_id
        return pair

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    @staticmethod
    def _answer(call: Callable[[], T]) -> T | str:
        """What a call returns, or the name of its error."""
        try:
            return call()
        except AtelierError as error:
            return type(error).__name__


async def _clear(store: SqlJobStore) -> None:
    await store._database.write(lambda connection: connection.execute(delete(jobs)))


def test_every_history_of_calls_ends_as_the_model_says(database: JobDatabase) -> None:
    limits = settings(
        max_examples=examples(EXAMPLES),
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    with asyncio.Runner() as runner:
        run_state_machine_as_test(lambda: JobHistories(database.url, runner), settings=limits)  # type: ignore[arg-type]
