"""What is kept of a stranger's file: upright pixels in sRGB and nothing else, or a refusal before they are decoded."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from configs.errors import InvalidRequest, TooLarge
from router.pictures.intake import take_in

LIMIT = 40_000_000


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def kept(data: bytes) -> Image.Image:
    taken = take_in(data, LIMIT)
    image = Image.open(BytesIO(taken.png))
    assert (image.format, image.size) == ("PNG", (taken.width, taken.height))
    return image


RED = Image.new("RGB", (40, 30), (255, 0, 0))


@pytest.mark.parametrize(
    ("data", "mode", "level"),
    [
        (encoded(RED), "RGB", (255, 0, 0)),
        (encoded(RED, "WEBP", lossless=True), "RGB", (255, 0, 0)),
        (encoded(RED.quantize(4)), "RGB", (255, 0, 0)),
        (encoded(Image.new("1", (9, 9), 1)), "RGB", (255, 255, 255)),
        (encoded(Image.new("I;16", (9, 9), 0x8080)), "RGB", (128, 128, 128)),
        (encoded(Image.new("CMYK", (9, 9), (0, 0, 0, 0)), "JPEG"), "RGB", (255, 255, 255)),
        (encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 100))), "RGBA", (255, 0, 0, 100)),
        (encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 255))), "RGB", (255, 0, 0)),
        (encoded(RED, transparency=(255, 0, 0)), "RGBA", (255, 0, 0, 0)),
        (encoded(RED, icc_profile=b"rubbish"), "RGB", (255, 0, 0)),
    ],
)
def test_every_kind_of_pixels_becomes_eight_bits_of_red_green_and_blue(data: bytes, mode: str, level: object) -> None:
    image = kept(data)
    assert (image.mode, image.getpixel((0, 0))) == (mode, level)


def test_a_photograph_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    assert kept(encoded(RED, "JPEG", exif=exif)).size == (30, 40)


def test_colours_of_a_profile_become_those_of_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    assert kept(encoded(RED, icc_profile=srgb)).getpixel((0, 0)) == (255, 0, 0)
    assert kept(encoded(RED, icc_profile=swapped)).getpixel((0, 0)) == (0, 0, 255)


def test_nothing_that_the_file_carries_travels_further() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("secret", "canary")
    exif = Image.Exif()
    exif[0x010E] = "canary"
    for data in (encoded(RED, pnginfo=text, exif=exif), encoded(RED, "JPEG", exif=exif, comment=b"canary")):
        assert b"canary" in data
        image = kept(data)
        assert b"canary" not in take_in(data, LIMIT).png
        assert not image.info
        assert not image.getexif()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(RED, "GIF"),
        encoded(RED, "TIFF"),
        encoded(Image.effect_noise((300, 300), 90).convert("RGB"), "JPEG")[:5000],
        encoded(Image.effect_noise((300, 300), 90))[:5000],
        encoded(Image.effect_noise((99, 99), 90)).replace(b"IDAT", b"IDAT\x00", 1),
    ],
)
def test_what_is_no_whole_picture_of_a_known_kind_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match="not a whole PNG, JPEG or WebP"):
        take_in(data, LIMIT)


def test_an_animation_is_refused_as_such() -> None:
    for format in ("PNG", "WEBP"):
        moving = encoded(RED, format, save_all=True, append_images=[Image.new("RGB", RED.size, "blue")])
        with pytest.raises(InvalidRequest, match="animation"):
            take_in(moving, LIMIT)


@pytest.mark.parametrize("side", [7_000, 30_000])
def test_a_small_file_of_many_pixels_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(TooLarge, match="more than 40 megapixels"):
        take_in(encoded(Image.new("1", (side, side))), LIMIT)
