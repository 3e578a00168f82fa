"""Drawing over a picture, with or without a mask, is diffusers' img2img and inpainting: same seed, same picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import StageError
from deployments.families.flux import Flux
from deployments.messages import GenerateRequest, Picture
from tests.deployments import asking
from tests.deployments.diffusers_alone import begin, difference, draw_alone, finish, left_half, painting
from tests.deployments.tiny import Shape, request, save_tiny

SHAPES = [Shape(True, "kl"), Shape(False, "tiny")]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.vae}-embeds={shape.guidance_embeds}")
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), request.param)


def redraw(strength: float = 0.6, masked: bool = False, **changes: Any) -> GenerateRequest:
    asked = request(num_inference_steps=5, strength=strength, **changes)
    asked = asking.replace(asked, image=painting(asked.width, asked.height))
    return asking.replace(asked, mask=left_half(asked.width, asked.height)) if masked else asked


@pytest.mark.parametrize("masked", [False, True], ids=["img2img", "inpaint"])
@pytest.mark.parametrize("strength", [0.1, 0.5, 0.77, 1.0])
def test_equals_the_pipeline(flux: Flux, pipeline: Any, strength: float, masked: bool) -> None:
    asked = redraw(strength, masked, width=96, height=160)
    state = begin(flux, asked)
    finish(flux, [state])
    assert difference(state.latents, draw_alone(pipeline, asked).images) <= 1e-5
    drawn = flux.decode(state)
    expected = np.asarray(draw_alone(pipeline, asked, output_type="pil").images[0]).astype(np.int16)
    actual = np.frombuffer(drawn.rgb, np.uint8).reshape(expected.shape).astype(np.int16)
    assert np.abs(actual - expected).max() <= 1


def test_what_the_mask_keeps_comes_back(flux: Flux) -> None:
    asked = redraw(1.0, masked=True)
    state = begin(flux, asked)
    finish(flux, [state])
    assert state.kept is not None
    kept = state.kept.mask == 0
    assert 0 < kept.float().mean() < 1
    assert torch.equal(state.latents[kept], state.kept.clean[kept])


def test_strength_takes_the_last_steps_only(flux: Flux) -> None:
    asked = redraw(0.5)
    assert begin(flux, asked).steps == flux.work(asked).steps == 3
    assert begin(flux, asking.replace(asked, image=None)).steps == 5, "without a picture strength means nothing"


def test_the_work_is_known_before_anything_is_encoded(flux: Flux) -> None:
    for asked in (redraw(0.4), request(guidance_scale=1.0), request(width=96, height=160)):
        work, state = flux.work(asked), begin(flux, asked)
        assert (work.bucket, work.rows, work.steps) == (state.bucket, state.rows, state.steps)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"mask": painting(96, 128)}, "mask", "the mask has 96x128 pixels and must have 128x128"),
        ({"image": Picture(128, 128, b"abc")}, "image", "is not 128x128 pixels"),
        ({"strength": 1.5}, "strength", "at most 1"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    flux: Flux, changes: dict[str, Any], field: str, message: str
) -> None:
    asked = asking.replace(redraw(masked=True), **changes)
    with pytest.raises(StageError, match=message) as refused:
        begin(flux, asked)
    assert refused.value.field == field
    with pytest.raises(StageError, match=message):
        flux.work(asked)
