"""Everything that a batch of SD3 requests may mix at once: each is as diffusers draws it alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.schema import AppliedLora
from deployments.families.diffusion import Diffusion
from deployments.families.schedule import FlowSchedule
from deployments.families.sd3 import Sd3Conditioning, load
from deployments.loras.changes import LowRank
from deployments.loras.slots import Adapter, Slot
from deployments.messages import GenerateRequest
from tests.deployments.diffusers_alone import difference
from tests.deployments.stepping import begin, draw, finish
from tests.deployments.tiny import request
from tests.deployments.tiny_sd3 import along, build, call, config, over, read

Sd3 = Diffusion[Sd3Conditioning]
TARGETS = ("attn.to_q", "attn.add_k_proj", "attn2.to_v", "ff.net.0.proj", "ff_context.net.2", "norm1.linear")
OUTSIDE = ("context_embedder", "time_text_embed.timestep_embedder.linear_1", "norm_out.linear", "proj_out")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sd3")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def sd3(large: Path) -> Sd3:
    return load(config(large, lora_slots={8: 2}))


@pytest.fixture(scope="module")
def change(sd3: Sd3, large: Path) -> dict[str, LowRank]:
    """A LoRA of random numbers, in blocks and outside."""
    transformer = read(large).transformer
    names = [name for name in sd3.slots.targets if name.endswith(TARGETS) or name in OUTSIDE]
    return {name: _random(transformer.get_submodule(name)) for name in names}


@pytest.fixture(scope="module")
def slot(sd3: Sd3, change: dict[str, LowRank]) -> Slot:
    return sd3.slots.put(Adapter("lora", "sd3", 4, change, 0))


def _random(linear: Any) -> LowRank:
    generator = torch.Generator().manual_seed(linear.in_features)
    strength = 0.1 * float(linear.weight.detach().norm())
    a = torch.randn(4, linear.in_features, generator=generator) / linear.in_features**0.5
    b = torch.randn(linear.out_features, 4, generator=generator) / linear.out_features**0.5
    return LowRank(a, b * strength)


@contextmanager
def with_lora(pipeline: Any, asked: GenerateRequest, change: dict[str, LowRank]) -> Iterator[None]:
    for use in asked.loras:
        pipeline.load_lora_weights(
            {f"transformer.{name}.lora_A.weight": low.a for name, low in change.items()}
            | {f"transformer.{name}.lora_B.weight": low.b for name, low in change.items()},
            adapter_name=use.lora,
        )
        pipeline.set_adapters([use.lora], [use.strength])
    yield
    if asked.loras:
        pipeline.unload_lora_weights()


def mix() -> list[GenerateRequest]:
    lora = (AppliedLora(lora="lora", strength=-0.6),)
    return [
        request(seed=1, num_inference_steps=3),
        request(seed=2, num_inference_steps=6, guidance_scale=1.0, prompt="blue", loras=lora),
        request(seed=3, num_inference_steps=5, controls=(along("canny", end=0.6),)),
        request(seed=4, num_inference_steps=4, controls=(along("depth"),), loras=lora, guidance_scale=7.0),
        over(0.9, seed=5, prompt="green", loras=lora),
        over(0.7, masked=True, seed=6, guidance_scale=1.0),
        over(1.0, seed=7, controls=(along("canny", start=0.4),)),
    ]


def test_a_mixed_batch_is_each_request_alone(sd3: Sd3, large: Path, change: dict[str, LowRank], slot: Slot) -> None:
    asked = mix()
    states = [begin(sd3, each, tuple((slot, use.strength) for use in each.loras)) for each in asked]
    assert len({state.bucket for state in states}) == 1
    sd3.step(states[1:4])
    sd3.step(states[3:])
    finish(sd3, states)
    pipeline = read(large)
    for state, each in zip(states, asked, strict=True):
        with with_lora(pipeline, each, change):
            assert difference(state.latents, call(pipeline, large, each)) <= 1e-5
        if each.loras:
            assert difference(state.latents, draw(sd3, each).latents) > 1e-2, "the LoRA must matter"


def test_a_failing_step_leaves_every_state_as_it_was(sd3: Sd3, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, states = ([begin(sd3, each) for each in mix()] for _ in range(2))
    finish(sd3, expected)
    sd3.step(states)
    before = [(state.step, state.latents.clone(), state.generator.get_state()) for state in states]
    advance, calls = FlowSchedule.advance, iter(range(100))

    def fail(self: FlowSchedule, *arguments: Any) -> Any:
        if next(calls) == 1:  # the first state's update has been found by then
            raise RuntimeError("broken")
        return advance(self, *arguments)

    with monkeypatch.context() as broken:
        broken.setattr(FlowSchedule, "advance", fail)
        with pytest.raises(RuntimeError, match="broken"):
            sd3.step(states)
    for state, (step, latents, generator) in zip(states, before, strict=True):
        assert state.step == step
        assert torch.equal(state.latents, latents)
        assert torch.equal(state.generator.get_state(), generator)
    finish(sd3, states)
    assert all(torch.equal(one.latents, other.latents) for one, other in zip(states, expected, strict=True))


def test_the_work_is_known_before_anything_is_encoded(sd3: Sd3) -> None:
    for asked in mix():
        work, state = sd3.work(asked), begin(sd3, asked)
        assert (work.bucket, work.rows, work.steps) == (state.bucket, state.rows, state.steps)
