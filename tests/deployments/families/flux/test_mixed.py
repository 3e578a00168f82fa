"""Everything a batch may mix at once, with the model that ships: each request as diffusers draws it alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from configs.schema import AppliedLora
from deployments.families.flux import Flux, load
from deployments.loras.changes import LowRank
from deployments.loras.slots import Slot
from deployments.messages import GenerateRequest, StepCache
from tests.deployments.diffusers_alone import begin, difference, draw_alone, finish, left_half, painting
from tests.deployments.flux_loras import put_loras, random_loras, selection, with_loras
from tests.deployments.tiny import Shape, parts, request, save_tiny, tiny_config

MINI = Path(__file__).parents[4] / "deployments/weights/mini"


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
    return random_loras(flux)


@pytest.fixture(scope="module")
def slots(flux: Flux, changes: dict[str, dict[str, LowRank]]) -> dict[str, Slot]:
    return put_loras(flux, changes)


@pytest.fixture(scope="module")
def pipeline(weights: Path) -> Any:
    return parts.FluxPipeline.from_pretrained(weights, dtype=torch.float32, use_safetensors=True)


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
