"""The variant fill is diffusers' FluxFillPipeline, alone and in mixed batches: same seed, same picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import ConfigError, StageError
from deployments.families.flux import Flux, load
from deployments.generator import Generator
from deployments.messages import GenerateRequest, StepCache
from tests.deployments import asking
from tests.deployments.diffusers_alone import begin, difference, finish, left_half, painting
from tests.deployments.flux_alone import fill_alone
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config
from tests.deployments.tiny_flux import control_config, save_control, save_fill

SHAPES = [Shape(True, "kl"), Shape(False, "kl")]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"embeds={shape.guidance_embeds}")
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_fill(tmp_path_factory.mktemp("fill"), request.param)


@pytest.fixture(scope="module")
def variant() -> str:
    return "fill"


def fill(width: int = 128, height: int = 128, **changes: Any) -> GenerateRequest:
    pictures: dict[str, Any] = {"image": painting(width, height), "mask": left_half(width, height)}
    return request(**{"width": width, "height": height, "guidance_scale": 30.0} | pictures | changes)


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_equals_the_pipeline(flux: Flux, pipeline: Any, strength: float) -> None:
    asked = fill(96, 160, strength=strength)
    state = begin(flux, asked)
    finish(flux, [state])
    assert difference(state.latents, fill_alone(pipeline, asked)) <= 1e-5
    expected = np.asarray(fill_alone(pipeline, asked, "pil")[0]).astype(np.int16)
    actual = np.frombuffer(flux.decode(state).rgb, np.uint8).reshape(expected.shape).astype(np.int16)
    assert np.abs(actual - expected).max() <= 1


def test_a_mixed_batch_is_each_request_alone(flux: Flux, pipeline: Any) -> None:
    asked = [
        fill(seed=1, num_inference_steps=3, guidance_scale=7.0),
        fill(96, 160, seed=2, num_inference_steps=5, prompt="blue"),
        fill(seed=3, strength=0.7, mask=painting(128, 128, seed=4)),
        fill(seed=4, step_cache=StepCache(threshold=0.0)),
    ]
    states = [begin(flux, each) for each in asked]
    flux.step(states[:2])
    finish(flux, states)
    for state, each in zip(states, asked, strict=True):
        assert state.rows == flux.work(each).rows == 1, "this pipeline has no negative prompt"
        assert difference(state.latents, fill_alone(pipeline, each)) <= 1e-5


def test_the_mask_decides_what_the_model_sees(flux: Flux) -> None:
    states = [begin(flux, fill()), begin(flux, fill(mask=painting(128, 128, seed=4)))]
    assert torch.equal(states[0].latents, states[1].latents)
    finish(flux, states)
    assert difference(states[0].latents, states[1].latents) > 1e-2


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"mask": None}, "mask", "give it an image and a mask, and the mask is missing"),
        ({"image": None, "mask": None}, "image", "and the image is missing"),
        ({"mask": painting(96, 128)}, "mask", "the mask has 96x128 pixels and must have 128x128"),
        ({"references": (painting(64, 64),)}, "references", "changes no pictures"),
        ({"controls": (asking.control("depth", painting(128, 128)),)}, "controls", "follows no control pictures"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    flux: Flux, changes: dict[str, Any], field: str, message: str
) -> None:
    for action in (flux.work, lambda asked: begin(flux, asked)):
        with pytest.raises(StageError, match=message) as refused:
            action(asking.replace(fill(), **changes))
        assert refused.value.field == field


def test_a_generator_warms_up_with_a_picture_to_fill(weights: Path) -> None:
    generator = Generator(tiny_config(weights, variant="fill"))
    try:
        generator.check_health()
        assert generator.state().seconds_per_step > 0
    finally:
        generator.close()


def test_weights_of_another_variant_are_refused_when_loading(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds a FluxFillPipeline, but this family loads FluxPipeline"):
        load(tiny_config(weights))
    with pytest.raises(ConfigError, match="holds a FluxPipeline, but this family loads FluxFillPipeline"):
        load(tiny_config(save_tiny(tmp_path), variant="fill"))
    with pytest.raises(ConfigError, match="no variant 'filling'; known: base, fill, kontext, schnell"):
        load(tiny_config(weights, variant="filling"))


def test_controlnets_for_it_are_refused_when_loading(weights: Path, tmp_path: Path) -> None:
    controls = {"depth": control_config(save_control(tmp_path))}
    with pytest.raises(ConfigError, match="variant 'fill' takes no ControlNets"):
        load(tiny_config(weights, variant="fill", controls=controls))
