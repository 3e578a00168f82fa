"""The step cache is decided row by row: in any batch as diffusers' first-block cache for that request alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.inputs import drawn_over
from deployments.families.flux import Flux
from deployments.messages import GenerateRequest, StepCache
from tests.deployments.diffusers_alone import begin, difference, draw_alone, finish, painting
from tests.deployments.tiny import Shape, request, save_tiny

SHAPES = [Shape(True, "kl", layers=2), Shape(False, "tiny", layers=2)]
THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.vae}-embeds={shape.guidance_embeds}")
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), request.param)


def cached(threshold: float | None = None, skip: tuple[int, ...] = (), **changes: Any) -> GenerateRequest:
    return request(**{"num_inference_steps": 8, "step_cache": StepCache(threshold, skip)} | changes)


def passes(flux: Flux, action: Any) -> int:
    """How many rows go through the last block while `action` runs."""
    rows: list[int] = []
    last = flux._pipeline.transformer.single_transformer_blocks[-1].norm
    hook = last.register_forward_hook(lambda _module, arguments, _result: rows.append(len(arguments[0])))
    action()
    hook.remove()
    return sum(rows)


def test_equals_diffusers_hook_at_every_threshold(flux: Flux, pipeline: Any) -> None:
    skipped = []
    for threshold in THRESHOLDS:
        asked = cached(threshold)
        state = begin(flux, asked)
        taken = passes(flux, lambda state=state: finish(flux, [state]))
        alone = draw_alone(pipeline, asked)
        assert taken == alone.full_passes
        assert difference(state.latents, alone.images) <= 1e-5
        skipped.append(state.steps - state.full_steps)
    assert skipped[0] < max(skipped), "thresholds must matter, or this test shows nothing"


def test_each_row_of_a_batch_decides_by_itself(flux: Flux, pipeline: Any) -> None:
    asked = [
        cached(0.1, seed=1),
        cached(0.8, seed=2, num_inference_steps=5),
        request(seed=3, num_inference_steps=6),
        cached(0.4, seed=4, width=96, height=160, prompt="blue"),
        cached(0.2, seed=5, guidance_scale=1.0),
    ]
    states = [begin(flux, each) for each in asked]
    flux.step(states[:1])  # the others join a step later
    taken = 1 * states[0].rows + passes(flux, lambda: finish(flux, states))
    alone = [draw_alone(pipeline, each) for each in asked]
    assert taken == sum(each.full_passes for each in alone)
    for state, expected in zip(states, alone, strict=True):
        assert difference(state.latents, expected.images) <= 1e-5


def test_drawing_over_a_picture_may_use_it_too(flux: Flux, pipeline: Any) -> None:
    # Without classifier-free guidance, whose two rows share one cache by mistake in diffusers' img2img.
    asked = replace(cached(0.8, strength=0.8, guidance_scale=1.0), inputs=drawn_over(painting(128, 128)))
    state = begin(flux, asked)
    finish(flux, [state])
    alone = draw_alone(pipeline, asked)
    assert state.full_steps == alone.full_passes < state.steps
    assert difference(state.latents, alone.images) <= 1e-5


def test_fixed_steps_are_skipped_but_for_the_first_and_the_last(flux: Flux) -> None:
    state = begin(flux, cached(skip=(0, 2, 3, 7)))
    full = []
    while state.step < state.steps:
        before = state.full_steps
        flux.step([state])
        full.append(state.full_steps > before)
    assert full == [True, True, False, False, True, True, True, True]


def test_a_step_that_nothing_skips_is_the_ordinary_one(flux: Flux) -> None:
    plain, split = begin(flux, request()), begin(flux, request(step_cache=StepCache(threshold=0.0)))
    finish(flux, [plain])
    finish(flux, [split])
    assert split.full_steps == plain.full_steps == plain.steps
    assert torch.equal(plain.latents, split.latents)


def test_a_row_remembers_itself_alone_and_only_with_a_cache(flux: Flux) -> None:
    states = [begin(flux, request()), begin(flux, cached(0.1))]
    flux.step(states)
    assert not any(states[0].memories)
    memory = states[1].memories[0]
    assert memory is not None
    for tensor in (memory.first, memory.others):
        assert tensor.untyped_storage().nbytes() == tensor.nbytes
