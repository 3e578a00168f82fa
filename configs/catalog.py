"""Everything that the YAML files say, parsed: what can run, and what this installation runs."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import Field

from configs.architecture import FigureTable
from configs.brand import BrandKitConfig
from configs.capabilities import Capabilities
from configs.captioners import CaptionerConfig
from configs.contracts import AssetTypeConfig, QualityConfig
from configs.cutters import CutterConfig
from configs.dataset_rules import DatasetRules
from configs.datasets import DatasetConfig
from configs.entries import LORAS, EntryPin, hash_of
from configs.experiments import ExperimentConfig
from configs.fleet import Fleet
from configs.frozen import Frozen
from configs.ledger import Entry
from configs.memory import Prediction
from configs.profile import ProfileConfig
from configs.prompt_sets import PromptSetConfig
from configs.runtime import Preset
from configs.schema import Licence, LoraConfig, ModelConfig, UpscalerConfig
from configs.scorers import ScorerConfig
from configs.training_defaults import TrainingDefaults

Versioned: TypeAlias = (
    AssetTypeConfig | BrandKitConfig | DatasetConfig | ExperimentConfig | LoraConfig | PromptSetConfig
)
"""What the library keeps in versions."""


class Catalog(Frozen):
    """All configs by id, the profiles excepted."""

    licences: dict[str, Licence]
    models: dict[str, ModelConfig]
    upscalers: dict[str, UpscalerConfig]
    loras: dict[str, LoraConfig]
    asset_types: dict[str, AssetTypeConfig]
    qualities: dict[str, QualityConfig]
    brand_kits: dict[str, BrandKitConfig] = {}
    experiments: dict[str, ExperimentConfig] = {}
    prompt_sets: dict[str, PromptSetConfig] = {}
    datasets: dict[str, DatasetConfig] = Field(default={}, description="people bring them; YAML has none")
    dataset_rules: DatasetRules
    presets: dict[str, Preset] = {}
    scorers: dict[str, ScorerConfig] = {}
    captioners: dict[str, CaptionerConfig] = {}
    cutters: dict[str, CutterConfig] = {}
    trainings: dict[str, TrainingDefaults] = Field(default={}, description="family -> what trainings are set to")
    figures: FigureTable = {}
    pins: dict[str, EntryPin] = Field(default={}, description="kind/id -> the version of an entry that this holds")
    configured_loras: dict[str, LoraConfig] = Field(default={}, description="as YAML has them; replicas began with it")

    def pin(self, kind: str, config: Versioned) -> EntryPin:
        """Which version of an entry `config` is."""
        known = self.pins.get(f"{kind}/{config.id}")
        return known or EntryPin(kind=kind, id=config.id, version=config.version, sha256=hash_of(config))

    def fused_lora(self, id: str) -> LoraConfig:
        """A LoRA that is fused into weights: as its YAML has it, whichever version is live meanwhile."""
        return self.configured_loras.get(id) or self.loras[id]

    def fused_pin(self, id: str) -> EntryPin:
        """Which version that is."""
        lora = self.fused_lora(id)
        return EntryPin(kind=LORAS, id=id, version=lora.version, sha256=hash_of(lora))


class Installation(Frozen):
    """One profile with the catalog it draws from, and what each of its models can do, by model id.

    `root` is the folder that relative paths start at; `memory` is what each model is predicted to take, where that was
    counted, and `ledger` who has how much of a GPU; `fleet` the machines there can be, where the profile names one.
    """

    root: str
    profile: ProfileConfig
    catalog: Catalog
    capabilities: dict[str, Capabilities]
    memory: dict[str, Prediction] = {}
    ledger: tuple[Entry, ...] = ()
    fleet: Fleet | None = None
