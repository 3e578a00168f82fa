"""Flat art comes out in few exact colours with nothing lost that is meant; what is no flat art stays as it is."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from configs.errors import StageError
from deployments.messages import Picture
from deployments.stages.clean import CleanRequest
from deployments.stages.encode import encode
from deployments.stages.finisher import Finisher
from deployments.stages.palette import find_exact_colours
from deployments.stages.similarity import measure_psnr, measure_ssim
from deployments.stages.vector import MIN_PSNR, MIN_SSIM, rasterise
from tests.deployments.pictures import asked, icon, soft_icon, static
from tests.kept_files import in_memory

GROUND, INK, RED = (217, 203, 255), (30, 32, 40), (227, 38, 42)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def wheel(spoiled: bool) -> Picture:
    """A wheel with spokes of four pixels, a red hub and a black eye; as drawn, or with halo, specks, blur and noise."""
    image = Image.new("RGB", (512, 512), GROUND)
    if spoiled:
        ImageDraw.Draw(image).ellipse([60, 60, 452, 452], fill=(230, 222, 255))
        image = image.filter(ImageFilter.GaussianBlur(16))
    pen = ImageDraw.Draw(image)
    pen.ellipse([100, 100, 412, 412], outline=INK, width=20)
    for angle in range(0, 360, 45):
        end = 256 + 150 * np.cos(np.radians(angle)), 256 + 150 * np.sin(np.radians(angle))
        pen.line([256, 256, *end], fill=INK, width=5)
    pen.ellipse([216, 216, 296, 296], fill=RED)
    pen.ellipse([250, 250, 262, 262], fill=INK)
    if spoiled:
        pen.rectangle([30, 30, 34, 34], fill=INK)
        pen.rectangle([470, 40, 482, 52], fill=(205, 190, 250))
        image = image.filter(ImageFilter.GaussianBlur(1.5))
    levels = np.asarray(image, np.float32)
    noise = np.random.default_rng(1).normal(0, 2.0 if spoiled else 0.0, levels.shape)
    return Picture(512, 512, (levels + noise).round().clip(0, 255).astype(np.uint8).tobytes())


def image_of(picture: Picture) -> Image.Image:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)


def cleaned(picture: Picture) -> Picture:
    done = CleanRequest().apply(picture)
    assert done.notes == ()
    assert isinstance(done.picture, Picture)
    return done.picture


def test_colours_become_exact_and_few() -> None:
    colours = find_exact_colours(image_of(cleaned(wheel(spoiled=True))))
    assert colours is not None
    assert len(colours) == 3
    for wanted in (GROUND, INK, RED):
        assert min(int(np.abs(colour.astype(int) - wanted).max()) for colour in colours) <= 4


def test_halo_specks_and_noise_go_and_thin_strokes_and_details_stay() -> None:
    """What is left is the drawing before it was spoiled, up to the width of its outlines."""
    clean, drawn = (np.asarray(image_of(one), int) for one in (cleaned(wheel(True)), wheel(False)))
    differs = np.abs(clean - drawn).max(axis=-1) > 40
    deep = np.asarray(Image.fromarray(differs).filter(ImageFilter.MinFilter(5)))
    assert not deep.any()
    for x, y in ((256, 150), (256, 400), (150, 256), (185, 185), (256, 256)):
        assert clean[y, x].max() < 90, f"the stroke or eye at {x}, {y} is lost"


def test_cleaning_is_the_same_each_time_and_changes_little_the_second_time() -> None:
    once = cleaned(soft_icon(1))
    assert cleaned(soft_icon(1)) == once
    assert measure_psnr(image_of(cleaned(once)), image_of(once)) > 30


def test_png_and_svg_of_a_cleaned_picture_agree() -> None:
    files = encode(cleaned(wheel(True)), asked("png", "svg", size=(512, 512))).files
    png = Image.open(io.BytesIO(files[0].data)).convert("RGB")
    svg = rasterise(files[1].data.decode(), 512, 512)
    assert measure_psnr(svg, png) >= MIN_PSNR
    assert measure_ssim(svg, png) >= MIN_SSIM


@pytest.mark.parametrize("size", [(96, 160), (31, 31), (1500, 40)])
def test_every_size_keeps_its_size(size: tuple[int, int]) -> None:
    picture = Picture(*size, image_of(icon()).resize(size).tobytes())
    done = CleanRequest().apply(picture)
    assert (done.picture.width, done.picture.height, len(done.picture.rgb)) == (*size, 3 * size[0] * size[1])


def test_what_is_no_flat_art_stays_as_it_is_and_says_why() -> None:
    ramp = np.linspace(0, 255, 256)[None, :, None].repeat(256, 0) * [1, 0.5, -1] + [0, 60, 255]
    for picture in (static(), Picture(256, 256, ramp.astype(np.uint8).tobytes())):
        done = CleanRequest().apply(picture)
        assert done.picture == picture
        assert done.notes[0].startswith("not cleaned: the picture is no flat art, ")


@pytest.mark.anyio
async def test_a_picture_that_cannot_be_cleaned_is_an_error_of_that_picture_alone() -> None:
    finisher = Finisher(in_memory(), threads=1)
    with pytest.raises(StageError, match="could not be retouched"):
        await finisher.retouch(Picture(8, 8, b"short"), CleanRequest())
    assert (await finisher.retouch(icon(64), CleanRequest())).picture is not None
    finisher.close()
