"""What an asset type says of a request's pictures: its words, its LoRAs, its brand kit, its steps."""

from __future__ import annotations

from collections.abc import Mapping

from configs.brand import BrandKitConfig
from configs.catalog import Catalog, Installation
from configs.contracts import AssetTypeConfig, ContractLora, ModelTerms, StyleConfig
from configs.errors import InvalidRequest, UnknownName
from configs.fitness import NO_KIT
from configs.schema import ModelConfig
from configs.templates import STYLE, TONE
from configs.text import quoted
from router.job_request import JobRequest, LoraRequest
from router.notes import Note, NoteCode
from router.prompts.composing import Frame


def find_kit(
    request: JobRequest, asset_type: AssetTypeConfig, catalog: Catalog
) -> tuple[BrandKitConfig | None, tuple[Note, ...]]:
    """The brand kit that pictures are kept to, and a note where the asset type's is not live. Raises `UnknownName` for
    a request's own."""
    kits = catalog.brand_kits
    if request.brand_kit == NO_KIT:
        return None, ()
    if request.brand_kit is not None:
        if request.brand_kit not in kits:
            there = (*kits, NO_KIT)
            message = f"{quoted(request.brand_kit)} is not a brand kit; choose one of {', '.join(there)}"
            raise UnknownName(message, "brand_kit", there)
        return kits[request.brand_kit], ()
    if asset_type.brand_kit is None or asset_type.brand_kit in kits:
        return kits.get(asset_type.brand_kit or ""), ()
    message = f"the brand kit of {asset_type.id}, '{asset_type.brand_kit}', is not live: pictures are not kept to it"
    return None, (Note(code=NoteCode.BRAND_KIT_MISSING, message=message),)


def find_style(request: JobRequest, asset_type: AssetTypeConfig) -> StyleConfig | None:
    """The variant that a request names, else the asset type's usual one. Raises `UnknownName`."""
    name = request.style or asset_type.default_style
    styles = asset_type.used_styles
    if name is None or (request.style is None and not styles):
        return None
    if name not in styles:
        there = tuple(styles)
        choice = f"choose one of {', '.join(there)}" if there else "it has none: leave it out"
        raise UnknownName(f"{quoted(name)} is not a style of {asset_type.id}; {choice}", "style", there)
    return styles[name]


def find_frame(
    request: JobRequest, asset_type: AssetTypeConfig, style: StyleConfig | None, kit: BrandKitConfig | None
) -> Frame:
    """What the template has before and after the user's words. Raises `UnknownName` and `InvalidRequest` for slots that
    it has not, that are missing, or that say what they may not."""
    words = _slot_words(request.slots, asset_type)
    words[STYLE] = "" if style is None else style.words
    words[TONE] = "" if kit is None else kit.tone
    return Frame(asset_type.id, *asset_type.template.around(words))


def _slot_words(said: Mapping[str, str], asset_type: AssetTypeConfig) -> dict[str, str]:
    slots = asset_type.used_slots
    unknown = next((name for name in said if name not in slots), None)
    if unknown is not None:
        there = tuple(slots)
        choice = f"it has {', '.join(there)}" if there else "it has none"
        raise UnknownName(f"{asset_type.id} has no slot {quoted(unknown)}; {choice}", f"slots.{unknown[:32]}", there)
    words = {}
    for name, slot in slots.items():
        words[name] = said.get(name, "").strip() or slot.default
        if slot.required and not words[name]:
            raise InvalidRequest(f"{asset_type.id} needs the slot '{name}'. {slot.description}", f"slots.{name}")
        if slot.choices and words[name] and words[name] not in slot.choices:
            message = f"{quoted(words[name])} is none of {', '.join(slot.choices)}"
            raise InvalidRequest(message, f"slots.{name}", slot.choices)
    return words


def add_loras(
    request: JobRequest, asset_type: AssetTypeConfig, style: StyleConfig | None, installation: Installation
) -> tuple[JobRequest, tuple[Note, ...]]:
    """The request with the LoRAs of its asset type and its style beside its own, of which one of the same name counts
    instead; and a note for each that the model cannot draw with here, and for a style that is LoRAs of others alone."""
    catalog, profile = installation.catalog, installation.profile
    placements = [one for one in profile.generators if one.model == (request.model or profile.default_model)]
    if not placements:
        return request, ()  # which is refused where models are chosen
    model = catalog.models[placements[0].model]
    wanted = _wanted(request, asset_type, style, model)
    can = installation.capabilities[model.id].lora and any(not one.loras for one in placements)
    reasons = {one.id: _why_not(one, model, catalog, can) for one, _ in wanted}
    fitting = [LoraRequest(id=one.id, strength=one.strength) for one, _ in wanted if not reasons[one.id]]
    notes = [
        Note(code=NoteCode.CONTRACT_LORA, message=f"{whose} is drawn with '{one.id}', {reason}: drawn without it")
        for one, whose in wanted
        if (reason := reasons[one.id])
    ]
    if style is not None and not style.words and not style.loras_for(model.family, model.id):
        message = f"the style {style.name} is a LoRA that {model.id} has not: drawn without it"
        notes.append(Note(code=NoteCode.CONTRACT_LORA, message=message))
    return request.model_copy(update={"loras": (*request.loras, *fitting)}), tuple(notes)


def _wanted(
    request: JobRequest, asset_type: AssetTypeConfig, style: StyleConfig | None, model: ModelConfig
) -> list[tuple[ContractLora, str]]:
    """Each once, with whose it is: the style's before the asset type's."""
    own = {one.id for one in request.loras}
    of_type = {one.id: (one, asset_type.id) for one in asset_type.terms_for(model.family, model.id).loras}
    of_style: dict[str, tuple[ContractLora, str]] = {}
    if style is not None:
        of_style = {one.id: (one, f"the style {style.name}") for one in style.loras_for(model.family, model.id)}
    return [one for id, one in (of_type | of_style).items() if id not in own]


def _why_not(lora: ContractLora, model: ModelConfig, catalog: Catalog, can: bool) -> str:
    if not can:
        return f"and {model.id} takes no LoRAs here"
    if lora.id not in catalog.loras:
        return "which is not in the library"
    return "" if catalog.loras[lora.id].fits(model) else f"which does not fit {model.id}"


def find_steps(request: JobRequest, terms: ModelTerms, model: ModelConfig) -> tuple[int, tuple[Note, ...]]:
    """The request's steps; else the asset type's, within what the model takes at its best; else the model's. Raises
    `InvalidRequest` for a quality that the model has not."""
    if request.num_inference_steps is not None:
        return request.num_inference_steps, ()
    own = model.steps.get(request.quality)
    if own is None:
        known = tuple(model.steps)
        message = f"{model.id} has no quality '{request.quality}'; it has {', '.join(known)}"
        raise InvalidRequest(message, "quality", known)
    asked, most = terms.steps.get(request.quality, own), max(model.steps.values())
    if asked <= most:
        return asked, ()
    message = f"{model.id} takes {most} steps at its best, so {most} in place of the {asked} of its asset type"
    return most, (Note(code=NoteCode.STEPS_CAPPED, message=message),)
