"""What is cut out lies on any ground as if it had been drawn there; what cannot be told apart is kept whole."""

from __future__ import annotations

import io
import random
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from PIL import Image, ImageDraw

from configs.errors import ConfigError, StageError
from configs.load import load_catalog
from configs.weights import Weights
from deployments.messages import Done, Picture
from deployments.stages.clean import CleanRequest
from deployments.stages.cut_out import CutOut, CutOutRequest
from deployments.stages.encode import encode
from deployments.stages.similarity import measure_psnr
from deployments.stages.vector import rasterise
from tests.deployments.pictures import asked, icon, static
from training.matting.samples import render_subject
from training.mini.world.drawing import draw
from training.mini.world.pictures import rasterise as render_scene
from training.mini.world.scene import Scene, sample_placement

pytestmark = pytest.mark.anyio
CUTTER = load_catalog().cutters["mini-matting"]
Pixels: TypeAlias = np.ndarray[Any, Any]
GROUNDS = ((0, 0, 0), (255, 255, 255), (255, 0, 255))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def cut(picture: Picture, by: Any = "auto", holes: bool = False, config: Any = None) -> Done:
    replica = CutOut(config)
    try:
        return await replica.cut_out(picture, CutOutRequest(by, holes))
    finally:
        replica.close()


def scene(subject: str, colour: str, background: str, style: str = "icon") -> tuple[Picture, np.ndarray[Any, Any]]:
    """A scene at 512 pixels, and its subject alone (RGBA)."""
    told = Scene(subject, colour, background, style, placement=sample_placement(random.Random(1)))
    return Picture(512, 512, render_scene(draw(told), (512, 512)).tobytes()), render_subject(told, (512, 512))


def laid(levels: Pixels, alpha: Pixels, ground: tuple[int, int, int]) -> Pixels:
    share = alpha.reshape(512, 512, 1).astype(np.float32) / 255
    result: Pixels = levels.reshape(512, 512, 3) * share + np.array(ground) * (1 - share)
    return result


def pixels_of(picture: Picture) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    assert picture.alpha
    return np.frombuffer(picture.rgb, np.uint8), np.frombuffer(picture.alpha, np.uint8)


def wheel() -> Picture:
    """Red spokes and a rim on mint, antialiased."""
    large = Image.new("RGB", (1024, 1024), (185, 240, 208))
    pen = ImageDraw.Draw(large)
    pen.ellipse([200, 200, 824, 824], outline=(227, 38, 42), width=40)
    pen.line([512, 220, 512, 804], fill=(227, 38, 42), width=16)
    pen.line([220, 512, 804, 512], fill=(227, 38, 42), width=16)
    return Picture(512, 512, large.resize((512, 512), Image.Resampling.BOX).tobytes())


@pytest.mark.parametrize(
    ("subject", "colour", "background"),
    [("star", "red", "light pink"), ("umbrella", "teal", "navy"), ("fish", "orange", "light blue")],
)
@pytest.mark.parametrize("ground", GROUNDS)
async def test_a_flat_ground_goes_without_a_fringe(
    subject: str, colour: str, background: str, ground: tuple[int, int, int]
) -> None:
    picture, truth = scene(subject, colour, background)
    levels, alpha = pixels_of((await cut(picture)).picture)
    difference = np.abs(laid(levels, alpha, ground) - laid(truth[..., :3], truth[..., 3], ground)).max(axis=-1)
    assert difference.mean() < 0.1
    assert np.quantile(difference, 0.999) <= 4


async def test_holes_are_cut_where_they_are_asked_for() -> None:
    for holes in (False, True):
        _, alpha = pixels_of((await cut(wheel(), holes=holes)).picture)
        seen = alpha.reshape(512, 512)
        assert (seen[10, 10], seen[256, 256], seen[256, 110]) == (0, 255, 255)
        assert seen[200, 200] == (0 if holes else 255)


async def test_noise_makes_no_specks() -> None:
    _, alpha = pixels_of((await cut(icon(noise=3.0))).picture)
    _, truth = pixels_of((await cut(icon())).picture)
    assert np.abs(alpha.reshape(256, 256).astype(int) - truth.reshape(256, 256)).mean() < 4
    assert not alpha.reshape(256, 256)[:20].any()


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (static(), "its ground is not of one colour"),
        (Picture(64, 64, bytes([200, 210, 220]) * 4096), "nothing stands out from its ground"),
    ],
)
async def test_what_has_no_subject_is_kept_whole_and_says_why(picture: Picture, why: str) -> None:
    done = await cut(picture)
    assert done.picture == picture
    assert done.notes == (f"not cut out: {why}; the picture is whole",)


async def test_a_picture_that_is_broken_is_an_error_of_that_picture_alone() -> None:
    with pytest.raises(StageError, match="could not be cut out"):
        await cut(Picture(64, 64, b"short"))


async def test_png_webp_and_svg_have_no_ground() -> None:
    done = await cut(CleanRequest().apply(wheel()).picture, holes=True)
    files = {
        file.format: file.data for file in encode(done.picture, asked("png", "webp", "svg", size=(512, 512))).files
    }
    for kind in ("png", "webp"):
        opened = Image.open(io.BytesIO(files[kind])).convert("RGBA")
        assert [opened.getpixel(place)[3] for place in ((5, 5), (200, 200), (256, 256))] == [0, 0, 255]  # type: ignore[index]
    svg = files["svg"].decode()
    assert ElementTree.fromstring(svg).find(".//{http://www.w3.org/2000/svg}rect") is None
    png = Image.open(io.BytesIO(files["png"])).convert("RGBA")
    for ground in GROUNDS:
        flat = Image.alpha_composite(Image.new("RGBA", png.size, (*ground, 255)), png).convert("RGB")
        assert measure_psnr(rasterise(svg, 512, 512, ground), flat) >= 28


async def test_two_colours_that_touch_leave_no_seam_in_the_svg() -> None:
    image = Image.new("RGB", (512, 512), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    pen.rectangle([100, 100, 411, 255], fill=(227, 38, 42))
    pen.rectangle([100, 256, 411, 411], fill=(21, 38, 79))
    done = await cut(Picture(512, 512, image.tobytes()))
    svg = encode(done.picture, asked("svg", size=(512, 512))).files[0].data.decode()
    column = np.asarray(rasterise(svg, 511, 511, (0, 255, 0)))[150:380, 250]
    assert column[:, 1].max() < 60, "the ground shines through"


@pytest.mark.parametrize(("subject", "colour", "background"), [("rocket", "red", "beach"), ("mug", "purple", "mint")])
async def test_the_network_cuts_out_of_any_ground(subject: str, colour: str, background: str) -> None:
    picture, truth = scene(subject, colour, background, "premium")
    _, alpha = pixels_of((await cut(picture, "network", config=CUTTER)).picture)
    one, other = alpha.reshape(512, 512) > 127, truth[..., 3] > 127
    assert (one & other).sum() / (one | other).sum() > 0.85


async def test_the_network_says_where_it_sees_no_subject() -> None:
    done = await cut(Picture(128, 128, bytes([200, 210, 220]) * 128**2), "network", config=CUTTER)
    assert done.notes[0].startswith("not cut out: ")


async def test_weights_that_are_missing_are_named(tmp_path: Path) -> None:
    config = CUTTER.model_copy(update={"weights": Weights(path=str(tmp_path))})
    with pytest.raises(ConfigError, match="cutter 'mini-matting'"):
        await cut(static(), config=config)
