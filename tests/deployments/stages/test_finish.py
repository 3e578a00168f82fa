"""Files come out at the size asked for, lossless where they promise it, and a tracing is believed only if verified."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
import resvg_py
from PIL import Image, ImageDraw

from configs.errors import StageError
from deployments.messages import Picture
from deployments.stages import vector
from deployments.stages.encode import Encoded, FinishRequest, encode
from deployments.stages.finisher import Finisher
from deployments.stages.palette import _flat_pixels, find_palette, flatten
from tests.deployments.pictures import asked, icon, soft_icon, static
from tests.kept_files import finished, in_memory

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def finish(picture: Picture, request: FinishRequest) -> Encoded:
    return encode(picture, request)


def image(picture: Picture) -> Image.Image:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)


def opened(finished: Encoded) -> Image.Image:
    return Image.open(io.BytesIO(finished.files[0].data)).convert("RGB")


async def test_files_come_in_the_order_asked_for() -> None:
    finisher = Finisher(in_memory())
    done = await finished(finisher, icon(), asked("webp", "svg", "png"))
    assert [(file.format, file.media_type) for file in done.files] == [
        ("webp", "image/webp"),
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
    ]
    assert done.notes == ()
    assert done.seconds > 0
    finisher.close()


def test_a_png_of_the_same_size_keeps_every_pixel() -> None:
    picture = static(64)
    assert opened(finish(picture, asked("png", size=(64, 64)))).tobytes() == picture.rgb


@pytest.mark.parametrize("kind", ["png", "webp"])
@pytest.mark.parametrize("size", [(512, 512), (100, 100), (1, 1), (300, 200), (200, 300)])
def test_the_size_is_exact(kind: Any, size: tuple[int, int]) -> None:
    assert opened(finish(icon(), asked(kind, size=size))).size == size


def test_another_aspect_ratio_is_cropped_not_squeezed() -> None:
    """The circle of a square picture is still round in a wide one."""
    wide = np.asarray(opened(finish(icon(), asked("png", size=(256, 200)))).convert("RGB"), np.int16)
    red = (wide[..., 0] > 150) & (wide[..., 1] < 80)
    height, width = (int(red.any(axis=axis).sum()) for axis in (1, 0))
    assert abs(height - width) <= 2


def test_webp_carries_an_srgb_profile() -> None:
    data = finish(icon(), asked("webp")).files[0].data
    assert b"ICCP" in data


async def test_a_broken_picture_is_an_error_and_the_next_is_written() -> None:
    finisher = Finisher(in_memory(), threads=1)
    with pytest.raises(StageError, match="could not be written"):
        await finished(finisher, Picture(8, 8, b"short"), asked("png"))
    assert (await finished(finisher, icon(16), asked("png"))).files
    finisher.close()


def svg_of(picture: Picture, **changes: Any) -> str:
    return finish(picture, asked("svg", **changes)).files[0].data.decode()


@pytest.mark.parametrize("noise", [0.0, 2.0, 5.0])
def test_a_flat_icon_becomes_a_handful_of_paths_that_draw_it(noise: float) -> None:
    svg = svg_of(icon(noise=noise))
    assert svg.count("<path") <= 4
    assert vector.measure_fidelity(svg, image(icon(512))) >= vector.MIN_PSNR


def test_an_svg_has_a_view_box_its_final_size_and_a_removable_ground() -> None:
    root = ElementTree.fromstring(svg_of(icon(), size=(1024, 512)))
    assert root.attrib == {"viewBox": "0 0 512 256", "width": "1024", "height": "512"}
    ground = root.find("{http://www.w3.org/2000/svg}rect[@id='background']")
    assert ground is not None
    assert re.fullmatch("#f[0-9a-f]f[0-9a-f]e[0-9a-f]", ground.attrib["fill"])


def test_an_svg_holds_shapes_and_metadata_and_nothing_else() -> None:
    svg = svg_of(icon(), prompt="<script>alert(1)</script><image href='/etc/passwd' onload='x'/>")
    root = ElementTree.fromstring(svg)
    drawn = [child for child in root if not child.tag.endswith("metadata")]
    assert {child.tag.split("}")[1] for child in drawn} == {"title", "rect", "g"}
    groups = [child for child in drawn if child.tag.endswith("}g")]
    assert {path.tag.split("}")[1] for one in groups for path in one} == {"path"}
    assert {name for child in drawn for name in child.attrib} <= {"id", "width", "height", "fill"}
    assert {name for one in groups for path in one for name in path.attrib} == {"d"}
    assert "<script" not in svg
    assert "<image" not in svg


def test_a_small_detail_is_not_lost() -> None:
    face = image(icon(512))
    pen = ImageDraw.Draw(face)
    for x in (120, 160):
        pen.ellipse([x, 300, x + 12, 312], fill=(20, 20, 20))
    svg = svg_of(Picture(512, 512, face.tobytes()), size=(512, 512))
    drawn = Image.open(io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg, width=512, skip_system_fonts=True)))
    for x in (126, 166):
        assert np.asarray(drawn.convert("RGB"))[306, x].max() < 60


def test_coordinates_have_at_most_two_decimals() -> None:
    paths = re.findall(r' d="([^"]+)"', svg_of(icon()))
    assert paths
    assert not re.search(r"\.\d{3}", " ".join(paths))


def test_a_picture_that_is_not_flat_gets_no_svg_and_a_reason() -> None:
    finished = finish(static(), asked("png", "svg"))
    assert [file.format for file in finished.files] == ["png"]
    (note,) = finished.notes
    assert note.startswith("no SVG: the picture is not flat enough")


def test_a_picture_of_which_nothing_can_be_delivered_comes_as_png() -> None:
    finished = finish(static(64), asked("svg", size=(64, 64)))
    assert [file.format for file in finished.files] == ["png"]
    assert finished.notes[0].startswith("no SVG")
    assert finished.notes[1] == "delivered as PNG instead"


def test_a_tracing_that_does_not_draw_the_picture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector, "trace", lambda flat, fit: iter(()))
    note = finish(icon(), asked("svg")).notes[0]
    assert re.search(r"comes within \d+\.\d dB of the picture, 28 are needed", note)


def test_the_palette_ignores_noise_and_soft_edges() -> None:
    colours = find_palette(_flat_pixels(image(icon(noise=3.0))), tolerance=0.08)
    expected = [(245, 240, 230), (200, 30, 40), (30, 90, 200)]
    assert len(colours) == 3
    for colour, wanted in zip(colours, expected, strict=True):
        assert np.abs(colour - wanted).max() <= 4


def test_flattening_leaves_no_rings_between_areas() -> None:
    flat = flatten(image(icon()), tolerance=0.08, colours=8)
    assert len(flat.getcolors() or []) == 3


@pytest.mark.parametrize("seed", range(8))
def test_thin_and_soft_icons_come_as_few_paths_that_are_like_them(seed: int) -> None:
    """As a small model draws them: neither their mottled colours nor soft edges may become paths."""
    picture = soft_icon(seed)
    svg = finish(picture, asked("svg", size=(512, 512))).files[0].data.decode()
    assert 5 <= svg.count("<path") <= vector.MAX_PATHS
    assert vector.measure_fidelity(svg, image(picture)) >= vector.MIN_PSNR
