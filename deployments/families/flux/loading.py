"""A FLUX model from its YAML: the pipeline of its variant, its ControlNets, and what reads image prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.checkpoints.fingerprint import combine, fingerprint
from deployments.families.assembly import assemble
from deployments.families.control import ControlNets, load_controls
from deployments.families.family import FusedLora
from deployments.families.flux.control import CLASSES, check_nets
from deployments.families.flux.fill import Filling
from deployments.families.flux.image import TextToImage
from deployments.families.flux.image_prompt import Redux, build_redux, find_redux
from deployments.families.flux.kontext import Editing
from deployments.families.flux.latents import Beginning, Latents
from deployments.families.offloading import place_nets
from deployments.families.schedule import check_flow

PIPELINES = {
    "base": "FluxPipeline",
    "schnell": "FluxPipeline",
    "fill": "FluxFillPipeline",
    "kontext": "FluxKontextPipeline",
}
"""By variant."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A loaded model: diffusers' pipeline, what its variant does with pictures, and what stands beside it."""

    pipeline: Any
    latents: Latents
    beginning: Beginning
    controls: ControlNets
    redux: Redux | None
    weights: str
    """The content hash of all of them."""


def load_parts(config: ModelConfig, loras: Sequence[FusedLora]) -> Parts:
    """Check the weights, build the parts, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    owner = f"model '{config.id}'"
    name = _pipeline(config, owner)
    redux = None if config.image_prompt is None else find_redux(config.image_prompt, f"the image prompts of {owner}")
    assembled = assemble(name, config, loras)
    pipeline, weights = assembled.pipeline, [assembled.weights]
    check_flow(pipeline.scheduler, owner)
    controls = load_controls(config, CLASSES, pipeline)
    check_nets({net.kind: net for net in controls.nets}, pipeline.transformer, owner)
    place_nets(controls.nets, pipeline, config.runtime)
    sight = None
    if redux is not None:
        sight = build_redux(redux, pipeline, config.runtime, owner)
        weights.append(fingerprint([redux]))
    latents = Latents(pipeline)
    beginning = _beginning(config.variant, pipeline, latents)
    return Parts(pipeline, latents, beginning, controls, sight, controls.name(combine(weights)))


def _pipeline(config: ModelConfig, owner: str) -> str:
    if config.variant not in PIPELINES:
        known = ", ".join(sorted(PIPELINES))
        raise ConfigError(f"{owner}: flux has no variant '{config.variant}'; known: {known}", "variant")
    if config.controls and PIPELINES[config.variant] != "FluxPipeline":
        raise ConfigError(f"{owner}: a FLUX model of the variant '{config.variant}' takes no ControlNets", "controls")
    if config.image_prompt is not None and config.image_prompt.kind != "redux":
        raise ConfigError(f"{owner}: FLUX models read image prompts by 'redux' only", "image_prompt.kind")
    return PIPELINES[config.variant]


def _beginning(variant: str, pipeline: Any, latents: Latents) -> Beginning:
    if variant == "fill":
        return Filling(pipeline, latents)
    return Editing(pipeline, latents) if variant == "kontext" else TextToImage(latents)
