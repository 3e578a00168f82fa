"""Everything a batch may mix at once, with the model that ships: each request as diffusers draws it alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.schema import AppliedLora
from deployments.families.flux import Flux, load
from deployments.loras.changes import LowRank
from deployments.loras.slots import Adapter, Selection, Slot
from deployments.messages import GenerateRequest, StepCache
from tests.deployments.diffusers_alone import begin, difference, draw_alone, finish, left_half, painting
from tests.deployments.tiny import Shape, parts, request, save_tiny, tiny_config

MINI = Path(__file__).parents[2] / "deployments/weights/mini"
RANKS = {"small": 4, "large": 24}
TARGETS = (
    "attn.to_q",
    "attn.to_out.0",
    "attn.add_k_proj",
    "ff.net.0.proj",
    "ff_context.net.2",
    "proj_mlp",
    "norm.linear",
)
OUTSIDE = (
    "x_embedder",
    "context_embedder",
    "time_text_embed.timestep_embedder.linear_1",
    "norm_out.linear",
    "proj_out",
)


@pytest.fixture(scope="module", params=["mini", "tiny"])
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "mini":
        return MINI
    return save_tiny(tmp_path_factory.mktemp("tiny"), Shape(False, "kl", layers=2))


@pytest.fixture(scope="module")
def flux(weights: Path) -> Flux:
    return load(tiny_config(weights, lora_slots={8: 2, 32: 2}))


@pytest.fixture(scope="module")
def changes(flux: Flux) -> dict[str, dict[str, LowRank]]:
    """Two LoRAs of random numbers, in blocks and outside."""
    transformer = flux._pipeline.transformer
    names = [name for name in flux.slots.targets if name.endswith(TARGETS) or name in OUTSIDE]
    return {id: {name: _random(transformer.get_submodule(name), rank) for name in names} for id, rank in RANKS.items()}


@pytest.fixture(scope="module")
def slots(flux: Flux, changes: dict[str, dict[str, LowRank]]) -> dict[str, Slot]:
    return {id: flux.slots.put(Adapter(id, "flux", RANKS[id], tensors, 0)) for id, tensors in changes.items()}


@pytest.fixture(scope="module")
def pipeline(weights: Path) -> Any:
    return parts.FluxPipeline.from_pretrained(weights, dtype=torch.float32, use_safetensors=True)


def _random(linear: Any, rank: int) -> LowRank:
    generator = torch.Generator().manual_seed(linear.in_features + rank)
    strength = 0.5 * float(linear.weight.detach().norm()) / rank
    a = torch.randn(rank, linear.in_features, generator=generator) / linear.in_features**0.5
    b = torch.randn(linear.out_features, rank, generator=generator) / linear.out_features**0.5
    return LowRank(a, b * strength)


def mix() -> list[GenerateRequest]:
    small, large = AppliedLora(lora="small", strength=0.8), AppliedLora(lora="large", strength=-0.6)
    over = {"image": painting(128, 128), "strength": 0.7}
    return [
        request(seed=1, num_inference_steps=3),
        request(seed=2, num_inference_steps=6, guidance_scale=1.0, loras=(small,), prompt="blue"),
        request(seed=3, num_inference_steps=5, loras=(large, small), step_cache=StepCache(threshold=0.4)),
        request(seed=4, num_inference_steps=4, width=96, height=160, step_cache=StepCache(threshold=0.15)),
        request(seed=5, num_inference_steps=6, guidance_scale=6.0, loras=(large,), **over),
        request(seed=6, num_inference_steps=5, **over, mask=left_half(128, 128)),
    ]


def selection(asked: GenerateRequest, slots: dict[str, Slot]) -> Selection:
    return tuple((slots[use.lora], use.strength) for use in asked.loras)


@contextmanager
def with_loras(pipeline: Any, asked: GenerateRequest, changes: dict[str, dict[str, LowRank]]) -> Iterator[None]:
    for use in asked.loras:
        pipeline.load_lora_weights(
            {f"transformer.{name}.lora_A.weight": change.a for name, change in changes[use.lora].items()}
            | {f"transformer.{name}.lora_B.weight": change.b for name, change in changes[use.lora].items()},
            adapter_name=use.lora,
        )
    if asked.loras:
        pipeline.set_adapters([use.lora for use in asked.loras], [use.strength for use in asked.loras])
    yield
    if asked.loras:
        pipeline.unload_lora_weights()


def test_a_mixed_batch_is_each_request_alone(
    flux: Flux, pipeline: Any, changes: dict[str, dict[str, LowRank]], slots: dict[str, Slot]
) -> None:
    asked = mix()
    states = [begin(flux, each, selection(each, slots)) for each in asked]
    flux.step(states[1:3])
    flux.step(states[2:5])
    finish(flux, states)
    for state, each in zip(states, asked, strict=True):
        with with_loras(pipeline, each, changes):
            alone = draw_alone(pipeline, each)
        assert difference(state.latents, alone.images) <= 1e-5
        if state.rows == 1:
            assert state.full_steps == alone.full_passes


def test_the_loras_of_the_mixed_batch_matter(flux: Flux, slots: dict[str, Slot]) -> None:
    for asked in mix():
        if asked.loras:
            plain, changed = begin(flux, asked), begin(flux, asked, selection(asked, slots))
            finish(flux, [plain, changed])
            assert difference(changed.latents, plain.latents) > 1e-2
