"""A UNet's LoRAs: of linears in slots, of convolutions worn alone. (All families: `families/conformance`.)"""

from __future__ import annotations

import threading
from pathlib import Path

import torch

from configs.schema import AppliedLora
from deployments.families.family import AnyFamily
from deployments.families.registry import FAMILIES
from deployments.loras.changes import LowRank
from deployments.loras.loading import Adapters, Lease
from deployments.loras.wardrobe import wardrobe
from tests.deployments import tiny_sdxl
from tests.deployments.loras.published import configured, save


def draw(weight: torch.Tensor) -> LowRank:
    """A strong change of a linear or a convolution."""
    generator = torch.Generator().manual_seed(1)
    a = torch.randn(2, *weight.shape[1:], generator=generator)
    return LowRank(a, torch.randn(len(weight), 2, *[1] * (weight.ndim - 2), generator=generator))


def test_a_unets_linears_go_into_slots_and_its_convolutions_are_worn_alone(tmp_path: Path) -> None:
    tiny_sdxl.build(tmp_path / "model")
    config = tiny_sdxl.config(tmp_path / "model")
    model: AnyFamily = FAMILIES.find("sdxl")(config)
    loras = []
    for name, dimensions in (("linears", 2), ("convolutions", 4)):
        tensors: dict[str, torch.Tensor] = {}
        for place, weight in model.anatomy.weights.items():
            if place.component == "unet" and weight.ndim == dimensions:
                change, layer = draw(weight), f"lora_unet_{place.module.replace('.', '_')}"
                tensors |= {f"{layer}.lora_down.weight": change.a, f"{layer}.lora_up.weight": change.b}
        loras.append(configured(save(tmp_path, name, tensors), family="sdxl"))
    adapters = wardrobe(model, config, loras)
    try:
        leases = [ask(adapters, lora.id) for lora in loras]
        assert [lease.error for lease in leases] == [None, None]
        assert [len(lease.selection()) for lease in leases] == [1, 0]
        assert [lease.exclusive is None for lease in leases] == [True, False]
    finally:
        adapters.close()


def ask(adapters: Adapters, name: str) -> Lease:
    """A lease whose file is read, settled."""
    read = threading.Event()
    lease = adapters.ask([AppliedLora(lora=name)], read.set)
    assert read.wait(30)
    adapters.settle()
    return lease
