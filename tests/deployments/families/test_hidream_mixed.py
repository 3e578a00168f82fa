"""Everything that a batch of HiDream requests may mix at once, sizes included: each is as diffusers draws it alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.schema import AppliedLora
from deployments.families.sampling import SamplerSchedule
from deployments.loras.changes import LowRank
from deployments.loras.loading import Adapters, Lease
from deployments.loras.slots import Adapter
from deployments.loras.wardrobe import wardrobe
from deployments.messages import GenerateRequest
from tests.deployments.diffusers_alone import difference
from tests.deployments.loras.published import configured, save
from tests.deployments.stepping import begin, draw, finish
from tests.deployments.tiny import request
from tests.deployments.tiny_hidream import HiDream, call, config, pair

Pair = tuple[HiDream, Any]
TARGETS = (
    "attn1.to_q",
    "attn1.to_v_t",
    "attn1.to_out",
    "ff_t.w2",
    "shared_experts.w1",
    "adaLN_modulation.1",
    "caption_projection.2.linear",
    "x_embedder.proj",
    "final_layer.linear",
    "timestep_embedder.linear_1",
    "pooled_embedder.linear_2",
)


@pytest.fixture(scope="module", params=["base", "euler", "dev"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return pair(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return pair(tmp_path_factory.mktemp("base"), "base")


def mix() -> list[GenerateRequest]:
    """Of every published size; the LoRA on some."""
    lora = (AppliedLora(lora="lora", strength=-0.6),)
    wide, high = {"width": 160, "height": 96}, {"width": 96, "height": 160}
    return [
        request(seed=1, num_inference_steps=3),
        request(seed=2, num_inference_steps=6, guidance_scale=1.0, prompt="blue", loras=lora),
        request(seed=3, num_inference_steps=5, **wide),
        request(seed=4, num_inference_steps=4, guidance_scale=7.0, negative_prompt="red", loras=lora, **high),
        request(seed=5, num_inference_steps=6, guidance_scale=1.0, prompt="green", width=128, height=112),
        request(seed=6, loras=lora, prompt="a fish", **wide),
    ]


def test_a_batch_of_all_sizes_is_each_request_alone(both: Pair) -> None:
    family, pipeline = both
    change = {name: random_change(family, name) for name in family.slots.targets if name.endswith(TARGETS)}
    slot = family.slots.put(Adapter("lora", "hidream", 4, change, 0))
    states = [begin(family, each, tuple((slot, use.strength) for use in each.loras)) for each in mix()]
    assert len({state.bucket for state in states}) == 1
    family.step(states[1:4])
    family.step(states[3:])
    finish(family, states)
    family.slots.drop(slot)
    for state, asked in zip(states, mix(), strict=True):
        asked = asked if state.guided else replace(asked, guidance_scale=0.0)
        with with_lora(pipeline, asked, change):
            assert difference(state.latents, call(pipeline, asked)) <= 1e-5
        if asked.loras:
            assert difference(state.latents, draw(family, asked).latents) > 1e-2, "the LoRA must matter"


def random_change(family: HiDream, name: str) -> LowRank:
    weight = next(weight for place, weight in family.anatomy.weights.items() if place.module == name)
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    a = torch.randn(4, weight.shape[1], generator=generator) / weight.shape[1] ** 0.5
    b = torch.randn(weight.shape[0], 4, generator=generator) / weight.shape[0] ** 0.5
    return LowRank(a, b * 0.2 * float(weight.detach().norm()))


def file_of(change: dict[str, LowRank]) -> dict[str, torch.Tensor]:
    named = {f"transformer.{name}.lora_A.weight": low.a for name, low in change.items()}
    return named | {f"transformer.{name}.lora_B.weight": low.b for name, low in change.items()}


@contextmanager
def with_lora(pipeline: Any, asked: GenerateRequest, change: dict[str, LowRank]) -> Iterator[None]:
    for use in asked.loras:
        pipeline.load_lora_weights(file_of(change), adapter_name=use.lora)
        pipeline.set_adapters([use.lora], [use.strength])
    yield
    if asked.loras:
        pipeline.unload_lora_weights()


def test_a_lora_of_experts_is_merged_because_they_read_tokens_of_all_rows(full: Pair, tmp_path: Path) -> None:
    family, pipeline = full
    names = [place.module for place in family.anatomy.weights if place.module.endswith((".experts.1.w2", "to_k"))]
    assert any(".experts." in name for name in names)
    assert not any(".experts." in name for name in family.slots.targets)
    experts = {name: random_change(family, name) for name in names}
    others = {name: change for name, change in experts.items() if name.endswith("to_k")}
    loras = [
        configured(save(tmp_path, name, file_of(change)), family="hidream")
        for name, change in (("experts", experts), ("others", others))
    ]
    asked, adapters = request(loras=(AppliedLora(lora="experts"),)), wardrobe(family, config(tmp_path), loras)
    try:
        assert lease(adapters, "others").exclusive is None
        worn = lease(adapters, "experts").exclusive
        assert worn is not None
        before = draw(family, asked).latents
        adapters.wear(worn)
        with_experts = draw(family, asked).latents
        adapters.wear(None)
    finally:
        adapters.close()
    assert torch.equal(draw(family, asked).latents, before)
    assert difference(with_experts, before) > 1e-2
    with with_lora(pipeline, asked, experts):
        assert difference(with_experts, call(pipeline, asked)) <= 1e-5


def lease(adapters: Adapters, name: str) -> Lease:
    """A lease whose file is read, settled."""
    read = threading.Event()
    found = adapters.ask([AppliedLora(lora=name)], read.set)
    assert read.wait(30)
    adapters.settle()
    assert found.error is None
    return found


def test_a_failing_step_leaves_every_state_as_it_was(both: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    family, pipeline = both
    asked = [replace(each, loras=()) for each in mix()]
    expected, states = ([begin(family, each) for each in asked] for _ in range(2))
    finish(family, expected)
    for _ in range(2):
        family.step(states)
    before = [(state.step, state.schedule, state.latents.clone(), state.generator.get_state()) for state in states]
    owner: Any = type(states[0].schedule)
    assert (owner is SamplerSchedule) == (type(pipeline.scheduler).__name__ == "UniPCMultistepScheduler")
    advance, calls = owner.advance, iter(range(100))

    def fail(self: Any, *arguments: Any) -> Any:
        if next(calls) == 1:  # the first state's update has been found by then
            raise RuntimeError("broken")
        return advance(self, *arguments)

    with monkeypatch.context() as broken:
        broken.setattr(owner, "advance", fail)
        with pytest.raises(RuntimeError, match="broken"):
            family.step(states)
    for state, (step, schedule, latents, generator) in zip(states, before, strict=True):
        assert (state.step, state.schedule) == (step, schedule)
        assert torch.equal(state.latents, latents)
        assert torch.equal(state.generator.get_state(), generator)
    finish(family, states)
    assert all(torch.equal(one.latents, other.latents) for one, other in zip(states, expected, strict=True))
