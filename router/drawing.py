"""The message that asks a replica for one picture of a job: pure, so that every field of it can be tested."""

from __future__ import annotations

from datetime import datetime

from configs.errors import DeadlineMissed
from configs.schema import StepCacheConfig
from deployments.messages import GenerateRequest, StepCache
from router.jobs.model import Job
from router.pictures.fitting import NO_INPUTS, Inputs
from router.plan import Plan

_SECONDS_PER_PREVIEW = 1.5  # a preview costs about 60 ms on a laptop: 4 % of this
_MOST_PREVIEWS = 3


def draw_request(job: Job, index: int, now: datetime, inputs: Inputs = NO_INPUTS) -> GenerateRequest:
    """What picture `index` of `job` is drawn from, `inputs` being its plan's pictures.

    Raises DeadlineMissed when the job's deadline leaves no time.
    """
    plan, base = job.plan, job.plan.base
    return GenerateRequest(
        request_id=f"{job.id}/{index}",
        prompt=base.full_prompt,
        negative_prompt=base.negative_prompt,
        width=base.size.width,
        height=base.size.height,
        seed=plan.seeds[index],
        num_inference_steps=base.num_inference_steps,
        guidance_scale=base.guidance_scale,
        previews=count_previews(base.estimated_seconds),
        loras=base.loras,
        image=inputs.image,
        mask=inputs.mask,
        strength=1.0 if base.strength is None else base.strength,
        references=inputs.references,
        controls=inputs.controls,
        image_prompts=inputs.image_prompts,
        step_cache=step_cache_message(base.step_cache),
        deadline_seconds=_time_left(plan, (now - job.created_at).total_seconds()),
    )


def count_previews(seconds: float) -> int:
    """How many previews a picture that is drawn in `seconds` is worth: none while waiting is short, then up to three,
    which the engine spreads evenly."""
    return min(_MOST_PREVIEWS, int(seconds / _SECONDS_PER_PREVIEW))


def step_cache_message(config: StepCacheConfig | None) -> StepCache | None:
    """The plan's rule as it crosses to replicas and into recipes."""
    return None if config is None else StepCache(config.threshold, config.skip)


def _time_left(plan: Plan, waited: float) -> float | None:
    """Seconds for the drawing alone, or None without a deadline: what comes after it needs its time, too."""
    if plan.deadline_seconds is None:
        return None
    after = plan.finish.estimated_seconds + (plan.upscale.estimated_seconds if plan.upscale else 0.0)
    left = plan.deadline_seconds - waited - after
    if left <= 0:
        raise DeadlineMissed(f"the deadline of {plan.deadline_seconds:g} s leaves no time to draw", "deadline_seconds")
    return left
