"""Who draws: the model, the deployment that holds it, and the LoRAs, from the names in a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from configs.capabilities import Capabilities
from configs.catalog import Catalog, Installation
from configs.entries import LORAS
from configs.errors import IncompatibleLora, InvalidRequest, UnknownName
from configs.placements import GeneratorPlacement
from configs.sampling import Sampling
from configs.schema import AppliedLora, LoraConfig, ModelConfig
from router.abilities import check_abilities
from router.job_request import JobRequest, LoraRequest
from router.notes import Note, NoteCode
from router.pictures.demands import check_pictures
from router.sampling import choose_sampling


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """`loras` are applied to this request alone, beside those that are fused into the placement's weights."""

    model: ModelConfig
    can: Capabilities
    placement: GeneratorPlacement
    loras: tuple[AppliedLora, ...]
    trigger_words: tuple[str, ...]
    notes: tuple[Note, ...]
    sampling: Sampling


def choose_model(request: JobRequest, installation: Installation) -> ModelChoice:
    """Choose among the placements of the profile.

    A placement with exactly the requested combination fused in comes first, whatever their order; otherwise the
    plain placement of the model takes the LoRAs with the request. Raises `UnknownName`, `Unsupported`,
    `IncompatibleLora` and `InvalidRequest`.
    """
    catalog, profile = installation.catalog, installation.profile
    placements = [one for one in profile.generators if one.model == (request.model or profile.default_model)]
    if not placements:
        known = tuple(dict.fromkeys(one.model for one in profile.generators))
        message = f"'{request.model}' is not a model of this installation; choose one of {', '.join(known)}"
        raise UnknownName(message, "model", known)
    model = catalog.models[placements[0].model]
    check_abilities(request, model, installation)
    check_pictures(request, model, installation)
    asked_for = _settle(request.loras, model, installation)
    off = [lora.lora for lora in asked_for if lora.strength == 0]
    notes = tuple(Note(code=NoteCode.LORA_OFF, message=f"{id} at strength 0 takes no part") for id in off)
    asked_for = tuple(lora for lora in asked_for if lora.strength != 0)
    placement = _place(asked_for, placements)
    if placement.loras and not asked_for:
        message = f"this installation runs {model.id} only with {_written(placement.loras)}"
        notes += (Note(code=NoteCode.LORAS_FUSED, message=message),)
    words = _trigger_words(placement.loras, () if placement.loras else asked_for, catalog)
    can = installation.capabilities[model.id]
    loras = () if placement.loras else asked_for
    sampling = choose_sampling(request, model, installation)
    return ModelChoice(model, can, placement, loras, words, notes, sampling)


def models_for(lora: LoraConfig, installation: Installation) -> tuple[str, ...]:
    """The models of this installation that can draw with `lora`, in the profile's order."""
    models = installation.catalog.models
    usable = [
        one.model
        for one in installation.profile.generators
        if installation.capabilities[one.model].lora
        and lora.fits(models[one.model])
        and (not one.loras or lora.id in {applied.lora for applied in one.loras})
    ]
    return tuple(dict.fromkeys(usable))


def _settle(requests: Sequence[LoraRequest], model: ModelConfig, installation: Installation) -> tuple[AppliedLora, ...]:
    """Known LoRAs that fit the model, each once, with their strengths."""
    limit = installation.profile.limits.max_loras
    if len(requests) > limit:
        raise InvalidRequest(f"{len(requests)} LoRAs are more than the {limit} that one request may combine", "loras")
    settled: dict[str, AppliedLora] = {}
    for request in requests:
        if request.id in settled:
            raise InvalidRequest(f"'{request.id}' is there twice; give each LoRA once", "loras")
        lora = _find(request.id, model, installation)
        strength = lora.default_strength if request.strength is None else request.strength
        pin = installation.catalog.pin(LORAS, lora)
        entry = pin.sha256 if pin.stored else ""
        settled[lora.id] = AppliedLora(lora=lora.id, strength=strength, version=pin.version, entry=entry)
    return tuple(settled.values())


def _find(id: str, model: ModelConfig, installation: Installation) -> LoraConfig:
    loras = installation.catalog.loras
    if id not in loras:
        known = tuple(one.id for one in loras.values() if one.fits(model))
        choice = f"choose one of {', '.join(known)}" if known else "none is installed for it"
        raise UnknownName(f"'{id}' is not a LoRA for {model.id}; {choice}", "loras", known)
    lora = loras[id]
    if not lora.fits(model):
        made_for = ", ".join(lora.models) or f"models of the family {lora.family}"
        related = lora.family == model.family
        other = f", not {model.id}" if related else f", and {model.id} is of the family {model.family}"
        here = models_for(lora, installation)
        choice = f"choose {' or '.join(here)} as model" if here else "this installation runs none of them"
        message = f"'{id}' is made for {made_for}{other}; {choice}"
        raise IncompatibleLora(message, "loras", here)
    return lora


def _place(asked_for: tuple[AppliedLora, ...], placements: Sequence[GeneratorPlacement]) -> GeneratorPlacement:
    fusable = all(not one.entry for one in asked_for)  # others are not what was fused in when replicas began
    for placement in placements:
        if fusable and _combination(placement.loras) == _combination(asked_for):
            return placement
    plain = next((one for one in placements if not one.loras), None)
    if plain is not None:
        return plain
    if not asked_for:
        return placements[0]
    fused = tuple(_written(one.loras) for one in placements)
    message = f"this installation runs {placements[0].model} only with {' or '.join(fused)} fused in"
    raise InvalidRequest(message, "loras", fused)


def _combination(loras: Sequence[AppliedLora]) -> frozenset[tuple[str, float]]:
    return frozenset((one.lora, one.strength) for one in loras)


def _trigger_words(fused: Sequence[AppliedLora], asked_for: Sequence[AppliedLora], catalog: Catalog) -> tuple[str, ...]:
    """A LoRA that is subtracted has none: its word would ask for what is to be kept out."""
    loras = [(catalog.fused_lora(one.lora), one.strength) for one in fused]
    loras += [(catalog.loras[one.lora], one.strength) for one in asked_for]
    wanted = (lora.trigger_words for lora, strength in loras if strength > 0)
    return tuple(dict.fromkeys(word for words in wanted for word in words))


def _written(loras: Sequence[AppliedLora]) -> str:
    return " + ".join(f"{one.lora}@{one.strength:g}" for one in loras)
