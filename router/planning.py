"""From a request to a plan: pure, so that a plan can be shown without doing anything (`dry_run`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from configs.capabilities import Capabilities
from configs.catalog import Catalog, Installation
from configs.entries import ASSET_TYPES, LORAS, EntryPin
from configs.errors import InvalidRequest, UnknownName
from configs.inputs import InputImage
from configs.schema import AssetTypeConfig, Format, ModelConfig, QualityConfig, Size, StepCacheConfig
from deployments.stages.base import BaseStage, StoredImage, step_seconds
from deployments.stages.kind import Draft, Stage
from router.job_request import JobRequest
from router.notes import Note
from router.pictures.marking import check_marks
from router.pictures.names import FoundPicture, settle
from router.placement import ModelChoice, choose_model
from router.plan import Plan
from router.prompts.composing import Composed, compose, note_lost
from router.prompts.reading import read_prompts
from router.prompts.tokens import Counter, counter_of
from router.rates import Rates
from router.stage_table import STAGES, settings_of

T = TypeVar("T")

_SAME_ASPECT = 0.02
_REDRAWN = 0.75  # of a picture: its composition stays, its style and details follow the words
NO_PICTURES: Mapping[str, FoundPicture] = MappingProxyType({})


def make_plan(
    request: JobRequest,
    installation: Installation,
    rates: Rates,
    first_seed: int,
    found: Mapping[str, FoundPicture] = NO_PICTURES,
) -> Plan:
    """Settle everything that `request` leaves open. `first_seed` is used when the request has no seed; `found` are the
    pictures that it names.

    Raises `UnknownName`, `Unsupported`, `IncompatibleLora` and `InvalidRequest`, each naming the field and what it
    may be.
    """
    catalog = installation.catalog
    _check_limits(request, installation)
    typed, read = request.prompt, read_prompts(request, catalog)
    request = read.request
    asset_type = _choose("asset_type", "an asset type", request.asset_type, catalog.asset_types)
    quality = _choose("quality", "a quality", request.quality, catalog.qualities)
    choice = choose_model(request, installation)
    model = choice.model
    size = _final_size(request, asset_type, quality, model)
    inputs = settle(request, found)
    counter = counter_of(model, installation)
    composed = compose(request.prompt, asset_type, choice.trigger_words, model, counter)
    base = _base_stage(request, asset_type, quality, choice, _base_size(size, model), inputs, composed)
    marking = check_marks(request, found, base.size, base.strength, choice.can)
    per_step = step_seconds(rates, model, base.size, base.beside)
    base = base.model_copy(update={"estimated_seconds": base.taken_steps * per_step})
    draft = Draft(installation, model, quality.id, base, base.size, size, _formats(request, asset_type), rates)
    stages, notes = _add_stages(base, draft, request)
    seed = first_seed if request.seed is None else request.seed
    seeds = tuple((seed + i) % 2**32 for i in range(request.num_variations))
    return Plan(
        prompt=typed,
        asset_type=asset_type.id,
        quality=quality.id,
        seeds=seeds,
        stages=stages,
        estimated_seconds=_pipeline_seconds(stages, len(seeds)),
        deadline_seconds=request.deadline_seconds,
        entries=_entries(asset_type, base, catalog),
        notes=read.notes + composed.notes + _unread(request, model, counter) + choice.notes + marking + notes,
    )


def _entries(asset_type: AssetTypeConfig, base: BaseStage, catalog: Catalog) -> tuple[EntryPin, ...]:
    """Which versions of what people make take part."""
    fused = (catalog.fused_pin(applied.lora) for applied in base.fused)
    loras = (catalog.pin(LORAS, catalog.loras[applied.lora]) for applied in base.loras)
    return (catalog.pin(ASSET_TYPES, asset_type), *fused, *loras)


def _add_stages(base: BaseStage, draft: Draft, request: JobRequest) -> tuple[tuple[Stage, ...], tuple[Note, ...]]:
    """Every stage of a picture, each planned from what those before it leave, and what is to be said of them."""
    stages: list[Stage] = [base]
    notes: list[Note] = []
    for kind in STAGES:
        draft = replace(draft, settings=settings_of(kind, request.stages))
        stage = kind.plan(draft)
        if stage is not None:
            if stage.takes_over_at is not None:
                stages[0] = base.end_at(stage.takes_over_at)
            stages.append(stage)
            notes += [Note(code=code, message=message) for code, message in kind.notes(stage, draft)]
            draft = replace(draft, size=stage.ends_at or draft.size)
    return tuple(stages), tuple(notes)


def _pipeline_seconds(stages: Iterable[Stage], pictures: int) -> float:
    """Pictures follow one another through the stages: all stages once, then the slowest once for each further one."""
    seconds = [stage.estimated_seconds for stage in stages]
    return sum(seconds) + (pictures - 1) * max(seconds)


def _check_limits(request: JobRequest, installation: Installation) -> None:
    limits = installation.profile.limits
    if len(request.prompt) > limits.max_prompt_chars:
        message = f"the prompt has {len(request.prompt)} characters; at most {limits.max_prompt_chars} are allowed"
        raise InvalidRequest(message, "prompt")
    if request.num_variations > limits.max_variations:
        raise InvalidRequest(f"num_variations may be 1 to {limits.max_variations}", "num_variations")


def _final_size(request: JobRequest, asset_type: AssetTypeConfig, quality: QualityConfig, model: ModelConfig) -> Size:
    if request.size is not None:
        allowed = {str(size): size for size in (*asset_type.sizes, *model.native_sizes)}
        return _choose("size", f"a size of {asset_type.id} on {model.id}", request.size, allowed)
    if quality.size == "native":
        return min(_of_aspect(asset_type.default_size, model), key=lambda size: size.pixels)
    return asset_type.default_size


def _of_aspect(size: Size, model: ModelConfig) -> list[Size]:
    matching = [native for native in model.native_sizes if abs(native.aspect / size.aspect - 1) <= _SAME_ASPECT]
    if not matching:
        shapes = tuple(str(native) for native in model.native_sizes)
        raise InvalidRequest(f"{model.id} draws {', '.join(shapes)}, none of the shape of {size}", "size", shapes)
    return matching


def _base_size(size: Size, model: ModelConfig) -> Size:
    """The smallest native size that covers `size`, or the largest there is."""
    matching = sorted(_of_aspect(size, model), key=lambda native: native.pixels)
    return next((native for native in matching if native.width >= size.width), matching[-1])


def _base_stage(
    request: JobRequest,
    asset_type: AssetTypeConfig,
    quality: QualityConfig,
    choice: ModelChoice,
    size: Size,
    inputs: tuple[InputImage[StoredImage], ...],
    composed: Composed,
) -> BaseStage:
    """What is drawn, without its time."""
    model = choice.model
    steps = request.num_inference_steps or model.steps.get(request.quality)
    if steps is None:
        known = tuple(model.steps)
        raise InvalidRequest(
            f"{model.id} has no quality '{request.quality}'; it has {', '.join(known)}", "quality", known
        )
    return BaseStage(
        deployment=choice.placement.name,
        model=model.id,
        fused=choice.placement.loras,
        loras=choice.loras,
        full_prompt=composed.text,
        negative_prompt=_negative_prompt(request, asset_type, choice.can),
        size=size,
        num_inference_steps=steps,
        guidance_scale=model.guidance_scale if request.guidance_scale is None else request.guidance_scale,
        sampler=choice.sampling.sampler,
        schedule=choice.sampling.schedule,
        step_cache=_step_cache(quality, steps) if choice.can.step_cache else None,
        inputs=inputs,
        strength=_strength(request, steps),
        reading=composed.reading,
        estimated_seconds=0.0,
    )


def _strength(request: JobRequest, steps: int) -> float | None:
    """How much of the image is redrawn: with a mask all that it marks, else most. Raises `InvalidRequest` where that
    would be less than one step."""
    if request.image is None:
        return None
    strength = request.strength or (_REDRAWN if request.mask is None else 1.0)
    if steps * strength < 1 - 1e-6:
        least = math.ceil(1000 / steps) / 1000
        message = f"a strength of {strength:g} leaves none of {steps} steps: give {least:g} or more, or take more steps"
        raise InvalidRequest(message, "strength")
    return strength


def _negative_prompt(request: JobRequest, asset_type: AssetTypeConfig, can: Capabilities) -> str:
    """The request's, else the asset type's where the model takes one."""
    if request.negative_prompt is not None:
        return request.negative_prompt
    return asset_type.negative_prompt if can.negative_prompt else ""


def _unread(request: JobRequest, model: ModelConfig, counter: Counter) -> tuple[Note, ...]:
    """What is cut off of a negative prompt that the request itself has."""
    return note_lost(request.negative_prompt, "this negative prompt", model, counter) if request.negative_prompt else ()


def _step_cache(quality: QualityConfig, steps: int) -> StepCacheConfig | None:
    """The quality's rule, for this many steps: the last one is never skipped."""
    rule = quality.step_cache
    if rule is None or not rule.skip:
        return rule
    skip = tuple(step for step in rule.skip if step < steps - 1)
    return StepCacheConfig(skip=skip) if skip else None


def _formats(request: JobRequest, asset_type: AssetTypeConfig) -> tuple[Format, ...]:
    if request.formats is None:
        return asset_type.formats
    for name in request.formats:
        if name not in asset_type.formats:
            message = f"{asset_type.id} comes as {', '.join(asset_type.formats)}, not as {name}"
            raise InvalidRequest(message, "formats", asset_type.formats)
    return tuple(dict.fromkeys(request.formats))


def _choose(field: str, kind: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise UnknownName(f"'{name}' is not {kind}; choose one of {', '.join(known)}", field, tuple(known))
    return known[name]
