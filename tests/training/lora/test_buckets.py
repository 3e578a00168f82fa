"""Which shape a picture is trained in, and which pictures each step takes."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from PIL import Image

from configs.errors import ConfigError
from configs.schema import Size
from tests.training.lora.conftest import changed
from training.lora import noise
from training.lora.buckets import Course, bucket, fit


@pytest.mark.parametrize(
    ("picture", "side", "shape"),
    [
        ((2048, 2048), 1024, "1024x1024"),
        ((3000, 2000), 1024, "1280x832"),
        ((2000, 3000), 1024, "832x1280"),
        ((8000, 1000), 1024, "1472x704"),  # beyond 2:1 the ends are cut off
        ((700, 700), 1024, "688x688"),  # never enlarged
        ((160, 96), 128, "160x96"),
    ],
)
def test_a_picture_is_trained_in_its_own_aspect(picture: tuple[int, int], side: int, shape: str) -> None:
    assert str(bucket(*picture, side=side, unit=16)) == shape


def test_a_picture_smaller_than_a_token_is_refused() -> None:
    with pytest.raises(ConfigError, match="8x40 is too small"):
        bucket(8, 40, side=128, unit=16)


def test_fitting_cuts_the_middle_out() -> None:
    picture = Image.new("RGB", (300, 100), "red")
    picture.paste("blue", (90, 0, 210, 100))  # what resampling reaches beyond the middle included
    assert fit(picture, Size(width=50, height=50)).getcolors() == [(2500, (0, 0, 255))]


def test_each_picture_is_taken_once_in_each_round() -> None:
    course = Course(["square"] * 8 + ["wide"] * 4, batch=4, seed=1)
    taken = Counter(place for number in range(course.length) for place in course.batch(number))
    assert taken == Counter(range(12))


def test_a_batch_is_of_one_shape_and_full() -> None:
    shapes = ["square"] * 5 + ["wide"] * 1 + ["tall"] * 3
    course = Course(shapes, batch=4, seed=1)
    for number in range(3 * course.length):
        batch = course.batch(number)
        assert len(batch) == 4
        assert len({shapes[place] for place in batch}) == 1


def test_batches_depend_on_seed_and_number_alone() -> None:
    def batches(seed: int) -> list[list[int]]:
        return [list(Course(["one"] * 20, 4, seed).batch(number)) for number in range(10)]

    assert batches(1) == batches(1) != batches(2)


def test_equal_places_have_equal_noise_and_others_another() -> None:
    drawn = [torch.randn(4, generator=noise.generator(*place)) for place in ((0, 1), (0, 1), (0, 2), (1, 1))]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], drawn[3])


def test_a_shift_leans_towards_noise() -> None:
    """diffusers' `logit_mean` of 1 leans the other way."""
    means = [float(noise.shares(4000, changed(), shift, noise.generator(0)).mean()) for shift in (1.0, 2.0, 3.0)]
    assert means[0] == pytest.approx(0.5, abs=0.02)
    assert means[0] + 0.1 < means[1] < means[2] - 0.05


def test_as_many_captions_are_left_out_as_is_said() -> None:
    dropped = noise.dropped(1000, changed(caption_dropout=0.1), noise.generator(3))
    assert 70 < sum(dropped) < 130


def test_contrastive_guidance_is_told_scales_of_the_whole_span() -> None:
    settings = changed(guidance="contrastive", guidance_least=1, guidance_most=5)
    told = noise.guidances(500, settings, noise.generator(0))
    assert 1 <= float(told.min()) < 1.2
    assert 4.8 < float(told.max()) <= 5
