"""The LoRAs of one loaded model, ready to be asked for."""

from __future__ import annotations

from collections.abc import Sequence

from configs.schema import LoraConfig, ModelConfig
from deployments.engine.metrics import SILENT, Metrics
from deployments.families.family import AnyFamily
from deployments.loras.loading import Adapters
from deployments.loras.residency import Residency


def wardrobe(
    family: AnyFamily, config: ModelConfig, loras: Sequence[LoraConfig], metrics: Metrics = SILENT
) -> Adapters:
    """`loras` are those that requests may name; they share the memory that `config` grants them."""
    return Adapters(
        family.slots,
        Residency(config.lora_memory_mb * 2**20),
        {lora.id: lora for lora in loras},
        config.family,
        family.anatomy,
        metrics,
    )
