"""Measures say what they say they do: down a ladder of harm they fall, and what they must not mind changes nothing."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from deployments.messages import Picture
from deployments.stages.measures import measure
from deployments.stages.sharpness import measure_sharpness
from deployments.stages.stray_text import count_text_lines
from training.mini.world.pictures import render
from training.mini.world.scene import sample_any


def of(image: Image.Image) -> Picture:
    return Picture(image.width, image.height, image.convert("RGB").tobytes())


def scene(number: int, multiple: int = 2) -> Image.Image:
    return Image.fromarray(render(sample_any(random.Random(f"measured-{number}")), multiple))


def disc(contrast: int = 255) -> Image.Image:
    """Drawn large and made small, so that its edge is as sharp as pixels allow."""
    image = Image.new("L", (1024, 1024), 255)
    ImageDraw.Draw(image).ellipse((200, 200, 800, 800), fill=255 - contrast)
    return image.resize((256, 256), Image.Resampling.BOX)


def test_sharpness_falls_with_every_step_of_blur() -> None:
    ladder = [measure_sharpness(of(disc().filter(ImageFilter.GaussianBlur(radius)))) for radius in (0, 1, 2, 3)]
    assert all(found is not None for found in ladder)
    assert ladder == sorted(ladder, reverse=True)  # type: ignore[type-var]
    assert (ladder[0] or 0) > 0.6
    assert (ladder[3] or 1) < 0.25


def test_a_step_is_one_and_a_ramp_is_its_share() -> None:
    rows = np.tile(np.repeat([0, 255], 40).astype(np.uint8), (40, 1))
    assert measure_sharpness(of(Image.fromarray(rows))) == pytest.approx(1.0)
    ramp = np.tile(np.concatenate([np.zeros(40), np.linspace(0, 255, 5), np.full(40, 255)]).astype(np.uint8), (40, 1))
    assert measure_sharpness(of(Image.fromarray(ramp))) == pytest.approx(0.25, abs=0.01)


def test_sharpness_minds_neither_contrast_nor_turning() -> None:
    whole = measure_sharpness(of(disc()))
    assert measure_sharpness(of(disc(120))) == pytest.approx(whole, abs=0.08)
    assert measure_sharpness(of(disc().transpose(Image.Transpose.ROTATE_90))) == pytest.approx(whole, abs=0.08)


def test_a_picture_without_edges_has_no_sharpness() -> None:
    assert measure_sharpness(of(Image.new("RGB", (64, 64), "#336699"))) is None
    assert measure(of(Image.new("RGB", (4, 4))), ("sharpness",)) == {}


def test_what_is_drawn_of_the_world_is_no_text() -> None:
    """Calendars, windows and spokes among it."""
    assert sum(count_text_lines(of(scene(number))) > 0 for number in range(40)) <= 1


@pytest.mark.parametrize("ink", ["dark", "light"])
def test_printed_words_are_found_on_a_picture(ink: str) -> None:
    found = 0
    for number, words in enumerate(("Hello World", "SALE 50%", "Acme Studio", "lorem ipsum", "2026 Report")):
        image = scene(number)
        colour, ground = ("#15161a", "#fafafa") if ink == "dark" else ("#fafafa", "#15161a")
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, image.height - 40, image.width, image.height), fill=ground)
        pen.text((8, image.height - 34), words, fill=colour, font=ImageFont.load_default(20))
        found += count_text_lines(of(image)) > 0
    assert found >= 4


def test_marks_that_are_all_alike_are_no_text() -> None:
    image = Image.new("RGB", (256, 128), "#ffffff")
    pen = ImageDraw.Draw(image)
    for column in range(8):
        pen.rectangle((20 + column * 26, 50, 34 + column * 26, 70), fill="#222222")
    assert count_text_lines(of(image)) == 0


def test_what_is_transparent_is_measured_as_white() -> None:
    whole = of(disc())
    ground = np.frombuffer(whole.rgb, np.uint8).reshape(-1, 3)[:, 0] == 255
    noise = np.random.default_rng(0).integers(0, 256, (len(ground), 3), np.uint8)
    hidden = np.where(ground[:, None], noise, np.frombuffer(whole.rgb, np.uint8).reshape(-1, 3)).tobytes()
    cut = Picture(whole.width, whole.height, hidden, (~ground * 255).astype(np.uint8).tobytes())
    assert measure(cut, ("sharpness",)) == measure(whole, ("sharpness",))


class _Scorer:
    def score(self, _: Picture, prompt: str) -> float | None:
        return 0.123456 if prompt == "a red bicycle" else None


def test_only_what_is_asked_is_measured_and_what_cannot_be_said_is_left_out() -> None:
    picture = of(disc())
    assert measure(picture, ("fidelity",), "a red bicycle", _Scorer()) == {"fidelity": 0.1235}
    assert measure(picture, ("fidelity",), "xyzzy", _Scorer()) == {}
    assert list(measure(picture, ("stray_text", "sharpness"))) == ["stray_text", "sharpness"]
