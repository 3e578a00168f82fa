"""On which model the LoRAs of a model are trained, and why on no other: checked at the start, told to whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from configs.capabilities import Capabilities
from configs.catalog import Catalog
from configs.errors import Unsupported
from configs.fitness import Misfit
from configs.schema import Licence, ModelConfig

Abilities = Mapping[str, Capabilities]
"""What each model can do, by its id."""


def find_base(model: ModelConfig, catalog: Catalog, abilities: Abilities) -> ModelConfig:
    """`model`, if LoRAs are trained on it. Raises Unsupported, naming the model that they are trained on, or why there
    is none."""
    reason = why_not(model, catalog, abilities)
    if reason is not None:
        raise Unsupported(reason, "model", trainable(catalog, abilities))
    return model


def why_not(model: ModelConfig, catalog: Catalog, abilities: Abilities) -> str | None:
    """Why no LoRAs are trained on `model`, in one sentence; None where some are."""
    can, named = abilities[model.id], model.train_on
    if named is not None and named != model.id:
        return _instead(model, can, catalog.models[named], catalog)
    if can.trains is None:
        return f"LoRAs cannot be trained on {model.name}: {_title(model)} has no trainer here"
    if forbidden := forbidding(model, catalog):
        part, licence = forbidden
        others = [id for id in trainable(catalog, abilities) if catalog.models[id].family == model.family]
        rest = f"; others of its family: {', '.join(others)}" if others else ""
        return (
            f"LoRAs may not be trained on {model.name}: its {part} is under the {licence.name}, which forbids it{rest}"
        )
    if named is None:
        return f"no LoRAs are trained on {model.name}: 'train_on' in its YAML says on which model they are"
    return None


def trainable(catalog: Catalog, abilities: Abilities) -> tuple[str, ...]:
    """The models that LoRAs are trained on, by id."""
    able = (model for model in catalog.models.values() if abilities[model.id].trains and model.train_on == model.id)
    return tuple(sorted(model.id for model in able if forbidding(model, catalog) is None))


def forbidding(model: ModelConfig, catalog: Catalog) -> tuple[str, Licence] | None:
    """The part of a model whose licence forbids to train on it, and that licence."""
    for part in model.licence_parts:
        licence = catalog.licences[part.licence]
        if licence.training == "refused":
            return part.part, licence
    return None


def _instead(model: ModelConfig, can: Capabilities, base: ModelConfig, catalog: Catalog) -> str:
    why = "was distilled to few steps, which training would undo" if can.distilled else "is not what LoRAs learn on"
    if forbidden := forbidding(base, catalog):
        part, licence = forbidden
        return f"{model.name} {why}, and {base.id} may not be trained on: its {part} is under the {licence.name}"
    return f"{model.name} {why}: train on {base.id}, and draw with both"


def find_training_misfits(model: ModelConfig, catalog: Catalog, abilities: Abilities) -> Iterator[Misfit]:
    """Everything that `model` says of training and that cannot be."""
    if model.train_on is None:
        if model.training_guidance is not None or model.training_adapter is not None:
            yield Misfit(("train_on",), f"is missing: '{model.id}', if LoRAs are to be trained on it")
    elif model.train_on != model.id:
        yield from _elsewhere(model, catalog, abilities)
    else:
        yield from _itself(model, abilities[model.id])


def _elsewhere(model: ModelConfig, catalog: Catalog, abilities: Abilities) -> Iterator[Misfit]:
    base = catalog.models.get(model.train_on or "")
    if base is None:
        known = ", ".join(sorted(catalog.models))
        yield Misfit(("train_on",), f"'{model.train_on}' is not known; known: {known}")
    elif base.family != model.family:
        yield Misfit(("train_on",), f"{base.id} is of the family {base.family}, not of {model.family}")
    elif base.train_on != base.id:
        yield Misfit(("train_on",), f"no LoRAs are trained on {base.id}: its own 'train_on' is another")
    elif not abilities[model.id].lora:
        yield Misfit(("train_on",), f"{_title(model)} takes no LoRAs: leave it out")
    for field in ("training_guidance", "training_adapter"):
        if getattr(model, field) is not None:
            yield Misfit((field,), f"is a matter of {model.train_on}, on which its LoRAs are trained: leave it out")


def _itself(model: ModelConfig, can: Capabilities) -> Iterator[Misfit]:
    if can.trains is None:
        yield Misfit(("train_on",), f"no LoRAs can be trained on {_title(model)}: leave it out, or name another model")
    elif can.distilled and model.training_adapter is None:
        message = (
            f"{_title(model)} was distilled to few steps, which training would undo: name the model that it was "
            "distilled from, or a 'training_adapter'"
        )
        yield Misfit(("train_on",), message)
    if can.guidance == "embedded" and model.training_guidance is None:
        message = f"is missing: {_title(model)} is told a guidance scale in training, too: 1, unless you know better"
        yield Misfit(("training_guidance",), message)
    if can.guidance != "embedded" and model.training_guidance is not None:
        yield Misfit(("training_guidance",), f"{_title(model)} is told no guidance: leave it out")


def _title(model: ModelConfig) -> str:
    return f"{model.family} ({model.variant})"
