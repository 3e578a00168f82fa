"""The LoRAs of one loaded model, ready to be asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from configs.schema import LoraConfig, ModelConfig
from deployments.engine.metrics import SILENT, Metrics
from deployments.loras.keys import Anatomy
from deployments.loras.loading import Adapters
from deployments.loras.residency import Residency
from deployments.loras.slots import Slots
from deployments.loras.source import InstalledLoras, Loras, LoraSource


class Wearer(Protocol):
    """As much of a model as its LoRAs need."""

    slots: Slots
    anatomy: Anatomy


def wardrobe(
    family: Wearer,
    config: ModelConfig,
    loras: Sequence[LoraConfig],
    metrics: Metrics = SILENT,
    stored: LoraSource | None = None,
    lent: Collection[str] = (),
) -> Adapters:
    """`loras` are those that requests may name by id, and `stored` has those that they name by an entry; all share the
    memory that `config` grants them. `lent` are the model's components that other models have too."""
    installed = InstalledLoras({lora.id: lora for lora in loras})
    return Adapters(
        family.slots,
        Residency(config.lora_memory_mb * 2**20),
        installed if stored is None else Loras(installed, stored),
        config.family,
        family.anatomy,
        metrics,
        lent,
    )
