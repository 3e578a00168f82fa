"""The one place that reads YAML: every mistake is reported with file, line, field and what is allowed there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter

from configs.architecture import Architecture, Component
from configs.brand import BrandKitConfig
from configs.capabilities import Capabilities, CapabilityTable
from configs.captioners import CaptionerConfig
from configs.catalog import Catalog, Installation
from configs.composed import composed
from configs.contracts import AssetTypeConfig, QualityConfig
from configs.cutters import CutterConfig
from configs.dataset_rules import DatasetRules
from configs.document import ROOT as ROOT
from configs.document import Document, Loc, Place, Span, shown
from configs.errors import ConfigError
from configs.experiments import ExperimentConfig
from configs.fitness import find_contract_misfits, find_lora_misfits, find_misfits
from configs.fleet import Fleet
from configs.ledger import Refused, settle
from configs.plans import needs_of, predict_all, read_figures
from configs.profile import ProfileConfig
from configs.prompt_sets import PromptSetConfig
from configs.runtime import Combination, Preset, find_untested
from configs.schema import Licence, LicencePart, LoraConfig, ModelConfig, UpscalerConfig
from configs.scorers import ScorerConfig
from configs.surroundings import surrounded
from configs.training_bases import find_training_misfits
from configs.training_defaults import TrainingDefaults

T = TypeVar("T")
Named = TypeVar(
    "Named",
    Architecture,
    AssetTypeConfig,
    BrandKitConfig,
    CaptionerConfig,
    Component,
    CutterConfig,
    ExperimentConfig,
    Fleet,
    LoraConfig,
    ModelConfig,
    Preset,
    ProfileConfig,
    PromptSetConfig,
    QualityConfig,
    ScorerConfig,
    TrainingDefaults,
    UpscalerConfig,
)


def load_catalog(root: Path = ROOT) -> Catalog:
    """All of `<root>/configs` but the profiles. Raises `ConfigError`."""
    folder = root / "configs"
    licences = read_document(folder / "licences.yaml").parse(TypeAdapter(tuple[Licence, ...]))
    known = {licence.id for licence in licences}
    presets = _load_folder(folder / "presets", Preset, known)
    models = _load_folder(folder / "models", ModelConfig, known)
    catalog = Catalog(
        licences={licence.id: licence for licence in licences},
        presets=presets,
        figures=read_figures(folder, ROOT / "configs"),
        models={id: _run(folder / "models" / f"{id}.yaml", model, presets) for id, model in models.items()},
        upscalers=_load_folder(folder / "upscalers", UpscalerConfig, known),
        scorers=_load_folder(folder / "scorers", ScorerConfig, known),
        captioners=_load_folder(folder / "captioners", CaptionerConfig, known),
        cutters=_load_folder(folder / "cutters", CutterConfig, known),
        trainings=_load_folder(folder / "training", TrainingDefaults, known),
        loras=_load_folder(folder / "loras", LoraConfig, known),
        asset_types=_load_folder(folder / "asset_types", AssetTypeConfig, known),
        qualities=_load_folder(folder / "qualities", QualityConfig, known),
        brand_kits=_load_folder(folder / "brand_kits", BrandKitConfig, known),
        experiments=_load_folder(folder / "experiments", ExperimentConfig, known),
        prompt_sets=_load_folder(folder / "prompt_sets", PromptSetConfig, known),
        dataset_rules=_load_dataset_rules(folder),
    )
    # One that was just written may be named before `deployments.memory --write` has counted it.
    written = {file.stem for file in (folder / "architectures").glob("*.yaml")}
    for model in catalog.models.values():
        document = read_document(folder / "models" / f"{model.id}.yaml")
        _check_model(document, model, catalog)
        _check_architectures(document, model, written | catalog.figures.keys())
    for lora in catalog.loras.values():
        _check_lora(read_document(folder / "loras" / f"{lora.id}.yaml"), lora, catalog)
    for asset_type in catalog.asset_types.values():
        _check_contract(read_document(folder / "asset_types" / f"{asset_type.id}.yaml"), asset_type, catalog)
    for quality in catalog.qualities.values():
        _check_quality(read_document(folder / "qualities" / f"{quality.id}.yaml"), quality, catalog)
    return catalog


def load_installation(profile: str | Mapping[str, Any], families: CapabilityTable, root: Path = ROOT) -> Installation:
    """The catalog with one profile, given by id, by path or written out, and what each model can do. Raises
    `ConfigError`."""
    catalog = load_catalog(root)
    capabilities = _find_capabilities(root / "configs" / "models", catalog, families)
    for family in catalog.trainings:
        _require(read_document(root / "configs" / "training" / f"{family}.yaml"), ["id"], family, families.families)
    document, config = _read_profile(profile, root)
    _check_profile(document, config, catalog)
    _check_takers(document, config, catalog, capabilities, root / "configs" / "loras")
    fleet = _find_fleet(document, config, root)
    try:
        config, ledger = settle(config, needs_of(catalog, capabilities), fleet)
    except Refused as refused:
        raise document.error(refused.place, refused.message) from None
    return Installation(
        root=str(root),
        profile=config,
        catalog=catalog,
        capabilities=capabilities,
        memory=predict_all(catalog, capabilities),
        ledger=ledger,
        fleet=fleet,
    )


def load_profile(profile: str, root: Path = ROOT) -> ProfileConfig:
    """A profile alone, given by id or by path, for what needs no model. Raises `ConfigError`."""
    return _read_profile(profile, root)[1]


def _load_dataset_rules(folder: Path) -> DatasetRules:
    """Those of an installation, or as they are here where it has none of its own."""
    own = folder / "dataset_rules.yaml"
    path = own if own.is_file() else ROOT / "configs" / "dataset_rules.yaml"
    return read_document(path).parse(TypeAdapter(DatasetRules))


def load_fleets(root: Path = ROOT) -> dict[str, Fleet]:
    """All fleets by id. Raises `ConfigError`."""
    return _load_folder(root / "configs" / "fleets", Fleet, set())


def load_architectures(root: Path = ROOT) -> tuple[dict[str, Architecture], dict[str, Component]]:
    """What published models are made of. Raises `ConfigError`."""
    folder = root / "configs"
    architectures = _load_folder(folder / "architectures", Architecture, set())
    return architectures, _load_folder(folder / "components", Component, set())


def _find_fleet(document: Document, profile: ProfileConfig, root: Path) -> Fleet | None:
    if profile.fleet is None:
        if profile.kinds:
            raise document.error(["kinds"], "says how many nodes of a fleet there are: name one in 'fleet'")
        return None
    fleet = _require(document, ["fleet"], profile.fleet, load_fleets(root))
    try:
        return fleet.bounded(profile.kinds)
    except ValueError as error:
        raise document.error(["kinds"], str(error)) from None


def _read_profile(profile: str | Mapping[str, Any], root: Path) -> tuple[Document, ProfileConfig]:
    """By id, by path, or written out, as a Serve config has it; with what the environment says of it."""
    document = _profile_document(profile, root)
    return document, surrounded(document.parse(TypeAdapter(ProfileConfig)), os.environ)


def _profile_document(profile: str | Mapping[str, Any], root: Path) -> Document:
    if not isinstance(profile, str):
        return parse_document(Path("profile"), json.dumps(profile, indent=1))
    folder = root / "configs" / "profiles"
    path = Path(profile) if profile.endswith((".yaml", ".yml")) else folder / f"{profile}.yaml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise ConfigError(f"there is no profile '{profile}'; known: {known}", "profile")
    return read_document(path)


def _run(path: Path, model: ModelConfig, presets: dict[str, Preset]) -> ModelConfig:
    """`model` with its preset's settings, which must have been tested together."""
    document, runtime = read_document(path), model.runtime
    if runtime.preset is not None:
        runtime = _require(document, ["runtime", "preset"], runtime.preset, presets).fill(runtime)
    untested = find_untested(runtime, model.family, load_tested())
    if untested is not None:
        raise document.error(["runtime"], untested)
    return model.model_copy(update={"runtime": runtime})


@lru_cache(maxsize=1)
def load_tested() -> tuple[Combination, ...]:
    """What this code was tested with: the installation has no say in it."""
    return read_document(ROOT / "configs" / "tested.yaml").parse(TypeAdapter(tuple[Combination, ...]))


def _check_takers(
    document: Document, profile: ProfileConfig, catalog: Catalog, capabilities: dict[str, Capabilities], loras: Path
) -> None:
    """LoRAs are for models that take some, fused in or not."""
    for i, generator in enumerate(profile.generators):
        if generator.loras and not capabilities[generator.model].lora:
            raise document.error(["generators", i, "loras"], f"{generator.model} takes no LoRAs")
    for lora in catalog.loras.values():
        if not any(capabilities[model.id].lora for model in catalog.models.values() if lora.fits(model)):
            message = f"no model of {lora.family} that it is for takes LoRAs"
            raise read_document(loras / f"{lora.id}.yaml").error(["family"], message)


def _find_capabilities(folder: Path, catalog: Catalog, families: CapabilityTable) -> dict[str, Capabilities]:
    """By model, each of which must ask of its family what that can do."""
    found = {}
    for model in catalog.models.values():
        document = read_document(folder / f"{model.id}.yaml")
        try:
            can = families.find(model.family, model.variant)
        except ConfigError as error:
            raise document.error([error.field or "family"], error.message) from None
        misfit = next(find_misfits(model, can), None)
        if misfit is not None:
            raise document.error(misfit.place, misfit.message)
        found[model.id] = can
    for model in catalog.models.values():
        misfit = next(find_training_misfits(model, catalog, found), None)
        if misfit is not None:
            raise read_document(folder / f"{model.id}.yaml").error(misfit.place, misfit.message)
    return found


def _check_model(document: Document, model: ModelConfig, catalog: Catalog) -> None:
    if model.upscaler is not None:
        _require(document, ["upscaler"], model.upscaler, catalog.upscalers)
    if model.scorer is not None:
        _require(document, ["scorer"], model.scorer, catalog.scorers)
    for quality in model.steps:
        _require(document, ["steps", quality], quality, catalog.qualities)


def _check_architectures(document: Document, model: ModelConfig, known: set[str]) -> None:
    """A mistyped one would pass for one that nobody has counted."""
    named: dict[Place, str | None] = {(): model.architecture}
    named |= {("controls", kind): control.architecture for kind, control in model.controls.items()}
    if model.image_prompt is not None:
        named["image_prompt",] = model.image_prompt.architecture
    for place, architecture in named.items():
        if architecture is not None:
            _require(document, (*place, "architecture"), architecture, dict.fromkeys(known))


def _check_lora(document: Document, lora: LoraConfig, catalog: Catalog) -> None:
    misfit = next(find_lora_misfits(lora, catalog), None)
    if misfit is not None:
        raise document.error(misfit.place, misfit.message)


def _check_contract(document: Document, asset_type: AssetTypeConfig, catalog: Catalog) -> None:
    misfit = next(find_contract_misfits(asset_type, catalog), None)
    if misfit is not None:
        raise document.error(misfit.place, misfit.message)
    if asset_type.brand_kit is not None:
        _require(document, ["brand_kit"], asset_type.brand_kit, catalog.brand_kits)


def _check_quality(document: Document, quality: QualityConfig, catalog: Catalog) -> None:
    highest = max(one.order for one in catalog.qualities.values())
    if quality.step_cache is not None and quality.order == highest:
        raise document.error(["step_cache"], f"{quality.id} is the highest quality: its pictures are drawn exactly")


def _check_networks(document: Document, profile: ProfileConfig, catalog: Catalog) -> None:
    for i, placement in enumerate(profile.scorers):
        _require(document, ["scorers", i, "scorer"], placement.scorer, catalog.scorers)
    for i, captioner in enumerate(profile.captioners):
        _require(document, ["captioners", i, "captioner"], captioner.captioner, catalog.captioners)
        if captioner.captioner in [one.captioner for one in profile.captioners[:i]]:
            raise document.error(["captioners", i], f"{captioner.name} is there twice")
    if profile.cutter is not None:
        _require(document, ["cutter"], profile.cutter, catalog.cutters)


def _check_trainers(document: Document, profile: ProfileConfig, catalog: Catalog) -> None:
    for i, trainer in enumerate(profile.trainers):
        _require(document, ["trainers", i, "model"], trainer.model, catalog.models)
        if trainer.model in [one.model for one in profile.trainers[:i]]:
            raise document.error(["trainers", i], f"{trainer.name} is there twice")


def _check_profile(document: Document, profile: ProfileConfig, catalog: Catalog) -> None:
    names: set[str] = set()
    for i, generator in enumerate(profile.generators):
        model = _require(document, ["generators", i, "model"], generator.model, catalog.models)
        for j, applied in enumerate(generator.loras):
            loc: Loc = ["generators", i, "loras", j, "lora"]
            lora = _require(document, loc, applied.lora, catalog.loras)
            if applied.version or applied.entry:
                raise document.error(loc, "what is fused in is the LoRA's YAML: leave 'version' and 'entry'")
            if not lora.fits(model):
                made_for = ", ".join(lora.models) or f"the family {lora.family}"
                other = f", not {model.id}" if lora.models else f"; {model.id} is of {model.family}"
                raise document.error(loc, f"'{lora.id}' is for {made_for}{other}")
        if generator.name in names:
            raise document.error(["generators", i], f"{generator.name} is there twice")
        names.add(generator.name)
    placed = {upscaler.upscaler for upscaler in profile.upscalers}
    for i, upscaler in enumerate(profile.upscalers):
        _require(document, ["upscalers", i, "upscaler"], upscaler.upscaler, catalog.upscalers)
    _check_networks(document, profile, catalog)
    for i, generator in enumerate(profile.generators):
        wanted = catalog.models[generator.model].upscaler
        if wanted is not None and wanted not in placed:
            raise document.error(["generators", i], f"{generator.model} needs '{wanted}' among upscalers")
    _check_trainers(document, profile, catalog)
    models = {generator.model: None for generator in profile.generators}
    _require(document, ["default_model"], profile.default_model, models)


def _load_folder(folder: Path, kind: type[Named], licences: set[str]) -> dict[str, Named]:
    loaded: dict[str, Named] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = read_document(path)
        config = document.parse(TypeAdapter(kind))
        if config.id != path.stem:
            raise document.error(["id"], f"'{config.id}' must be the file's name, '{path.stem}'")
        _check_licences(document, getattr(config, "licence_parts", ()), licences)
        loaded[config.id] = config
    return loaded


def _check_licences(document: Document, parts: Iterable[LicencePart], known: set[str]) -> None:
    for i, part in enumerate(parts):
        _require(document, ["licence_parts", i, "licence"], part.licence, dict.fromkeys(known))


def _require(document: Document, loc: Loc, name: str, known: dict[str, T]) -> T:
    if name not in known:
        raise document.error(loc, f"'{name}' is not known; known: {', '.join(sorted(known)) or 'none'}")
    return known[name]


def read_document(path: Path) -> Document:
    """A YAML file as it is. Raises `ConfigError`."""
    try:
        text = path.read_bytes().decode("utf-8")  # line ends as they are
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown(path)}: cannot be read: {error}") from None
    return parse_document(path, text)


def parse_document(path: Path, text: str) -> Document:
    """What `path` would be with that text. Raises `ConfigError`."""
    try:
        node, data = composed(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError(f"{shown(path)}:{line}: not valid YAML: {problem}") from None
    document = Document(path, text, data, {}, {})
    if node is not None:
        _collect(document, node, ())
    return document


def _collect(document: Document, node: yaml.Node, place: Place) -> None:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            line = key.start_mark.line + 1
            if inner in document.lines:
                raise ConfigError(f"{shown(document.path)}:{line}: '{key.value}' is there twice", str(key.value))
            document.lines[inner] = line
            document.spans[inner] = Span(key.start_mark.index, value.start_mark.index, value.end_mark.index)
            _collect(document, value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _collect(document, value, (*place, i))
