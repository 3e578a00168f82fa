"""The LoRAs of one loaded model, ready to be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from configs.schema import LoraConfig, ModelConfig
from deployments.engine.metrics import SILENT, Metrics
from deployments.loras.keys import Anatomy
from deployments.loras.loading import Adapters
from deployments.loras.residency import Residency
from deployments.loras.slots import Slots


class Wearer(Protocol):
    """As much of a model as its LoRAs need."""

    slots: Slots
    anatomy: Anatomy


def wardrobe(family: Wearer, config: ModelConfig, loras: Sequence[LoraConfig], metrics: Metrics = SILENT) -> Adapters:
    """`loras` are those that requests may name; they share the memory that `config` grants them."""
    return Adapters(
        family.slots,
        Residency(config.lora_memory_mb * 2**20),
        {lora.id: lora for lora in loras},
        config.family,
        family.anatomy,
        metrics,
    )
