"""The recipe of a picture, from its job: what its files carry so that it can be made again."""

from __future__ import annotations

from typing import Any

from configs.environment import Environment
from configs.inputs import map_images
from configs.schema import AppliedLora
from configs.semver import FIRST
from configs.version import VERSION
from deployments.messages import NamedImage, Recipe
from deployments.stages.base import step_cache_message
from deployments.stages.kind import Stage
from deployments.stages.upscale import UpscaleStage
from router.jobs.model import Job
from router.plan import Replayed

_FIELDS_OF_THEIR_OWN = ("base", "upscale")
_OF_THE_FILES = frozenset({"size", "sizes", "formats", "ground"})  # and not of the picture


def write_recipe(
    job: Job,
    index: int,
    weights: str,
    scores: dict[str, float] | None = None,
    seed: int | None = None,
    environment: Environment | None = None,
) -> Recipe:
    """The recipe of picture `index` of `job`, from `seed` where it was chosen; `weights` is the content hash of the
    model's weights, `scores` are what was measured so far, and `environment` is what it was drawn in.

    A replay's is that of the picture which it draws again, as far as this is not drawn: so equal pictures are equal
    files. Nothing in it changes from one attempt to the next, so that a picture drawn twice gives the same bytes.
    """
    plan, upscale = job.plan, job.plan.find(UpscaleStage)
    named = named_by(job, index)
    return Recipe(
        atelier=VERSION,
        job_id=named.job_id,
        index=named.index,
        model=plan.base.model,
        weights=weights,
        loras=tuple(_as_ever(lora, plan.version_of(lora)) for lora in plan.base.all_loras),
        asset_type=plan.asset_type,
        quality=plan.quality,
        prompt=plan.prompt,
        full_prompt=plan.base.full_prompt,
        negative_prompt=plan.base.negative_prompt,
        seed=plan.seeds[index] if seed is None else seed,
        num_inference_steps=plan.base.num_inference_steps,
        guidance_scale=plan.base.guidance_scale,
        base_size=str(plan.base.size),
        upscaler=None if upscale is None else upscale.upscaler,
        size=str(plan.size),
        licence=named.licence,
        created_at=named.created_at,
        step_cache=step_cache_message(plan.base.step_cache),
        inputs=map_images(plan.base.inputs, lambda one: NamedImage(picture=one.picture, sha256=one.sha256)),
        strength=plan.base.strength,
        sampler=plan.base.sampler,
        schedule=plan.base.schedule,
        entries=tuple(one for one in plan.entries if one.stored or one.version != FIRST),
        scores=scores or {},
        near=plan.base.near,
        origin=named.origin,
        environment=environment,
        private=plan.private,
        stages=tuple(told for stage in plan.stages if (told := _told(stage))),
    )


def named_by(job: Job, index: int) -> Replayed:
    """What a recipe says of the job of its picture: of a replay, that of the picture before."""
    if job.plan.replayed is not None:
        return job.plan.replayed
    licence = ", ".join(job.licence.licences)
    return Replayed(
        job_id=job.id, index=index, licence=licence, created_at=job.created_at.isoformat(), origin=job.plan.origin
    )


def _as_ever(lora: AppliedLora, version: str) -> AppliedLora:
    """A LoRA in its version; without the one that all had before there were others, so that the same picture is the
    same bytes."""
    is_first = version == FIRST and not lora.entry
    return lora.model_copy(update={"version": "" if is_first else version})


def _told(stage: Stage) -> dict[str, Any]:
    """What a stage does to the picture; not where, nor how long it was thought to take. Nothing where the recipe has
    fields for it, or where files are only written, or pictures measured."""
    if stage.kind in _FIELDS_OF_THEIR_OWN or stage.measures_only:
        return {}
    told = stage.model_dump(mode="json", exclude={"deployment", "estimated_seconds"})
    if stage.kind != "finish":
        return told
    done = stage.model_dump(
        mode="json", exclude={"deployment", "estimated_seconds", *_OF_THE_FILES}, exclude_defaults=True
    )
    return {"kind": stage.kind, **done} if done else {}
