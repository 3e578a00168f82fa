"""DoRA over LoRA and LoKr, of linears and convolutions, by outputs and by inputs, as LyCORIS computes its weights."""

from __future__ import annotations

import pytest
import torch

from deployments.loras.changes import Dora, LowRank
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy, Place
from tests.deployments.loras.architectures import ARCHITECTURES

MODULES = {"linear": "down_blocks.1.attentions.0.proj_in", "wide": "time_embedding.linear_1", "kernel": "conv_in"}


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return Anatomy.of(ARCHITECTURES["sdxl"].build())


def decomposed(moved: torch.Tensor, dora_scale: torch.Tensor, on_out: bool) -> torch.Tensor:
    """LyCORIS's weights of `wd_on_out`, or of without it, from W + D."""
    axes = [axis for axis in range(moved.ndim) if axis != (0 if on_out else 1)]
    return moved * (dora_scale / (moved.square().sum(axes, keepdim=True).sqrt() + torch.finfo(torch.float32).eps))


def kron(left: torch.Tensor, right: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """left ⊗ right over the first two axes, by its definition: one block per number of the left one."""
    rows = [torch.cat([number * right for number in row], 1) for row in left]
    return torch.cat(rows, 0).reshape(shape)


def drawn(shape: torch.Size, kind: str) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """A change of a weight of that shape, and what it adds."""
    torch.manual_seed(7)
    if kind == "LoRA":
        down, up = torch.randn(4, *shape[1:]), torch.randn(shape[0], 4, *[1] * (len(shape) - 2))
        parts = {"lora_down.weight": down, "lora_up.weight": up, "alpha": torch.tensor(2.0)}
        return parts, (up.flatten(1) @ down.flatten(1)).view(shape) * 0.5
    left = torch.randn(4, 2)
    size = (shape[0] // 4, shape[1] // 2, *shape[2:])
    if kind == "LoKr":
        right = torch.randn(size)
        return {"lokr_w1": left, "lokr_w2": right, "alpha": torch.tensor(9.9)}, kron(left, right, shape)
    a, b = torch.randn(size[0], 3), torch.randn(3, size[1] * int(torch.tensor(size[2:]).prod()))
    parts = {"lokr_w1": left, "lokr_w2_a": a, "lokr_w2_b": b, "alpha": torch.tensor(6.0)}
    return parts, kron(left, (a @ b).view(size), shape) * 2.0


@pytest.mark.parametrize("on_out", [True, False])
@pytest.mark.parametrize("kind", ["LoRA", "LoKr", "LoKr of products"])
@pytest.mark.parametrize("module", MODULES)
def test_a_dora_is_what_lycoris_makes_of_it(module: str, kind: str, on_out: bool, anatomy: Anatomy) -> None:
    place = Place("unet", MODULES[module])
    weight = anatomy.weights[place].detach()
    parts, delta = drawn(weight.shape, kind)
    count, kernel = weight.shape[0 if on_out else 1], [1] * (weight.ndim - 2)
    dora_scale = torch.rand((count, 1, *kernel) if on_out else (1, count, *kernel)) + 0.5
    plain = {f"lycoris_{place.module.replace('.', '_')}.{part}": tensor for part, tensor in parts.items()}
    file = {**plain, f"lycoris_{place.module.replace('.', '_')}.dora_scale": dora_scale}
    converted = convert(file, {}, anatomy)
    assert converted.matched == len(file)
    change = converted.changes[place]
    assert isinstance(change, Dora)
    expected = decomposed(weight + delta, dora_scale, on_out)
    torch.testing.assert_close(change.merged(weight, 1.0), expected, rtol=1e-4, atol=1e-5)
    assert change.size(weight) == pytest.approx(float((expected - weight).norm()), rel=1e-3)
    without = convert(plain, {}, anatomy).changes[place]
    torch.testing.assert_close(without.merged(weight, 1.0), weight + delta, rtol=1e-4, atol=1e-5)


def test_magnitudes_of_peft_are_by_output_even_where_they_look_otherwise(anatomy: Anatomy) -> None:
    """For a convolution PEFT writes [1, outputs, 1, 1], which of a square one looks as LyCORIS's by input."""
    place = Place("unet", "down_blocks.0.resnets.0.conv1")
    weight = anatomy.weights[place].detach()
    assert weight.shape[0] == weight.shape[1]
    parts, delta = drawn(weight.shape, "LoRA")
    magnitude = torch.rand(1, weight.shape[0], 1, 1) + 0.5
    file = {f"unet.{place.module}.{part}": t for part, t in {**parts, "lora_magnitude_vector": magnitude}.items()}
    merged = convert(file, {}, anatomy).changes[place].merged(weight, 1.0)
    torch.testing.assert_close(
        merged, decomposed(weight + delta, magnitude.transpose(0, 1), True), rtol=1e-4, atol=1e-5
    )


def test_an_output_of_zeros_whose_norm_is_0_stays_a_number() -> None:
    nothing = LowRank(torch.zeros(1, 4), torch.zeros(4, 1))
    assert torch.isfinite(Dora(nothing, torch.ones(4)).merged(torch.zeros(4, 4), 1.0)).all()
