"""Whether a model's YAML asks of its family what the family can do, and what LoRAs refer to is there: checked at the
start, not at the first picture."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from configs.capabilities import Capabilities
from configs.catalog import Catalog
from configs.contracts import AssetTypeConfig
from configs.experiments import ExperimentConfig, Overlay
from configs.schema import LoraConfig, ModelConfig

TRAINING_DATA = "training data"
NO_KIT = "none"
"""What a request says for pictures without a brand kit."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A setting, by its place in the YAML, that cannot be, and what can."""

    place: tuple[str | int, ...]
    message: str


def find_misfits(model: ModelConfig, can: Capabilities) -> Iterator[Misfit]:
    """Everything in `model` that its variant of its family cannot do."""
    yield from _numbers(model, can)
    yield from _sampling(model, can)
    yield from _sizes(model, can)
    yield from _pictures(model, can)
    yield from _files(model)
    parts = {part.part for part in model.licence_parts}
    missing = [name for name in can.licence_parts if name not in parts]
    if missing:
        named = " and ".join(f"'{name}'" for name in missing)
        yield Misfit(("licence_parts",), f"{named} of {_title(model)} must be named with its licence")


def find_lora_misfits(lora: LoraConfig, catalog: Catalog) -> Iterator[Misfit]:
    """Everything in `lora` that names what is not there, or lacks."""
    families = sorted({model.family for model in catalog.models.values()})
    if lora.family not in families:
        yield Misfit(("family",), f"'{lora.family}' is not known; known: {', '.join(families) or 'none'}")
    for i, id in enumerate(lora.models):
        if id not in catalog.models:
            yield Misfit(("models", i), f"'{id}' is not known; known: {', '.join(sorted(catalog.models)) or 'none'}")
        elif catalog.models[id].family != lora.family:
            other = catalog.models[id].family
            yield Misfit(("models", i), f"{id} is of the family {other}, not of {lora.family}")
    for i, part in enumerate(lora.licence_parts):
        if part.licence not in catalog.licences:
            known = ", ".join(sorted(catalog.licences))
            yield Misfit(("licence_parts", i, "licence"), f"'{part.licence}' is not known; known: {known}")
    if TRAINING_DATA not in {part.part for part in lora.licence_parts}:
        message = f"'{TRAINING_DATA}' is missing: what a LoRA learned from counts for the pictures made with it"
        yield Misfit(("licence_parts",), message)


def find_contract_misfits(asset_type: AssetTypeConfig, catalog: Catalog) -> Iterator[Misfit]:
    """Qualities in `asset_type` that are not there. Terms for a model that is not here wait for it."""
    for name, terms in asset_type.families.items():
        for quality in terms.steps:
            if quality not in catalog.qualities:
                message = f"'{quality}' is not known; known: {', '.join(catalog.qualities)}"
                yield Misfit(("families", name, "steps", quality), message)


def find_experiment_misfits(experiment: ExperimentConfig, catalog: Catalog) -> Iterator[Misfit]:
    """Everything that the arms of `experiment` draw with and that is not there. Its scope may name what comes later."""
    for i, arm in enumerate(experiment.arms):
        for misfit in find_overlay_misfits(arm.overlay, catalog):
            yield Misfit(("arms", i, "overlay", *misfit.place), misfit.message)
    if experiment.prompt_set is not None:
        yield from _unknown(("prompt_set",), (experiment.prompt_set,), catalog.prompt_sets)


def find_overlay_misfits(overlay: Overlay, catalog: Catalog) -> Iterator[Misfit]:
    """Everything in an arm's `overlay` that names what is not there."""
    one: dict[str, tuple[str | None, Collection[str]]] = {
        "model": (overlay.model, catalog.models),
        "asset_type": (overlay.asset_type, catalog.asset_types),
        "brand_kit": (overlay.brand_kit, (*catalog.brand_kits, NO_KIT)),
    }
    for field, (name, known) in one.items():
        yield from _unknown((field,), () if name is None else (name,), known)
    for i, lora in enumerate(overlay.loras):
        if not lora.is_pinned:  # a version may be one that was never live: who draws with it looks it up
            yield from _unknown(("loras", i, "id"), (lora.id,), catalog.loras)
    yield from _unknown(("steps",), tuple(overlay.steps), catalog.qualities)


def _unknown(place: tuple[str | int, ...], names: Collection[str], known: Collection[str]) -> Iterator[Misfit]:
    """Those of `names`, each an ID or ID@VERSION, whose id is none of `known`."""
    for name in names:
        if name.partition("@")[0] not in known:
            yield Misfit(place, f"'{name}' is not known; known: {', '.join(sorted(known)) or 'none'}")


def _numbers(model: ModelConfig, can: Capabilities) -> Iterator[Misfit]:
    fewest, most = can.steps
    for quality, steps in model.steps.items():
        if not fewest <= steps <= most:
            yield Misfit(("steps", quality), f"{_title(model)} draws in {can.step_range}, not in {steps}")
    if model.text_length > can.text_length:
        yield Misfit(("text_length",), f"{_title(model)} reads at most {can.text_length} tokens")
    if can.guidance == "none" and model.guidance_scale > 0:
        yield Misfit(("guidance_scale",), f"{_title(model)} draws without guidance: write 0")


def _sampling(model: ModelConfig, can: Capabilities) -> Iterator[Misfit]:
    known = ", ".join(can.samplers)
    if model.sampler is not None and model.sampler not in can.samplers:
        yield Misfit(("sampler",), f"{_title(model)} samples with {known}, not with {model.sampler}")
    elif model.schedule is not None:
        asked = can.samplers if model.sampler is None else [model.sampler]
        schedules = tuple(dict.fromkeys(each for sampler in asked for each in can.samplers[sampler]))
        if model.schedule not in schedules:
            choice = f"choose one of {', '.join(schedules)}" if schedules else "leave it out"
            what = _title(model) if model.sampler is None else f"{model.sampler} of {_title(model)}"
            yield Misfit(("schedule",), f"{what} has no schedule '{model.schedule}': {choice}")


def _sizes(model: ModelConfig, can: Capabilities) -> Iterator[Misfit]:
    unit = can.size_multiple
    for i, size in enumerate(model.native_sizes):
        if size.width % unit or size.height % unit:
            message = f"{_title(model)} draws multiples of {unit} pixels, and {size} is not one"
            yield Misfit(("native_sizes", i), message)


def _pictures(model: ModelConfig, can: Capabilities) -> Iterator[Misfit]:
    if model.controls and not can.controls:
        yield Misfit(("controls",), f"{_title(model)} takes no ControlNets")
    if model.image_prompt is not None and can.image_prompt is None:
        yield Misfit(("image_prompt",), f"{_title(model)} takes no pictures as prompts")
    elif model.image_prompt is not None and model.image_prompt.kind != can.image_prompt:
        message = f"{_title(model)} reads pictures by {can.image_prompt}, not by {model.image_prompt.kind}"
        yield Misfit(("image_prompt", "kind"), message)


def _files(model: ModelConfig) -> Iterator[Misfit]:
    file, quantisation = model.weights.file, model.runtime.quantisation
    if model.weights.is_gguf and quantisation != "gguf":
        yield Misfit(("weights", "file"), f"{file} holds quantised weights: set 'runtime.quantisation: gguf'")
    if quantisation == "gguf" and not model.weights.is_gguf:
        message = "'gguf' is a kind of file: name one in 'weights.file', with the other components in 'weights.config'"
        yield Misfit(("runtime", "quantisation"), message)
    beside = {("borrowed", name): weights for name, weights in model.borrowed.items()}
    beside |= {("controls", kind): control.weights for kind, control in model.controls.items()}
    for place, weights in beside.items():
        if weights.is_gguf:
            yield Misfit(place, "only a model's own transformer is read from a GGUF file")


def _title(model: ModelConfig) -> str:
    return f"{model.family} ({model.variant})"
