"""kohya sees FLUX's q, k, v (and the MLP of a single block) as one layer: taken apart as diffusers takes them apart."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import BadLora
from deployments.loras.changes import Dora, LowRank
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy, Place
from deployments.loras.merged import Merged, Part
from deployments.loras.preflight import check
from tests.deployments.loras.forwards import difference, forward
from tests.deployments.loras.published import configured, save
from tests.deployments.tiny import parts

PICTURE, TEXT, SINGLE = "double_blocks_0_img_attn_qkv", "double_blocks_0_txt_attn_qkv", "single_blocks_0_linear1"
RANK = 4


def joint(names: dict[str, list[int]], inputs: int, rank: int = RANK, sparse: bool = False) -> dict[str, torch.Tensor]:
    """A random kohya LoRA of these layers, whose outputs are those of several; `sparse`: with ranks for each alone."""
    generator = torch.Generator().manual_seed(2)
    tensors: dict[str, torch.Tensor] = {}
    for name, outputs in names.items():
        up = torch.randn(sum(outputs), rank * (len(outputs) if sparse else 1), generator=generator) * 0.1
        if sparse:
            owner = torch.arange(len(outputs)).repeat_interleave(torch.tensor(outputs))
            up *= owner[:, None] == torch.arange(up.shape[1])[None] // rank
        tensors[f"lora_unet_{name}.lora_up.weight"] = up
        tensors[f"lora_unet_{name}.lora_down.weight"] = torch.randn(up.shape[1], inputs, generator=generator) * 0.1
        tensors[f"lora_unet_{name}.alpha"] = torch.tensor(up.shape[1] / 2)
    return tensors


def weightless(build: Callable[[], Any]) -> Any:
    """A model in full size whose weights are one zero each."""
    with torch.device("meta"):
        model = build()
    for module in model.modules():
        for name, weight in list(module._parameters.items()):
            if weight is not None:
                module._parameters[name] = torch.nn.Parameter(torch.zeros(()).expand(weight.shape), requires_grad=False)
    return model


def loaded(pipeline: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """A copy of the transformer with the LoRA as diffusers loads it."""
    copied = type(pipeline)(**(pipeline.components | {"transformer": deepcopy(pipeline.transformer)}))
    copied.load_lora_weights({name: tensor.clone() for name, tensor in tensors.items()})
    return copied.transformer


@pytest.fixture
def merged(anatomy: Anatomy) -> Iterator[Merged]:
    merged = Merged(anatomy)
    yield merged
    merged.clear()


@pytest.mark.parametrize("sparse", [False, True])
def test_q_k_and_v_of_the_double_blocks(sparse: bool, pipeline: Any, anatomy: Anatomy, merged: Merged) -> None:
    tensors = joint({PICTURE: [32] * 3, TEXT: [32] * 3}, 32, sparse=sparse)
    converted = convert(tensors, {}, anatomy)
    assert (converted.matched, len(converted.changes), converted.rank) == (6, 6, RANK)
    plain = forward(pipeline.transformer)
    theirs = forward(loaded(pipeline, tensors))
    merged.apply("lora", [Part(converted.changes, 1.0)])
    assert difference(forward(pipeline.transformer), theirs) <= 1e-5
    assert difference(plain, theirs) > 1e-3


@pytest.mark.parametrize("sparse", [False, True])
def test_linear1_of_a_model_of_any_width(sparse: bool, pipeline: Any, anatomy: Anatomy, merged: Merged) -> None:
    outputs = [32, 32, 32, 128]
    tensors = joint({SINGLE: outputs}, 32, sparse=sparse)
    converted = convert(tensors, {}, anatomy)
    assert (converted.matched, converted.rank) == (3, RANK)
    # diffusers itself knows the width of FLUX.1 only: it is given the same LoRA in its own names.
    up, down = (tensors[f"lora_unet_{SINGLE}.lora_{side}.weight"] for side in ("up", "down"))
    own: dict[str, torch.Tensor] = {}
    for name, b in zip(
        ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp"), torch.split_with_sizes(up, outputs), strict=True
    ):
        layer = f"transformer.single_transformer_blocks.0.{name}"
        own |= {f"{layer}.lora_A.weight": down, f"{layer}.lora_B.weight": b / 2}
    plain, theirs = forward(pipeline.transformer), forward(loaded(pipeline, own))
    merged.apply("lora", [Part(converted.changes, 1.0)])
    assert difference(forward(pipeline.transformer), theirs) <= 1e-5
    assert difference(plain, theirs) > 1e-3


@pytest.mark.parametrize("sparse", [False, True])
def test_every_joint_layer_at_the_width_of_flux_1_as_diffusers_loads_it(sparse: bool) -> None:
    width = 3072
    transformer = weightless(lambda: parts.FluxTransformer2DModel(num_layers=1, num_single_layers=1))
    pipeline = parts.FluxPipeline(*[None] * 6, transformer=transformer)
    anatomy = Anatomy.of(pipeline)
    names = {PICTURE: [width] * 3, TEXT: [width] * 3, SINGLE: [width, width, width, 4 * width]}
    tensors = joint(names, width, rank=2, sparse=sparse)
    changes = convert(tensors, {}, anatomy).changes
    pipeline.load_lora_weights(dict(tensors))
    layers = {name: layer for name, layer in transformer.named_modules() if getattr(layer, "lora_A", None)}
    assert {place.module for place in changes} == layers.keys()
    assert len(layers) == 10
    given = torch.randn(3, width)
    for name, layer in layers.items():
        (adapter,) = layer.lora_A
        theirs = layer.lora_B[adapter](layer.lora_A[adapter](given)) * layer.scaling[adapter]
        ours = changes[Place("transformer", name)]
        assert isinstance(ours, LowRank)
        assert ours.rank == layer.r[adapter] == 2
        assert difference(given @ ours.a.T @ ours.b.T, theirs.detach()) <= 1e-5


def test_a_joint_dora_is_taken_apart_too(anatomy: Anatomy) -> None:
    tensors = joint({SINGLE: [32, 32, 32, 128]}, 32)
    magnitude = torch.rand(224)
    tensors[f"lora_unet_{SINGLE}.dora_scale"] = magnitude[:, None]
    changes = convert(tensors, {}, anatomy).changes
    mlp = changes[Place("transformer", "single_transformer_blocks.0.proj_mlp")]
    assert isinstance(mlp, Dora)
    assert torch.equal(mlp.magnitude, magnitude[96:])


def test_a_joint_layer_of_another_width_is_refused_as_such(tmp_path: Path, anatomy: Anatomy) -> None:
    file = save(tmp_path, "wide", joint({SINGLE: [48, 48, 48, 192]}, 48))
    with pytest.raises(BadLora, match="layer of another size"):
        check(configured(file), "flux", anatomy, 16)


@pytest.mark.parametrize("name", [PICTURE, TEXT, SINGLE, "single_blocks_0_linear2", "double_blocks_0_img_mlp_2"])
@pytest.mark.parametrize("prefix", ["lycoris_", "lora_unet_", "diffusion_model."])
@pytest.mark.parametrize("magnitudes", [False, True])
def test_a_lokr_of_a_published_layer_is_the_same_rows_of_its_product(
    name: str, prefix: str, magnitudes: bool, anatomy: Anatomy
) -> None:
    dotted = re.sub(r"_(?=\d|qkv)|(?<=\d)_", ".", name) if prefix.endswith(".") else name
    joint = anatomy.find_joint(f"{prefix}{dotted}")
    assert joint is not None
    weights = [anatomy.weights[Place("transformer", module)] for module in joint.modules]
    outputs, inputs = sum(len(weight) for weight in weights), weights[0].shape[1]
    for left in (1, 2, 7, 14, outputs):  # boundaries of its layers within a block of the product, and at its edge
        if outputs % left:
            continue
        w1, w2 = torch.randn(left, 4), torch.randn(outputs // left, inputs // 4)
        tensors = {f"{prefix}{dotted}.lokr_w1": w1, f"{prefix}{dotted}.lokr_w2": w2}
        magnitude = torch.rand(outputs, 1) + 0.5
        if magnitudes:
            tensors[f"{prefix}{dotted}.dora_scale"] = magnitude
        converted = convert(tensors, {}, anatomy)
        assert converted.matched == len(tensors), converted.unknown
        whole = torch.cat(weights) + torch.kron(w1, w2)
        if magnitudes:
            whole *= magnitude / whole.norm(dim=1, keepdim=True)
        changes = [converted.changes[Place("transformer", module)] for module in joint.modules]
        found = torch.cat([change.merged(weight, 1.0) for change, weight in zip(changes, weights, strict=True)])
        torch.testing.assert_close(found, whole)
        sizes = [change.size(weight) for change, weight in zip(changes, weights, strict=True)]
        assert math.hypot(*sizes) == pytest.approx(float((whole - torch.cat(weights)).norm()), rel=1e-4)
        assert all(change.fits(weight.shape) for change, weight in zip(changes, weights, strict=True))
