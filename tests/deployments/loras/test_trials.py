"""The fixed request that a LoRA is tried with is one that every family can draw, and shows what the LoRA does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from configs.schema import AppliedLora, ModelConfig
from deployments.families.family import AnyFamily
from deployments.families.registry import FAMILIES
from deployments.loras.changes import LowRank
from deployments.loras.effect import Model, check_prediction, measure_prediction
from deployments.loras.loading import Adapters, Lease
from deployments.loras.wardrobe import wardrobe
from tests.deployments import tiny, tiny_flux, tiny_flux2, tiny_hidream, tiny_sd3, tiny_sdxl, tiny_wholes
from tests.deployments.loras.published import configured, save


@dataclass(frozen=True)
class Row:
    """How a tiny model is written, and the YAML of what was written."""

    build: Callable[[Path], object]
    config: Callable[[Path], ModelConfig]


ROWS = {
    "flux": Row(tiny.save_tiny, tiny.tiny_config),
    "flux fill": Row(
        lambda folder: tiny_flux.save_fill(folder, tiny.Shape()),
        lambda folder: tiny.tiny_config(folder, variant="fill"),
    ),
    "flux kontext": Row(
        lambda folder: tiny_flux.save_kontext(folder, tiny.Shape()),
        lambda folder: tiny.tiny_config(folder, variant="kontext"),
    ),
    "flux2": Row(tiny_flux2.build, tiny_flux2.config),
    "hidream": Row(tiny_hidream.build, tiny_hidream.config),
    "sd3": Row(tiny_sd3.build, tiny_sd3.config),
    "sdxl": Row(tiny_sdxl.build, tiny_sdxl.config),
    "sdxl inpaint": Row(
        lambda folder: tiny_sdxl.build(folder, "inpaint"), lambda folder: tiny_sdxl.config(folder, "inpaint")
    ),
    "sdxl refiner": Row(
        lambda folder: tiny_sdxl.build(folder, "refiner"), lambda folder: tiny_sdxl.config(folder, "refiner")
    ),
    "qwen-image": Row(tiny_wholes.save_qwen, lambda folder: tiny_wholes.whole_config(folder, "qwen-image")),
}


def draw(weight: torch.Tensor) -> LowRank:
    """A strong change of a linear or a convolution."""
    generator = torch.Generator().manual_seed(1)
    a = torch.randn(2, *weight.shape[1:], generator=generator)
    return LowRank(a, torch.randn(len(weight), 2, *[1] * (weight.ndim - 2), generator=generator))


READY = [name for name in ROWS if name.split()[0] in FAMILIES.names()]


@pytest.mark.parametrize("name", READY)
def test_a_lora_of_any_family_is_tried(name: str, tmp_path: Path) -> None:
    ROWS[name].build(tmp_path)
    config = ROWS[name].config(tmp_path)
    can = FAMILIES.table().find(config.family, config.variant)
    model: Model = FAMILIES.find(config.family)(config)
    places = [place for place in model.anatomy.weights if place.module.endswith(("to_v", "to_out.0"))]
    before = [model.anatomy.weights[place].detach().clone() for place in places]
    changes = {place: draw(weight) for place, weight in zip(places, before, strict=True)}
    assert check_prediction(model, config, can, changes, "LoRA 'x'") > 1e-3
    assert all(torch.equal(model.anatomy.weights[p], b) for p, b in zip(places, before, strict=True))
    assert measure_prediction(model, config, can, {}) == 0


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
