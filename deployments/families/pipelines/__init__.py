"""Families that are diffusers pipelines called whole: Qwen-Image, Z-Image, and any other that a YAML names."""

from __future__ import annotations

from collections.abc import Sequence

from configs.schema import ModelConfig
from deployments.families.assembly import assemble
from deployments.families.family import FusedLora
from deployments.families.pipelines.along import follow
from deployments.families.pipelines.editing import build_reader
from deployments.families.pipelines.manners import manner_of
from deployments.families.pipelines.pipeline import WholePipeline


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> WholePipeline:
    """Check the weights, build the pipeline, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    manner = manner_of(config)
    readings = {"processor": build_reader} if manner.references else {}
    assembled = assemble(manner.pipeline, config, loras, readings=readings)
    assembled.pipeline.set_progress_bar_config(disable=True)
    following, nets = follow(config, manner.along, assembled.pipeline)
    return WholePipeline(assembled.pipeline, nets.name(assembled.weights), config, manner, following)


__all__ = ["WholePipeline", "load"]
