"""Likeness: 1 for the same, less the more is changed, whatever the sizes, and near 0 for another picture."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from deployments.messages import Picture
from deployments.stages.likeness import measure_likeness


def drawn(seed: int, size: int = 256) -> Image.Image:
    """A few dark and light shapes on grey."""
    image = Image.new("RGB", (size, size), (128, 140, 120))
    pen = ImageDraw.Draw(image)
    for place in range(6):
        x, y = ((seed * 37 + place * 61) % 70 / 100 * size, (seed * 53 + place * 29) % 70 / 100 * size)
        colour = (40 * place, 230 - 35 * place, (seed * 90 + 50 * place) % 255)
        (pen.ellipse if place % 2 else pen.rectangle)((x, y, x + size / 4, y + size / 4), fill=colour)
    return image


def picture(image: Image.Image, alpha: bytes = b"") -> Picture:
    return Picture(image.width, image.height, image.tobytes(), alpha)


def test_the_same_picture_is_like_itself_at_any_size() -> None:
    one = drawn(1)
    assert measure_likeness(picture(one), picture(one)) == 1.0
    large = one.resize((1024, 1024), Image.Resampling.LANCZOS)
    assert measure_likeness(picture(large), picture(one)) > 0.99


def test_detail_counts_little_and_composition_much() -> None:
    one = drawn(1)
    softer = measure_likeness(picture(one.filter(ImageFilter.GaussianBlur(2))), picture(one))
    turned = measure_likeness(picture(one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)), picture(one))
    other = measure_likeness(picture(drawn(5)), picture(one))
    assert softer > 0.95
    assert other < 0.5 < turned < 0.7
    assert 0.8 < measure_likeness(picture(ImageEnhance.Brightness(one).enhance(0.8)), picture(one)) < 1


def test_what_is_cut_out_is_seen_on_white() -> None:
    one = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(one).ellipse((16, 16, 48, 48), fill="navy")
    alpha = one.convert("L").point(lambda level: 0 if level > 200 else 255)
    black = Image.new("RGB", (64, 64), "black")
    black.paste(one, mask=alpha)
    assert measure_likeness(picture(black, alpha.tobytes()), picture(one)) == pytest.approx(1, abs=0.02)


def test_another_shape_is_cropped_around_its_centre() -> None:
    wide = Image.new("RGB", (512, 256), "white")
    wide.paste(drawn(2), (128, 0))
    assert measure_likeness(picture(drawn(2)), picture(wide)) > 0.95
