"""A request that draws a finished picture again: what its job asked for, with what was settled of that said. Pure."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from configs.catalog import Installation
from configs.entries import ASSET_TYPES, BRAND_KITS
from router.experiments.overlay import lay_over
from router.iterating.orders import NO_CHOICE
from router.job_request import JobRequest
from router.jobs.model import Job
from router.plan import Plan

_LONGEST_NEGATIVE = 2000  # that a request may have


def replay(job: Job, seed: int, installation: Installation) -> JobRequest | None:
    """One picture of `job`, from `seed`. What may be otherwise by tomorrow is named: model, versions of asset type and
    brand kit, steps, guidance, sampler, negative prompt, and what an arm had laid over it. None where this release
    cannot read the job."""
    plan = job.readable_plan
    try:
        asked = JobRequest.model_validate(job.request)
    except ValidationError:
        return None
    if plan is None:
        return None
    drawn = asked if plan.routed is None else lay_over(asked, plan.routed.overlay)
    one = {**NO_CHOICE, "num_variations": 1, "seed": seed, "deadline_seconds": None}
    return drawn.model_copy(update={**one, **_versions(plan), **_settled(plan, installation)})


def _versions(plan: Plan) -> dict[str, Any]:
    """Of what the library has: as ID@VERSION."""
    fields = {ASSET_TYPES: "asset_type", BRAND_KITS: "brand_kit"}
    return {fields[pin.kind]: str(pin) for pin in plan.entries if pin.kind in fields}


def _settled(plan: Plan, installation: Installation) -> dict[str, Any]:
    """What its model takes of a request, and was drawn with."""
    base = plan.base
    said: dict[str, Any] = {"model": base.model, "quality": plan.quality}
    can = installation.capabilities.get(base.model)
    if can is None:  # it is gone: whoever orders it is told so
        return said
    said |= {"num_inference_steps": base.num_inference_steps, "sampler": base.sampler, "schedule": base.schedule}
    if can.guidance != "none":
        said["guidance_scale"] = base.guidance_scale
    if can.negative_prompt and len(base.negative_prompt) <= _LONGEST_NEGATIVE:
        said["negative_prompt"] = base.negative_prompt
    return said if base.strength is None else said | {"strength": base.strength}
