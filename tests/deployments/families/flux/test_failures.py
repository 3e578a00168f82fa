"""A step that fails changes nothing, and a request that goes wrong does so alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import ConfigError, StageError
from deployments.families.flux import Flux, FluxDenoising, load
from deployments.families.schedule import FlowSchedule, Stepped
from deployments.messages import GenerateRequest, StepCache
from tests.deployments.diffusers_alone import begin, difference, finish, left_half, painting
from tests.deployments.tiny import Shape, parts, request, save_tiny, tiny_config


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), Shape(False, "tiny", layers=2))


def requests() -> list[GenerateRequest]:
    return [
        request(seed=1),
        request(seed=2, image=painting(128, 128), mask=left_half(128, 128)),
        request(seed=3, width=96, height=160, step_cache=StepCache(threshold=0.5)),
    ]


def snapshot(state: FluxDenoising) -> tuple[Any, ...]:
    tensors = (state.latents.clone(), None if state.velocity is None else state.velocity.clone())
    return state.step, state.full_steps, *tensors, state.memories, state.generator.get_state()


def same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(
        torch.equal(left, right) if isinstance(left, torch.Tensor) else left == right
        for left, right in zip(one, other, strict=True)
    )


def break_block(flux: Flux, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("no memory")

    monkeypatch.setattr(flux._pipeline.transformer.single_transformer_blocks[-1], "forward", fail)


def break_update(flux: Flux, monkeypatch: pytest.MonkeyPatch) -> None:
    advance, calls = FlowSchedule.advance, iter(range(100))

    def fail(self: FlowSchedule, *arguments: Any) -> Stepped:
        if next(calls) == 1:  # the first state's update has been found by then
            raise RuntimeError("broken")
        return advance(self, *arguments)

    monkeypatch.setattr(FlowSchedule, "advance", fail)


@pytest.mark.parametrize("breakage", [break_block, break_update])
def test_a_failing_step_leaves_every_state_as_it_was_and_can_be_taken_again(
    flux: Flux, monkeypatch: pytest.MonkeyPatch, breakage: Any
) -> None:
    expected = [begin(flux, each) for each in requests()]
    finish(flux, expected)
    states = [begin(flux, each) for each in requests()]
    flux.step(states)
    before = [snapshot(state) for state in states]
    with monkeypatch.context() as broken:
        breakage(flux, broken)
        with pytest.raises(RuntimeError):
            flux.step(states)
    assert all(same(snapshot(state), kept) for state, kept in zip(states, before, strict=True))
    finish(flux, states)
    for state, other in zip(states, expected, strict=True):
        assert torch.equal(state.latents, other.latents)


@pytest.mark.parametrize("poisoned", range(3))
def test_a_row_that_is_not_finite_does_not_touch_the_others(flux: Flux, poisoned: int) -> None:
    expected = [begin(flux, each) for each in requests()]
    finish(flux, expected)
    states = [begin(flux, each) for each in requests()]
    flux.step(states)
    states[poisoned].latents = torch.full_like(states[poisoned].latents, float("nan"))
    finish(flux, states)
    for index, (state, other) in enumerate(zip(states, expected, strict=True)):
        if index != poisoned:
            assert difference(state.latents, other.latents) <= 1e-5
    if states[poisoned].kept is None:  # what a mask keeps is restored, so that picture is lost only in part
        assert not torch.isfinite(states[poisoned].latents).any()
    with pytest.raises(StageError, match="not-a-number"):
        flux.decode(states[poisoned])


def test_texts_of_different_length_are_not_stepped_together(flux: Flux, weights: Path) -> None:
    short = begin(load(tiny_config(weights, text_length=32)), request())
    with pytest.raises(ValueError, match="differ in length"):
        flux.step([begin(flux, request()), short])
    assert short.step == 0


def test_a_scheduler_that_remembers_steps_is_refused_when_loading(weights: Path, tmp_path: Path) -> None:
    pipeline = parts.FluxPipeline.from_pretrained(weights, use_safetensors=True)
    pipeline.scheduler = parts.FlowMatchHeunDiscreteScheduler()
    pipeline.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="FlowMatchHeunDiscreteScheduler, which remembers earlier steps"):
        load(tiny_config(tmp_path))
