"""A LoRA's file looked at before it is taken in: what it says of itself, and what models of its family say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from configs.catalog import Catalog
from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.checkpoints.source import ROOT
from deployments.families.registry import FAMILIES
from deployments.loras import files, origin
from deployments.loras.effect import Model, check_prediction
from deployments.loras.preflight import Checked, Preflight, judge


@dataclass(frozen=True, slots=True)
class Trial:
    """A model that the LoRA fits, what preflight found, and by how much the model's first prediction changes."""

    model: str
    report: Preflight
    prediction: float


@dataclass(frozen=True, slots=True)
class Findings:
    """What a file says of itself (`made_for`, `trigger_words`, tags that it has seen most), and its trials."""

    file: Path
    made_for: str | None
    trigger_words: tuple[str, ...]
    frequent_tags: tuple[str, ...]
    trials: tuple[Trial, ...]


def choose_models(
    contents: files.Contents, catalog: Catalog, family: str | None, ids: Sequence[str]
) -> list[ModelConfig]:
    """The models to try a LoRA with: those named, or all of its family whose weights are here. The family is given,
    or that of the first model named, or guessed from the file. Raises ConfigError, saying what to add."""
    for id in ids:
        if id not in catalog.models:
            raise ConfigError(f"there is no model '{id}'; known: {', '.join(sorted(catalog.models))}", "model")
    named = [catalog.models[id] for id in ids]
    family = family or (named[0].family if named else _guess_family(contents, catalog))
    strangers = [model for model in named if model.family != family]
    if strangers:
        raise ConfigError(f"'{strangers[0].id}' is of the family {strangers[0].family}, not of {family}", "model")
    candidates = named or [model for model in catalog.models.values() if model.family == family]
    if not candidates:
        known = ", ".join(sorted({model.family for model in catalog.models.values()}))
        raise ConfigError(f"no model is of the family {family}; models are of {known}", "family")
    ready = named or [model for model in candidates if _is_here(model)]
    if not ready:
        choice = " or ".join(f"--model {model.id}" for model in candidates)
        raise ConfigError(f"a LoRA is tried before it is taken in, and no model of {family} is here: {choice}", "model")
    return ready


def _guess_family(contents: files.Contents, catalog: Catalog) -> str:
    """The family whose layers a file has; of several, one that is served, with models here. Raises ConfigError."""
    found = origin.guess(contents.tensors, contents.metadata)
    if found is None:
        raise ConfigError("its keys do not tell what it was made for: name its family with --family", "family")
    served = {model.family for model in catalog.models.values()}
    if not served.intersection(found.families):
        known = ", ".join(sorted(served))
        raise ConfigError(
            f"by its keys it was made for {found.name}, which no model here is; models are of {known}", "family"
        )
    here = {model.family for model in catalog.models.values() if _is_here(model)}
    likely = [*found.families]
    for narrower in (served, here):
        likely = [family for family in likely if family in narrower] or likely
    if len(likely) > 1:
        raise ConfigError(f"by its keys it was made for {found.name}: name its family with --family", "family")
    return likely[0]


def examine(file: Path, contents: files.Contents, models: Sequence[ModelConfig], owner: str) -> Findings:
    """Load each model and try the LoRA with it: preflight, then the first prediction with it and without. Raises
    ConfigError, BadLora among them, for the first that it does not fit, naming the model."""
    return Findings(
        file=file,
        made_for=origin.stated(contents.metadata),
        trigger_words=origin.trigger_words(contents.metadata),
        frequent_tags=origin.frequent_tags(contents.metadata),
        trials=tuple(_try(file, contents, model, f"{owner}, tried with '{model.id}'") for model in models),
    )


def _try(file: Path, contents: files.Contents, config: ModelConfig, owner: str) -> Trial:
    return try_on(load_for_trial(config, owner), config, file, contents, owner)


def load_for_trial(config: ModelConfig, owner: str) -> Model:
    """The model, with weights that can be changed and put back. Raises ConfigError, also if it takes no LoRAs."""
    if not FAMILIES.table().find(config.family, config.variant).lora:
        raise ConfigError(f"{owner}: this model takes no LoRAs.", "model")
    return FAMILIES.find(config.family)(_in_memory(config))


def try_on(model: Model, config: ModelConfig, file: Path, contents: files.Contents, owner: str) -> Trial:
    """Preflight, then the model's first prediction with the file and without. Raises ConfigError, BadLora among them;
    the model is as before when it returns."""
    can = FAMILIES.table().find(config.family, config.variant)
    checked = judge(contents, file, model.anatomy, model.slots.largest, owner)
    prediction = check_prediction(model, config, can, checked.converted.changes, owner)
    return Trial(config.id, _report(checked, model), prediction)


def _report(checked: Checked, model: Model) -> Preflight:
    """With what only the model's slots know."""
    if all(place.module in model.slots.targets for place in checked.converted.changes):
        return checked.report
    return replace(checked.report, exclusive=checked.report.exclusive or "it changes layers without slots")


def _is_here(model: ModelConfig) -> bool:
    return model.weights.path is not None and (ROOT / model.weights.path).exists()


def _in_memory(config: ModelConfig) -> ModelConfig:
    """With weights that can be changed and put back: those that are fetched layer by layer cannot."""
    if config.runtime.offload != "sequential":
        return config
    return config.model_copy(update={"runtime": config.runtime.model_copy(update={"offload": "model"})})
