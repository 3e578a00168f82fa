"""All that models, networks beside them and LoRAs load weights from, so that it can be fetched or looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from configs.captioners import CAPTIONER_FILES, CaptionerConfig
from configs.catalog import Installation
from configs.cutters import CutterConfig
from configs.pins import Pinnable
from configs.schema import LoraConfig, ModelConfig, UpscalerConfig
from configs.scorers import SCORER_FILES, ScorerConfig
from configs.weights import Weights
from deployments.checkpoints.source import locate, locate_config
from deployments.networks.table import NETWORKS


@dataclass(frozen=True, slots=True)
class Source:
    """One place that weights come from. `files`: patterns of what is wanted, or None for what its layout says."""

    owner: str
    weights: Weights
    files: tuple[str, ...] | None = None


def all_sources(installation: Installation) -> Iterator[Source]:
    """Of everything that the profile's replicas may load; any LoRA of the catalog can be asked for."""
    catalog, profile = installation.catalog, installation.profile
    for generator in profile.generators:
        yield from sources(catalog.models[generator.model])
    for placement in profile.upscalers:
        yield from sources(catalog.upscalers[placement.upscaler])
    for scorer in profile.scorers:
        yield from sources(catalog.scorers[scorer.scorer])
    for captioner in profile.captioners:
        yield from sources(catalog.captioners[captioner.captioner])
    if profile.cutter is not None:
        yield from sources(catalog.cutters[profile.cutter])
    for lora in catalog.loras.values():
        yield from sources(lora)


def sources(config: Pinnable) -> Iterator[Source]:
    """All of them, the model's own first."""
    if isinstance(config, LoraConfig):
        yield Source(f"LoRA '{config.id}'", config.weights, ("*.safetensors",))
    elif isinstance(config, UpscalerConfig):
        yield Source(f"upscaler '{config.id}'", config.weights, NETWORKS[config.network].files)
    elif isinstance(config, ScorerConfig):
        yield Source(f"scorer '{config.id}'", config.weights, SCORER_FILES[config.kind])
    elif isinstance(config, CaptionerConfig):
        yield Source(f"captioner '{config.id}'", config.weights, CAPTIONER_FILES[config.kind])
    elif isinstance(config, CutterConfig):
        yield Source(f"cutter '{config.id}'", config.weights, ("model.safetensors",))
    else:
        yield from _of_model(config)


def fetch(config: ModelConfig) -> None:
    """Bring to this node what is not here yet of a model's weights. Raises ConfigError."""
    for source in sources(config):
        if source.weights.path is None:
            locate(source.weights, source.owner, source.files)
        if source.weights.config is not None and source.weights.config.path is None:
            locate_config(source.weights, source.owner)


def _of_model(model: ModelConfig) -> Iterator[Source]:
    owner = f"model '{model.id}'"
    yield Source(owner, model.weights)
    for name, weights in model.borrowed.items():
        yield Source(f"{owner}, {name}", weights)
    for kind, control in model.controls.items():
        yield Source(f"{owner}, {kind} control", control.weights)
    if model.training_adapter is not None:
        yield Source(f"{owner}, training adapter", model.training_adapter)
    if model.image_prompt is not None:
        yield Source(f"{owner}, image prompts", model.image_prompt.weights)
        if model.image_prompt.image_encoder is not None:
            yield Source(f"{owner}, image encoder", model.image_prompt.image_encoder)
