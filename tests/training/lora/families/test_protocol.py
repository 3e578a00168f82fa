"""Every family keeps what the trainer relies on: it says what the served model says, and what learns is what a preset
names."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from configs.weights import Weights
from deployments.families.registry import FAMILIES
from deployments.families.training import MODULES
from deployments.loras.keys import Anatomy, Place
from tests.deployments.diffusers_alone import difference
from tests.deployments.families.conformance.trying import random_lora
from tests.deployments.loras.published import save
from tests.training.lora.families.taught import ROWS, SETTINGS, Taught, every_row
from training.lora.adapter import find_targets
from training.lora.base import load_base

NEVER = ("norm", "embed", "experts.0", "gate", "adaLN", "mod.", "modulation", "refiner", "time", "img_in", "x_embedder")
"""Parts of names of layers that no preset teaches."""


def test_every_family_that_the_table_says_learns_has_a_trainer_and_no_other() -> None:
    assert {family for family, _ in ROWS} == set(MODULES)
    for family, variants in FAMILIES.table().families.items():
        assert any(can.trains for can in variants.values()) == (family in MODULES)


@every_row
def test_it_says_what_a_served_step_says(taught: Taught) -> None:
    steps = taught.serve()
    assert len(steps) == 2
    for told in steps:
        assert difference(taught.predict(told), told.said) <= 1e-5
        assert difference(-taught.predict(told), told.said) > 1e-2


@every_row
def test_a_preset_names_linears_of_blocks_alone(taught: Taught) -> None:
    everything, attention = (
        find_targets(taught.model, SETTINGS.model_copy(update={"targets": preset})) for preset in ("all", "attention")
    )
    assert set(attention) < set(everything)
    assert not [name for name in everything if any(part in name for part in NEVER)]
    anatomy = Anatomy.of(taught.model.pipeline)
    assert all(Place(anatomy.denoiser, name) in anatomy.weights for name in everything)


@every_row
def test_gradients_are_the_same_with_checkpointing(taught: Taught) -> None:
    plain = _gradients(taught)
    taught.model.denoiser.enable_gradient_checkpointing()
    try:
        again = _gradients(taught)
    finally:
        taught.model.denoiser.disable_gradient_checkpointing()
    assert any(each.any() for each in plain)
    for one, other in zip(plain, again, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


@every_row
def test_a_base_in_16_bits_teaches_an_adapter_in_32(taught: Taught) -> None:
    settings = SETTINGS.model_copy(update={"precision": "bfloat16"})
    halved = Taught(taught.row, taught.folder, taught.config)
    halved.__dict__["model"] = load_base(taught.config, settings)
    assert halved.model.denoiser.dtype == torch.bfloat16
    full, half = (torch.cat([each.flatten() for each in _gradients(one)]) for one in (taught, halved))
    assert half.dtype == torch.float32
    assert float(torch.nn.functional.cosine_similarity(full, half, dim=0)) > 0.99


@every_row
def test_captions_of_any_length_share_a_batch(taught: Taught) -> None:
    clean, noise, s = _noise(taught, 2)
    conditions = taught.conditions(["a mug", "a very long caption of a small blue mug on a table"])
    guidance = torch.tensor([1.0, 3.0])
    with torch.no_grad():
        noisy = taught.model.noisy(clean, noise, s)
        together = taught.model.predict(noisy, s, conditions, guidance)
        for row in range(2):
            own = slice(row, row + 1)
            alone = taught.model.predict(noisy[own], s[own], conditions[own], guidance[own])
            assert difference(together[own], alone) <= 1e-5


@every_row
def test_a_picture_has_the_same_latents_each_time_and_comes_back_from_them(taught: Taught) -> None:
    pixels = torch.rand(1, 3, 64, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    torch.manual_seed(1)
    one = taught.model.encode_picture(pixels)
    torch.manual_seed(2)
    assert torch.equal(one, taught.model.encode_picture(pixels))
    assert one.dtype == torch.float32
    assert one.ndim == 4
    assert one.shape[-2] == 2 * one.shape[-1]


@every_row
def test_the_shift_is_that_of_the_schedule_it_draws_with(taught: Taught) -> None:
    if taught.row[0] == "sdxl":
        assert taught.model.shift(torch.empty(1, 4, 8, 8)) == 1
        return
    # SD3's first and last steps lie at the ends, those of the others a step before the end.
    steps = 3 if taught.row[0] == "sd3" else taught.model.manner.steps
    middle = taught.serve(num_inference_steps=steps)[steps // 2]
    shifted = middle.timestep / 1000
    assert taught.model.shift(middle.noisy) == pytest.approx(shifted / (1 - shifted), rel=0.01)


@pytest.mark.parametrize("row", [("z-image", "turbo"), ("flux", "schnell")], ids="-".join)
def test_what_was_distilled_is_trained_on_with_its_adapter_beside_and_drawn_without(
    taught: Taught, tmp_path: Path
) -> None:
    plain = taught.serve()[0]
    weights = Weights(path=str(save(tmp_path, "undistilling", random_lora(Anatomy.of(taught.model.pipeline)))))
    beside = Taught(taught.row, taught.folder, taught.config.model_copy(update={"training_adapter": weights}))
    assert difference(taught.predict(plain), plain.said) <= 1e-5
    assert difference(beside.predict(plain), plain.said) > 1e-3
    assert difference(beside.serve()[0].said, plain.said) <= 1e-5


def _gradients(taught: Taught) -> list[torch.Tensor]:
    adapter = taught.adapter()
    try:
        clean, noise, s = _noise(taught, 2)
        model, conditions = taught.model, taught.conditions(["a mug", "a blue key"])
        predicted = model.predict(model.noisy(clean, noise, s), s, conditions, torch.tensor([1.0, 2.0]))
        (predicted - model.target(clean, noise, s)).square().mean().backward()  # type: ignore[no-untyped-call]
        return [torch.zeros_like(each) if each.grad is None else each.grad.clone() for each in adapter.parameters]
    finally:
        adapter.remove()


def _noise(taught: Taught, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    numbers = torch.Generator().manual_seed(5)
    pixels = torch.rand(count, 3, 64, 64, generator=numbers) * 2 - 1
    clean = torch.cat([taught.model.encode_picture(each[None]) for each in pixels])
    return clean, torch.randn(clean.shape, generator=numbers), torch.tensor([0.3, 0.8])[:count]
