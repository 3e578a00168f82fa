"""The exclusive path draws what PEFT draws, and leaves the model's own bits behind."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import peft
import pytest
import torch

from deployments.loras.changes import Dora, LoKr, LowRank
from deployments.loras.keys import Anatomy, Place
from deployments.loras.merged import Merged, Part
from tests.deployments.loras.forwards import difference, forward

LAYERS = ("transformer_blocks.0.attn.to_q", "single_transformer_blocks.0.proj_out")
PEFT: Any = peft


@pytest.fixture
def merged(anatomy: Anatomy) -> Iterator[Merged]:
    merged = Merged(anatomy)
    yield merged
    merged.clear()


def bits(anatomy: Anatomy) -> dict[Place, torch.Tensor]:
    return {place: weight.detach().clone() for place, weight in anatomy.weights.items()}


def wear(transformer: Any, config: Any) -> tuple[Any, dict[str, Any]]:
    """A copy of the model with random PEFT layers, and those layers by name."""
    torch.manual_seed(5)
    worn = PEFT.inject_adapter_in_model(config, deepcopy(transformer), adapter_name="x")
    layers = {name: worn.get_submodule(name) for name in LAYERS}
    return worn.eval(), layers


def as_dora(layer: Any) -> Dora:
    low_rank = LowRank(layer.lora_A["x"].weight.detach(), layer.lora_B["x"].weight.detach() * layer.scaling["x"])
    return Dora(low_rank, layer.lora_magnitude_vector["x"].weight.detach())


def as_lokr(layer: Any) -> LoKr:
    left = layer.lokr_w1["x"].detach() if "x" in layer.lokr_w1 else layer.lokr_w1_a["x"] @ layer.lokr_w1_b["x"]
    right = layer.lokr_w2["x"].detach() if "x" in layer.lokr_w2 else layer.lokr_w2_a["x"] @ layer.lokr_w2_b["x"]
    return LoKr(left.detach() * layer.scaling["x"], right.detach())


def test_dora_equals_peft(pipeline: Any, merged: Merged) -> None:
    settings = {"r": 4, "lora_alpha": 8, "target_modules": list(LAYERS), "use_dora": True, "init_lora_weights": False}
    worn, layers = wear(pipeline.transformer, PEFT.LoraConfig(**settings))
    for layer in layers.values():
        layer.lora_magnitude_vector["x"].weight.data *= 1.5
    plain = forward(pipeline.transformer)
    merged.apply("dora", [Part({Place("transformer", name): as_dora(found) for name, found in layers.items()}, 1.0)])
    assert difference(forward(pipeline.transformer), forward(worn)) <= 1e-5
    assert difference(plain, forward(worn)) > 1e-3


def test_lokr_equals_peft(pipeline: Any, merged: Merged) -> None:
    settings = {"r": 2, "alpha": 4, "target_modules": list(LAYERS), "init_weights": False}
    worn, layers = wear(pipeline.transformer, PEFT.LoKrConfig(**settings))
    plain = forward(pipeline.transformer)
    merged.apply("lokr", [Part({Place("transformer", name): as_lokr(found) for name, found in layers.items()}, 1.0)])
    assert difference(forward(pipeline.transformer), forward(worn)) <= 1e-5
    assert difference(plain, forward(worn)) > 1e-3


def test_clearing_brings_every_bit_back(anatomy: Anatomy, merged: Merged) -> None:
    before = bits(anatomy)
    encoder = next(place for place in anatomy.weights if place.component == "text_encoder")
    places = [Place("transformer", LAYERS[0]), encoder]
    parts = [Part({place: low_rank(anatomy, place) for place in places}, s) for s in (0.7, -1.3)]
    merged.apply("both", parts)
    for place in places:
        change = parts[0].changes[place]
        assert isinstance(change, LowRank)
        expected = before[place] - 0.6 * (change.b @ change.a)
        torch.testing.assert_close(anatomy.weights[place].detach(), expected)
    merged.apply("one", parts[:1])
    merged.clear()
    assert merged.worn is None
    assert all(torch.equal(weight, before[place]) for place, weight in anatomy.weights.items())


@pytest.mark.parametrize("rank", [3, 70])
def test_the_size_of_a_change_is_its_norm_at_any_rank(rank: int) -> None:
    torch.manual_seed(2)
    change = LowRank(torch.randn(rank, 8), torch.randn(16, rank))
    assert change.size(torch.zeros(16, 8)) == pytest.approx(float((change.b @ change.a).norm()), rel=1e-4)


def test_a_merge_that_fails_leaves_the_model_as_it_was(anatomy: Anatomy, merged: Merged) -> None:
    before = bits(anatomy)
    place, other = (Place("transformer", name) for name in LAYERS)
    broken = LowRank(torch.ones(2, 7), torch.ones(7, 2))
    with pytest.raises(RuntimeError):
        merged.apply("broken", [Part({place: low_rank(anatomy, place), other: broken}, 1.0)])
    assert merged.worn is None
    assert all(torch.equal(weight, before[place]) for place, weight in anatomy.weights.items())


def low_rank(anatomy: Anatomy, place: Place) -> LowRank:
    outputs, inputs = anatomy.weights[place].shape
    generator = torch.Generator().manual_seed(1)
    return LowRank(torch.randn(2, inputs, generator=generator), torch.randn(outputs, 2, generator=generator))
