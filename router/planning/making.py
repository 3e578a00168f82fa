"""From a request to a plan: pure, so that a plan can be shown without doing anything (`dry_run`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from configs.brand import BrandKitConfig
from configs.catalog import Catalog, Installation
from configs.contracts import AssetTypeConfig, QualityConfig
from configs.entries import ASSET_TYPES, BRAND_KITS, LORAS, EntryPin
from configs.errors import InvalidRequest, UnknownName, Unsupported
from configs.schema import ModelConfig
from deployments.stages.base import BaseStage, step_seconds
from deployments.stages.kind import Draft, Stage
from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.pictures.marking import check_marks
from router.pictures.names import FoundPicture, settle
from router.placement import choose_model
from router.plan import Plan
from router.planning.banned_words import check_words
from router.planning.best_of import estimate, find_choice, note_choice, score_drawings
from router.planning.contract import add_loras, find_frame, find_kit, find_steps, find_style
from router.planning.drawing import find_negative_prompt, plan_drawing
from router.planning.renditions import find_formats, find_own_size, find_sizes
from router.planning.sizes import base_size, final_size
from router.prompts.composing import compose, note_lost
from router.prompts.reading import read_prompts
from router.prompts.tokens import Counter, counter_of
from router.rates import Rates
from router.stage_settings import settle_settings
from router.stage_table import STAGES, settings_of

T = TypeVar("T")

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
    asset_type = _choose("asset_type", "an asset type", request.asset_type, catalog.asset_types)
    quality = _choose("quality", "a quality", request.quality, catalog.qualities)
    kit, kit_notes = find_kit(request, asset_type, catalog)
    check_words(request, kit)
    chosen = find_choice(read.request, installation.profile.limits)
    request = read.request if chosen is None else score_drawings(read.request)
    style = find_style(request, asset_type)
    request, lora_notes = add_loras(request, asset_type, style, installation)
    choice = choose_model(request, installation)
    model = choice.model
    terms = asset_type.terms_for(model.family, model.id)
    steps, step_notes = find_steps(request, terms, model)
    asked, formats = find_own_size(request, asset_type, model), find_formats(request, asset_type)
    size, size_notes = final_size(request, asked, asset_type, terms, quality, model, installation)
    inputs, counter = settle(request, found), counter_of(model, installation)
    frame = find_frame(request, asset_type, style, kit)
    composed = compose(request.prompt, frame, choice.trigger_words, model, counter)
    negative_prompt = find_negative_prompt(request, asset_type, style, choice.can)
    drawn_at = base_size(size, model)
    base = plan_drawing(request, negative_prompt, steps, terms, quality, choice, drawn_at, inputs, composed)
    marking = check_marks(request, found, base.size, base.strength, choice.can)
    per_step = step_seconds(rates, model, base.size, base.beside)
    base = base.model_copy(update={"estimated_seconds": base.taken_steps * per_step})
    draft = Draft(installation, model, quality.id, base, base.size, size, formats, rates, asset_type, kit)
    draft = replace(draft, sizes=find_sizes(request, size, formats))
    stages, stage_notes = _add_stages(base, draft, request, quality)
    seed = first_seed if request.seed is None else request.seed
    seeds = tuple((seed + i) % 2**32 for i in range(request.num_variations if chosen is None else chosen.most))
    settled = (*lora_notes, *kit_notes, *step_notes, *size_notes)
    return Plan(
        prompt=typed,
        asset_type=asset_type.id,
        quality=quality.id,
        seeds=seeds,
        stages=stages,
        estimated_seconds=estimate(stages, chosen, len(seeds)),
        choice=chosen,
        deadline_seconds=request.deadline_seconds,
        private=request.private,
        entries=_entries(asset_type, kit, base, catalog),
        notes=(
            *read.notes,
            *composed.notes,
            *_unread(request, model, counter),
            *choice.notes,
            *settled,
            *marking,
            *stage_notes,
            *note_choice(chosen, stages),
        ),
    )


def _entries(
    asset_type: AssetTypeConfig, kit: BrandKitConfig | None, base: BaseStage, catalog: Catalog
) -> tuple[EntryPin, ...]:
    """Which versions of what people make take part."""
    kits = () if kit is None else (catalog.pin(BRAND_KITS, kit),)
    fused = (catalog.fused_pin(applied.lora) for applied in base.fused)
    loras = (catalog.pin(LORAS, catalog.loras[applied.lora]) for applied in base.loras)
    return (catalog.pin(ASSET_TYPES, asset_type), *kits, *fused, *loras)


def _add_stages(
    base: BaseStage, draft: Draft, request: JobRequest, quality: QualityConfig
) -> tuple[tuple[Stage, ...], tuple[Note, ...]]:
    """Every stage of a picture, each planned from what those before it leave, and what is to be said of them. What a
    request did not ask for itself, and cannot be had, is left out with a note."""
    stages: list[Stage] = [base]
    notes: list[Note] = []
    for kind in STAGES:
        settings = settle_settings(kind, request.stages, draft.asset_type, quality)
        if settings != draft.settings:  # of most kinds nobody says anything
            draft = replace(draft, settings=settings)
        try:
            stage = kind.plan(draft)
        except (Unsupported, InvalidRequest) as error:
            if not settings or settings_of(kind, request.stages) is not None:
                raise
            of = f"{quality.id} pictures of {draft.asset_type.id}"
            notes.append(Note(code=NoteCode.STAGE_LEFT_OUT, message=f"{kind.label}, as for {of}: {error.message}"))
            continue
        if stage is not None:
            if stage.takes_over_at is not None:
                stages[0] = base.end_at(stage.takes_over_at)
            stages.append(stage)
            notes += [Note(code=code, message=message) for code, message in kind.notes(stage, draft)]
            draft = replace(draft, size=stage.ends_at or draft.size)
    return tuple(stages), tuple(notes)


def _check_limits(request: JobRequest, installation: Installation) -> None:
    limits = installation.profile.limits
    if len(request.prompt) > limits.max_prompt_chars:
        message = f"the prompt has {len(request.prompt)} characters; at most {limits.max_prompt_chars} are allowed"
        raise InvalidRequest(message, "prompt")
    if request.num_variations > limits.max_variations:
        raise InvalidRequest(f"num_variations may be 1 to {limits.max_variations}", "num_variations")


def _unread(request: JobRequest, model: ModelConfig, counter: Counter) -> tuple[Note, ...]:
    """What is cut off of a negative prompt that the request itself has."""
    return note_lost(request.negative_prompt, "this negative prompt", model, counter) if request.negative_prompt else ()


def _choose(field: str, kind: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise UnknownName(f"'{name}' is not {kind}; choose one of {', '.join(known)}", field, tuple(known))
    return known[name]
