"""From a wish to a plan: pure, so that a plan can be shown without doing anything (`dry_run`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from configs.capabilities import Capabilities
from configs.catalog import Installation
from configs.errors import InvalidRequest, UnknownName
from configs.schema import AssetTypeConfig, Format, ModelConfig, QualityConfig, Size, StepCacheConfig
from deployments.stages.base import BaseStage, InputPicture, step_seconds
from deployments.stages.kind import Draft, Stage
from router.casting import Casting, cast
from router.notes import Note
from router.pictures.marking import check_marks
from router.pictures.names import FoundPicture, settle
from router.plan import Plan
from router.prompts.composing import Composed, compose, note_lost
from router.prompts.reading import read_prompts
from router.prompts.tokens import Counter, counter_of
from router.rates import Rates
from router.stage_table import STAGES, settings_of
from router.wish import Wish

T = TypeVar("T")

_SAME_ASPECT = 0.02
_REDRAWN = 0.75  # of a picture: its composition stays, its style and details follow the words
NO_PICTURES: Mapping[str, FoundPicture] = MappingProxyType({})


def make_plan(
    wish: Wish,
    installation: Installation,
    rates: Rates,
    first_seed: int,
    found: Mapping[str, FoundPicture] = NO_PICTURES,
) -> Plan:
    """Settle everything that `wish` leaves open. `first_seed` is used when the wish has no seed; `found` are the
    pictures that it names.

    Raises `UnknownName`, `Unsupported`, `IncompatibleLora` and `InvalidRequest`, each naming the field and what it
    may be.
    """
    catalog = installation.catalog
    _check_limits(wish, installation)
    typed, read = wish.prompt, read_prompts(wish, catalog)
    wish = read.wish
    asset_type = _choose("asset_type", "an asset type", wish.asset_type, catalog.asset_types)
    quality = _choose("quality", "a quality", wish.quality, catalog.qualities)
    casting = cast(wish, installation)
    model = casting.model
    size = _final_size(wish, asset_type, quality, model)
    pictures = settle(wish, found)
    counter = counter_of(model, installation)
    composed = compose(wish.prompt, asset_type, casting.trigger_words, model, counter)
    base = _base_stage(wish, asset_type, quality, casting, _base_size(size, model), pictures, composed)
    marking = check_marks(wish, found, base.size, base.strength, casting.can)
    per_step = step_seconds(rates, model, base.size, base.beside)
    base = base.model_copy(update={"estimated_seconds": base.taken_steps * per_step})
    draft = Draft(installation, model, quality.id, base, base.size, size, _formats(wish, asset_type), rates)
    stages, notes = _add_stages(base, draft, wish)
    seed = first_seed if wish.seed is None else wish.seed
    seeds = tuple((seed + i) % 2**32 for i in range(wish.num_variations))
    return Plan(
        prompt=typed,
        asset_type=asset_type.id,
        quality=quality.id,
        seeds=seeds,
        stages=stages,
        estimated_seconds=_pipeline_seconds(stages, len(seeds)),
        deadline_seconds=wish.deadline_seconds,
        notes=read.notes + composed.notes + _unread(wish, model, counter) + casting.notes + marking + notes,
    )


def _add_stages(base: BaseStage, draft: Draft, wish: Wish) -> tuple[tuple[Stage, ...], tuple[Note, ...]]:
    """Every stage of a picture, each planned from what those before it leave, and what is to be said of them."""
    stages: list[Stage] = [base]
    notes: list[Note] = []
    for kind in STAGES:
        draft = replace(draft, settings=settings_of(kind, wish.stages))
        stage = kind.plan(draft)
        if stage is not None:
            stages.append(stage)
            notes += [Note(code=code, message=message) for code, message in kind.notes(stage, draft)]
            draft = replace(draft, size=stage.ends_at or draft.size)
    return tuple(stages), tuple(notes)


def _pipeline_seconds(stages: Iterable[Stage], pictures: int) -> float:
    """Pictures follow one another through the stages: all stages once, then the slowest once for each further one."""
    seconds = [stage.estimated_seconds for stage in stages]
    return sum(seconds) + (pictures - 1) * max(seconds)


def _check_limits(wish: Wish, installation: Installation) -> None:
    limits = installation.profile.limits
    if len(wish.prompt) > limits.max_prompt_chars:
        message = f"the prompt has {len(wish.prompt)} characters; at most {limits.max_prompt_chars} are allowed"
        raise InvalidRequest(message, "prompt")
    if wish.num_variations > limits.max_variations:
        raise InvalidRequest(f"num_variations may be 1 to {limits.max_variations}", "num_variations")


def _final_size(wish: Wish, asset_type: AssetTypeConfig, quality: QualityConfig, model: ModelConfig) -> Size:
    if wish.size is not None:
        allowed = {str(size): size for size in (*asset_type.sizes, *model.native_sizes)}
        return _choose("size", f"a size of {asset_type.id} on {model.id}", wish.size, allowed)
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
    wish: Wish,
    asset_type: AssetTypeConfig,
    quality: QualityConfig,
    casting: Casting,
    size: Size,
    pictures: tuple[InputPicture, ...],
    composed: Composed,
) -> BaseStage:
    """What is drawn, without its time."""
    model = casting.model
    steps = wish.num_inference_steps or model.steps.get(wish.quality)
    if steps is None:
        known = tuple(model.steps)
        raise InvalidRequest(f"{model.id} has no quality '{wish.quality}'; it has {', '.join(known)}", "quality", known)
    return BaseStage(
        deployment=casting.placement.name,
        model=model.id,
        fused=casting.placement.loras,
        loras=casting.loras,
        full_prompt=composed.text,
        negative_prompt=_negative_prompt(wish, asset_type, casting.can),
        size=size,
        num_inference_steps=steps,
        guidance_scale=model.guidance_scale if wish.guidance_scale is None else wish.guidance_scale,
        step_cache=_step_cache(quality, steps) if casting.can.step_cache else None,
        pictures=pictures,
        strength=_strength(wish, steps),
        reading=composed.reading,
        estimated_seconds=0.0,
    )


def _strength(wish: Wish, steps: int) -> float | None:
    """How much of the image is redrawn: with a mask all that it marks, else most. Raises `InvalidRequest` where that
    would be less than one step."""
    if wish.image is None:
        return None
    strength = wish.strength or (_REDRAWN if wish.mask is None else 1.0)
    if steps * strength < 1 - 1e-6:
        least = math.ceil(1000 / steps) / 1000
        message = f"a strength of {strength:g} leaves none of {steps} steps: give {least:g} or more, or take more steps"
        raise InvalidRequest(message, "strength")
    return strength


def _negative_prompt(wish: Wish, asset_type: AssetTypeConfig, can: Capabilities) -> str:
    """The wish's, else the asset type's where the model takes one."""
    if wish.negative_prompt is not None:
        return wish.negative_prompt
    return asset_type.negative_prompt if can.negative_prompt else ""


def _unread(wish: Wish, model: ModelConfig, counter: Counter) -> tuple[Note, ...]:
    """What is cut off of a negative prompt that the wish itself has."""
    return note_lost(wish.negative_prompt, "this negative prompt", model, counter) if wish.negative_prompt else ()


def _step_cache(quality: QualityConfig, steps: int) -> StepCacheConfig | None:
    """The quality's rule, for this many steps: the last one is never skipped."""
    rule = quality.step_cache
    if rule is None or not rule.skip:
        return rule
    skip = tuple(step for step in rule.skip if step < steps - 1)
    return StepCacheConfig(skip=skip) if skip else None


def _formats(wish: Wish, asset_type: AssetTypeConfig) -> tuple[Format, ...]:
    if wish.formats is None:
        return asset_type.formats
    for name in wish.formats:
        if name not in asset_type.formats:
            message = f"{asset_type.id} comes as {', '.join(asset_type.formats)}, not as {name}"
            raise InvalidRequest(message, "formats", asset_type.formats)
    return tuple(dict.fromkeys(wish.formats))


def _choose(field: str, kind: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise UnknownName(f"'{name}' is not {kind}; choose one of {', '.join(known)}", field, tuple(known))
    return known[name]
