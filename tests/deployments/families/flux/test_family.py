"""The stepwise family is diffusers' own pipeline, only taken apart: same seed, same picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import StageError
from deployments.families.family import PREVIEW_SIDE
from deployments.families.flux import Flux, FluxDenoising, load
from deployments.messages import GenerateRequest, Picture
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config

SHAPES = [Shape(True, "kl"), Shape(True, "tiny"), Shape(False, "kl"), Shape(False, "tiny")]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.vae}-embeds={shape.guidance_embeds}")
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), request.param)


def draw(flux: Flux, asked: GenerateRequest) -> FluxDenoising:
    state = flux.start(asked, flux.encode(asked.prompt, asked.negative_prompt))
    while state.step < state.steps:
        flux.step([state])
    return state


def call(pipeline: Any, asked: GenerateRequest, output_type: str) -> Any:
    """The same request through `FluxPipeline.__call__`."""
    guidance: dict[str, Any] = {"guidance_scale": asked.guidance_scale}
    if not pipeline.transformer.config.guidance_embeds:
        guidance = {"negative_prompt": asked.negative_prompt, "true_cfg_scale": asked.guidance_scale}
    return pipeline(
        prompt=asked.prompt,
        width=asked.width,
        height=asked.height,
        num_inference_steps=asked.num_inference_steps,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        max_sequence_length=64,
        output_type=output_type,
        **guidance,
    ).images


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm() / other.norm())


def pixels(picture: Picture) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3).astype(np.int16)


def test_equals_the_pipeline(flux: Flux, pipeline: Any) -> None:
    asked = request(width=96, height=160)
    state = draw(flux, asked)
    assert difference(state.latents, call(pipeline, asked, "latent")) <= 1e-5
    expected = np.asarray(call(pipeline, asked, "pil")[0]).astype(np.int16)
    assert np.abs(pixels(flux.decode(state)) - expected).max() <= 1


def test_the_negative_prompt_counts_only_without_a_guidance_embedding(flux: Flux, pipeline: Any) -> None:
    one, other = draw(flux, request(negative_prompt="blue")), draw(flux, request(negative_prompt="green"))
    same = torch.equal(one.latents, other.latents)
    assert same == pipeline.transformer.config.guidance_embeds


def test_the_preview_after_the_last_step_is_the_picture(flux: Flux) -> None:
    state = draw(flux, request())
    assert flux.preview(state) == flux.decode(state)


def test_a_preview_of_a_large_picture_is_small(flux: Flux) -> None:
    asked = request(width=512, height=256, num_inference_steps=2)
    state = flux.start(asked, flux.encode(asked.prompt, asked.negative_prompt))
    flux.step([state])
    preview = flux.preview(state)
    assert (preview.width, preview.height) == (PREVIEW_SIDE, PREVIEW_SIDE // 2)


def test_a_lost_picture_is_an_error(flux: Flux) -> None:
    state = draw(flux, request(num_inference_steps=1))
    state.latents = torch.full_like(state.latents, float("nan"))
    with pytest.raises(StageError, match="not-a-number"):
        flux.decode(state)


def test_the_text_length_is_the_models_setting(weights: Path) -> None:
    flux = load(tiny_config(weights, text_length=24))
    assert flux.encode("a long prompt " * 20, "").prompt.text == 24


def test_bfloat16_loads_and_draws(weights: Path) -> None:
    config = tiny_config(weights)
    flux = load(config.model_copy(update={"runtime": config.runtime.model_copy(update={"dtype": "bfloat16"})}))
    assert flux.dtype == "bfloat16"
    assert flux.decode(draw(flux, request(num_inference_steps=1))).width == 128
