"""What a replica is asked for: LoRAs, step cache, previews and the time that a deadline leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from configs.contracts import StepCacheConfig
from configs.errors import DeadlineMissed
from configs.schema import AppliedLora
from deployments.messages import GenerateRequest, Inputs, StepCache
from deployments.stages.base import count_previews, draw_request
from deployments.stages.kind import Work
from router.deadlines import seconds_left
from router.jobs.model import Job
from router.jobs.rows import accepted_job
from router.plan import Plan
from router.recipes import write_recipe
from tests.contract.job_samples import Clock, a_job

NOW = Clock().now


def job_with(base: dict[str, object] | None = None, **plan: object) -> Job:
    new = a_job(1)
    assert isinstance(new.plan, Plan)
    drawing, *others = new.plan.stages
    changed = new.plan.model_copy(update={"stages": (drawing.model_copy(update=base or {}), *others), **plan})
    job = accepted_job(new, NOW)
    return Job(**{**{name: getattr(job, name) for name in Job.__slots__}, "stored_plan": changed})


def asked(job: Job, now: datetime = NOW) -> GenerateRequest:
    """What a replica is asked for the first picture of `job` at `now`."""
    recipe = write_recipe(job, 0, "weights")
    return draw_request(job.plan.base, Work(f"{job.id}/0", 0, recipe, Inputs(), seconds_left=seconds_left(job, 0, now)))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "previews"), [(0.0, 0), (0.34, 0), (1.49, 0), (1.5, 1), (3.1, 2), (4.5, 3), (60.0, 3), (1e9, 3)]
)
def test_previews_are_drawn_where_waiting_is_worth_them(seconds: float, previews: int) -> None:
    assert count_previews(seconds) == previews
    assert asked(job_with({"estimated_seconds": seconds})).previews == previews


def test_only_the_loras_that_are_not_fused_go_with_the_request() -> None:
    fused, asked_for = (AppliedLora(lora=id, strength=0.5) for id in ("fused", "asked_for"))
    assert asked(job_with({"fused": (fused,), "loras": (asked_for,)})).loras == (asked_for,)


@pytest.mark.parametrize(
    ("config", "cache"),
    [
        (None, None),
        (StepCacheConfig(threshold=0.1), StepCache(threshold=0.1)),
        (StepCacheConfig(skip=(3, 5)), StepCache(skip=(3, 5))),
    ],
)
def test_the_step_cache_of_the_plan_goes_with_the_request_and_into_the_recipe(
    config: StepCacheConfig | None, cache: StepCache | None
) -> None:
    job = job_with({"step_cache": config})
    assert asked(job).step_cache == cache
    assert write_recipe(job, 0, "weights").step_cache == cache


def test_a_deadline_leaves_what_waiting_and_later_stages_do_not_need() -> None:
    job = job_with(deadline_seconds=10.0)  # finishing is estimated at half a second
    assert asked(job).deadline_seconds == 9.5
    assert asked(job, later(4)).deadline_seconds == 5.5
    assert asked(job_with(), later(1e6)).deadline_seconds is None


def test_a_deadline_that_has_passed_is_not_sent_to_a_replica() -> None:
    with pytest.raises(DeadlineMissed, match="the deadline of 10 s leaves no time to draw"):
        asked(job_with(deadline_seconds=10.0), later(9.5))
