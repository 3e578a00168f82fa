"""One suite over every format, opaque and cut out: the size asked for, the recipe, the marking, the picture itself."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, TypeAlias, get_args

import numpy as np
import pypdfium2
import pytest
import resvg_py
from PIL import Image

from configs.formats import MEDIA_TYPES, VECTORS, Format
from deployments.messages import Picture
from deployments.stages import xmp
from deployments.stages.encode import Encoded, FinishRequest, encode
from deployments.stages.recipe import read_recipe
from tests.deployments.pictures import RECIPE, icon

Values: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
FORMATS: tuple[Format, ...] = get_args(Format)
MAGIC = {
    "png": b"\x89PNG",
    "webp": b"RIFF",
    "jpeg": b"\xff\xd8\xff",
    "avif": b"\0\0\0",
    "svg": b"<svg",
    "pdf": b"%PDF-",
}
SIZE = (300, 200)  # the picture is square: it is cropped
FURTHER = ((96, 64), (48, 48))


def cut_out(side: int = 256) -> Picture:
    """The icon, transparent but for a disc in its middle."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    alpha = ((side * 0.3 + 0.5 - np.hypot(x, y)).clip(0, 1) * 255).astype(np.uint8)
    return Picture(side, side, icon(side).rgb, alpha.tobytes())


@pytest.fixture(scope="module", params=["opaque", "cut out"])
def encoded(request: pytest.FixtureRequest) -> Encoded:
    picture = icon() if request.param == "opaque" else cut_out()
    asked = FinishRequest(*SIZE, FORMATS, RECIPE, sizes=FURTHER, sharpen=0.5, ground="#102030")
    return encode(picture, asked)


def opened(data: bytes, kind: str) -> Image.Image:
    """As a program shows it that knows the format."""
    if kind == "svg":
        data = bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), skip_system_fonts=True))
    if kind == "pdf":
        image: Image.Image = pypdfium2.PdfDocument(data)[0].render(scale=96 / 72, fill_color=(16, 32, 48, 255)).to_pil()
        return image
    return Image.open(io.BytesIO(data))


def lightness(image: Image.Image) -> Values:
    """Of a picture that lies on a dark ground where it is transparent."""
    whole = Image.alpha_composite(Image.new("RGBA", image.size, "#102030"), image.convert("RGBA"))
    return np.asarray(whole.convert("L"), np.float64)


def similarity(one: Image.Image, other: Image.Image) -> float:
    """SSIM (Wang et al., 2004) of the lightness, over squares of eight pixels."""

    def means(values: Values) -> Values:
        return np.asarray(np.lib.stride_tricks.sliding_window_view(values, (8, 8)).mean(axis=(2, 3)))

    a, b = lightness(one), lightness(other)
    mean_a, mean_b = means(a), means(b)
    var_a, var_b, both = means(a * a) - mean_a**2, means(b * b) - mean_b**2, means(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((alike / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def test_each_format_comes_in_each_size_that_it_has(encoded: Encoded) -> None:
    expected = [(kind, "") for kind in FORMATS]
    expected += [(kind, size) for size in ("96x64", "48x48") for kind in FORMATS if kind not in VECTORS]
    assert [(file.format, file.size) for file in encoded.files] == expected
    for file in encoded.files:
        asked = tuple(map(int, file.size.split("x"))) if file.size else SIZE
        assert opened(file.data, file.format).size == asked
        assert file.data.startswith(MAGIC[file.format])
        assert file.media_type == MEDIA_TYPES[file.format]


def test_each_file_gives_its_recipe_back_and_says_that_a_machine_made_it(encoded: Encoded) -> None:
    for file in encoded.files:
        assert read_recipe(file.data) == RECIPE, file.format
        assert f'Iptc4xmpExt:DigitalSourceType="{xmp.MACHINE_MADE}"'.encode() in file.data, file.format


def test_each_file_is_like_the_png(encoded: Encoded) -> None:
    """The qualities of lossy formats, by SSIM."""
    png = {file.size: opened(file.data, "png") for file in encoded.files if file.format == "png"}
    for file in encoded.files:
        least = 0.93 if file.format in VECTORS else 0.985
        assert similarity(opened(file.data, file.format), png[file.size]) >= least, (file.format, file.size)


def test_rasters_say_that_they_are_srgb(encoded: Encoded) -> None:
    for file in encoded.files:
        if file.format not in VECTORS:
            info = opened(file.data, file.format).info
            assert info.get("icc_profile") or "srgb" in info, file.format


def test_what_is_transparent_stays_so_and_jpeg_says_what_it_lies_on() -> None:
    done = encode(cut_out(), FinishRequest(128, 128, ("png", "webp", "avif", "jpeg"), RECIPE, ground="#102030"))
    *transparent, jpeg = (opened(file.data, file.format) for file in done.files)
    for image in transparent:
        alpha = np.asarray(image.getchannel("A"), np.int16)
        assert alpha[0, 0] == 0
        assert alpha[64, 64] == 255
    corner = np.asarray(jpeg.convert("RGB"), np.int16)[2, 2]
    assert np.abs(corner - [0x10, 0x20, 0x30]).max() <= 4
    assert done.notes == ("JPEG has no transparency: the picture lies on #102030 in it",)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_picture_is_the_same_bytes(kind: Format) -> None:
    asked = FinishRequest(64, 64, (kind,), RECIPE)
    assert encode(icon(64), asked).files == encode(icon(64), asked).files


def test_a_recipe_of_any_length_is_in_a_jpeg() -> None:
    """Longer than a segment of a JPEG file: the packet goes on in further ones."""
    long = replace(RECIPE, prompt="\U0001f6b2" * 20_000)
    (file,) = encode(icon(16), FinishRequest(16, 16, ("jpeg",), long)).files
    assert read_recipe(file.data) == long
    assert xmp.MACHINE_MADE.encode() in file.data[:2000]
    assert Image.open(io.BytesIO(file.data)).size == (16, 16)


def test_lossy_files_are_as_good_as_was_asked_for_and_a_png_loses_nothing() -> None:
    rough = np.random.default_rng(7).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    picture = Picture(64, 64, rough.tobytes())
    kinds: tuple[Format, ...] = ("jpeg", "webp", "avif", "png")

    def written(quality: int | None) -> dict[str, bytes]:
        files = encode(picture, FinishRequest(64, 64, kinds, RECIPE, file_quality=quality)).files
        return {file.format: file.data for file in files}

    worst, usual, best = written(0), written(None), written(100)
    for kind in ("jpeg", "webp", "avif"):
        assert len(worst[kind]) < len(usual[kind]) < len(best[kind]), kind
        assert read_recipe(worst[kind]).prompt == RECIPE.prompt
    assert worst["png"] == usual["png"] == best["png"]
    assert written(90)["jpeg"] == usual["jpeg"]
