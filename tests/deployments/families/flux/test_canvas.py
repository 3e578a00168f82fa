"""Pictures of different sizes share a batch where that wastes little, and come out as if alone."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import torch

from deployments.families.flux import Flux
from deployments.families.flux.canvas import Bucket, cut, lay, visible, worthwhile_canvas
from tests.deployments.diffusers_alone import begin, difference, draw_alone, finish
from tests.deployments.tiny import Shape, request, save_tiny

SHAPES = [Shape(True, "kl"), Shape(False, "tiny")]
SQUARE, TALL, WIDE = Bucket(8, 8, 64), Bucket(10, 6, 64), Bucket(6, 10, 64)


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.vae}-embeds={shape.guidance_embeds}")
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), request.param)


def test_a_canvas_must_be_covered_well_enough_by_every_picture() -> None:
    assert worthwhile_canvas([SQUARE, SQUARE]) == SQUARE
    for order in permutations([SQUARE, TALL]):
        assert worthwhile_canvas(order) == Bucket(10, 8, 64)
    assert worthwhile_canvas([TALL, WIDE]) is None, "each covers 60 of 100"
    assert worthwhile_canvas([SQUARE, TALL, WIDE]) is None
    assert worthwhile_canvas([Bucket(8, 8, 64), Bucket(8, 6, 64)]) == SQUARE, "exactly three quarters"


def test_texts_of_different_length_share_no_canvas() -> None:
    assert worthwhile_canvas([SQUARE, Bucket(8, 8, 128)]) is None


def test_what_is_laid_on_a_canvas_is_cut_out_unchanged() -> None:
    picture, canvas = torch.randn(1, TALL.area, 5), Bucket(12, 9, 64)
    laid = lay(picture, TALL, canvas)
    assert laid.shape == (1, canvas.area, 5)
    assert torch.equal(cut(laid, TALL, canvas), picture)
    seen = visible([TALL], canvas, torch.device("cpu"))
    assert seen is not None
    assert seen.shape == (1, 1, 1, 64 + canvas.area)
    assert seen[..., 64:].sum() == TALL.area
    assert (laid[0, ~seen[0, 0, 0, 64:]] == 0).all()


def test_one_size_takes_no_mask() -> None:
    assert visible([TALL, TALL], TALL, torch.device("cpu")) is None


def test_pictures_of_different_sizes_in_one_batch_are_as_if_alone(flux: Flux, pipeline: Any) -> None:
    asked = [
        request(seed=1, width=128, height=128, num_inference_steps=3),
        request(seed=2, width=96, height=160, num_inference_steps=5, prompt="blue"),
        request(seed=3, width=128, height=128, num_inference_steps=4, guidance_scale=1.0),
    ]
    states = [begin(flux, each) for each in asked]
    assert flux.canvas([state.bucket for state in states]) == Bucket(10, 8, 64)
    finish(flux, states)  # the canvas shrinks when the last square picture is done
    for state, each in zip(states, asked, strict=True):
        assert difference(state.latents, draw_alone(pipeline, each).images) <= 1e-5


def test_a_larger_picture_is_more_work(flux: Flux) -> None:
    assert flux.size(SQUARE) > flux.size(TALL) == flux.size(WIDE) > 0
