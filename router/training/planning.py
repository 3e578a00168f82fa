"""From what somebody asks of a training to its plan: every reason against it is told before anything runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from configs.catalog import Catalog, Installation
from configs.datasets import DatasetConfig
from configs.entries import EntryPin
from configs.errors import InvalidRequest, UnknownName
from configs.fitness import TRAINING_DATA
from configs.schema import LicencePart, ModelConfig
from configs.training import TrainingSettings
from configs.training_bases import find_base
from deployments.trainings import LearnedPicture
from router.api.sentences import sentence_for
from router.jobs.model import LicenceVerdict
from router.library.lora_intake import ADAPTER
from router.licences.verdicts import judge_parts
from router.notes import Note, NoteCode
from router.rates import Rates
from router.training.estimate import estimate_training
from router.training.plan import TrainingPlan
from router.training.request import TrainingRequest

_FEWEST = 5
_UNKNOWN = "unknown"
_WORDED_EVERY = 2
"""A look that is learned from bare captions alone gives way to an asset type's words, in which it is drawn with: of 12
icons of mini, four had the ground that they have without it, and none with half of the captions in these words (one run
of each)."""


@dataclass(frozen=True, slots=True)
class Material:
    """A version of a dataset, as it is in the library."""

    pin: EntryPin
    dataset: DatasetConfig


@dataclass(frozen=True, slots=True)
class Planned:
    """A training, and what may be done with what comes out of it."""

    plan: TrainingPlan
    licence: LicenceVerdict


def plan_trainings(
    asked: TrainingRequest,
    material: Material,
    prior: Material | None,
    installation: Installation,
    rates: Rates,
    sweep: str = "",
) -> tuple[Planned, ...]:
    """One, or all of a sweep. Raises `InvalidRequest`, `UnknownName` and `Unsupported`, with the field."""
    model = find_model(asked.model, installation)
    pictures = tuple(_pictures(material, prior, installation.catalog))
    _check_pictures(material.dataset)
    parts = _licence_parts(model, material, prior)
    deployment = _trainer_of(model, installation)
    runs = _settings(asked, model, material.dataset, installation.catalog)
    return tuple(
        Planned(
            TrainingPlan(
                dataset=material.pin,
                model=model.id,
                deployment=deployment,
                lora=asked.lora,
                name=asked.name,
                asset_type=material.dataset.asset_type,
                trigger=material.dataset.trigger,
                pictures=pictures,
                settings=settings,
                licence_parts=parts,
                unknown_rights=_unknown(material, prior),
                is_judged=asked.judged,
                window=installation.profile.night if asked.schedule == "overnight" else None,
                estimate=estimate_training(
                    model, settings, len(pictures), deployment, installation, rates, asked.judged
                ),
                sweep=sweep if len(runs) > 1 else "",
                notes=tuple(_notes(material, prior)),
            ),
            judge_parts([(asked.lora, part) for part in parts], installation.catalog),
        )
        for settings in runs
    )


def find_model(name: str | None, installation: Installation) -> ModelConfig:
    """The model that is learned on. Raises `UnknownName` and `Unsupported`, saying on which ones it can be."""
    catalog, trainers = installation.catalog, [one.model for one in installation.profile.trainers]
    id = name or installation.profile.default_model
    if id not in catalog.models:
        raise UnknownName(f"there is no model '{id}'; LoRAs are trained on {_listed(trainers)} here", "model")
    return find_base(catalog.models[id], catalog, installation.capabilities)


def _trainer_of(model: ModelConfig, installation: Installation) -> str:
    """Raises `InvalidRequest` where the profile has none for it."""
    trainers = installation.profile.trainers
    placed = next((one for one in trainers if one.model == model.id), None)
    if placed is None:
        known = [one.model for one in trainers]
        message = f"nothing here trains on {model.id}: {_listed(known)} can be; an operator adds others to 'trainers'"
        raise InvalidRequest(f"{message} of the profile", "model", tuple(known))
    return placed.name


def _settings(
    asked: TrainingRequest, model: ModelConfig, dataset: DatasetConfig, catalog: Catalog
) -> tuple[TrainingSettings, ...]:
    """Of each run. Raises `InvalidRequest` for the first that cannot be."""
    defaults, is_subject = catalog.trainings.get(model.family), asked.prior is not None
    usual = {} if defaults is None else defaults.usual(model, dataset.asset_type, len(dataset.pictures), is_subject)
    known = tuple(TrainingSettings.model_fields)
    other = next((name for name in asked.settings if name not in known), None)
    if other is not None:
        message = f"'{other[:64]}' is no setting of a training; they are {', '.join(known)}"
        raise InvalidRequest(message, f"settings.{other[:64]}", known)
    try:
        return asked.sweep.over(TrainingSettings.model_validate(usual | asked.settings))
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> InvalidRequest:
    first: Any = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(["settings", *map(str, first["loc"])])
    if first["type"] == "value_error":
        return InvalidRequest(f"{field}: {first['ctx']['error']}", field)
    return InvalidRequest(f"{field}: {sentence_for(first['type'], first.get('ctx', {}))}", field)


def _check_pictures(dataset: DatasetConfig) -> None:
    if len(dataset.pictures) < _FEWEST:
        there = len(dataset.pictures)
        message = f"{dataset.id} has {there} pictures, and nothing is learned from fewer than {_FEWEST}: add some"
        raise InvalidRequest(message, "dataset")
    without = [one.picture for one in dataset.pictures if not one.caption]
    if len(without) == len(dataset.pictures):
        raise InvalidRequest(f"no picture of {dataset.id} has a caption: say what each shows", "dataset")


def _pictures(material: Material, prior: Material | None, catalog: Catalog) -> Iterator[LearnedPicture]:
    """Each content once, whatever it is called; every other one of a dataset with an asset type in that one's words."""
    seen: set[str] = set()
    before, after = _frame(material.dataset, catalog)
    for source, is_prior in ((material, False), (prior, True)):
        for one in () if source is None else source.dataset.pictures:
            if one.sha256 not in seen:
                seen.add(one.sha256)
                is_worded = bool(one.caption) and not is_prior and len(seen) % _WORDED_EVERY == 0
                worded = f"{before}{one.caption}{after}" if is_worded and before + after else ""
                yield LearnedPicture(sha256=one.sha256, caption=one.caption, worded=worded, is_prior=is_prior)


def _frame(dataset: DatasetConfig, catalog: Catalog) -> tuple[str, str]:
    """What a prompt of the dataset's asset type has before and after what a person asks for; nothing without one."""
    asset_type = catalog.asset_types.get(dataset.asset_type or "")
    return ("", "") if asset_type is None else asset_type.template.around({})


def _licence_parts(model: ModelConfig, material: Material, prior: Material | None) -> tuple[LicencePart, ...]:
    """Of the base, whose licences an adapter inherits, and of all that it learned from."""
    base = dict.fromkeys(part.licence for part in model.licence_parts)
    data = dict.fromkeys(id for one in (material, prior) if one is not None for id in one.dataset.licences)
    adapters = tuple(LicencePart(part=ADAPTER, licence=id) for id in base)
    return adapters + tuple(LicencePart(part=TRAINING_DATA, licence=id) for id in data)


def _unknown(material: Material, prior: Material | None) -> tuple[str, ...]:
    """Pictures of which nobody has said whose they are."""
    sources = [one.dataset for one in (material, prior) if one is not None]
    return tuple(one.picture for source in sources for one in source.pictures if _UNKNOWN in one.all_licences)


def _notes(material: Material, prior: Material | None) -> Iterator[Note]:
    if unknown := _unknown(material, prior):
        named = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
        message = f"nobody has said whose {named} are: what is learned cannot become live before somebody does"
        yield Note(code=NoteCode.RIGHTS_UNKNOWN, message=message)
    bare = sum(not one.caption for one in material.dataset.pictures)
    if bare:
        yield Note(code=NoteCode.PLAIN, message=f"{bare} pictures have no caption, and are learned without words")


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
