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
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello", "no picture that anything here can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG file"),
        (encoded(RED, "TIFF"), "a TIFF"),
        (encoded(RED, "BMP"), "a BMP file"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "an HEIC file"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "an HEIC file"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "a video file"),
        (b"%PDF-1.7", "a PDF file"),
        (b"8BPS\0\1", "a PSD"),
        (b"\xff\x0a\xfa", "a JPEG XL file"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL file"),
        (b"<?xml version='1.0'?><!-- made --><!DOCTYPE svg PUBLIC 'x'><svg ", "an SVG file"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><title>404</title>", "an HTML file"),
        (encoded(Image.effect_noise((300, 300), 90).convert("RGB"), "JPEG")[:5000], "JPEG file breaks off"),
        (encoded(Image.effect_noise((300, 300), 90))[:5000], "PNG file breaks off"),
        (encoded(Image.effect_noise((99, 99), 90)).replace(b"IDAT", b"IDAT\x00", 1), "PNG file"),
        (encoded(RED, "JPEG").replace(b"\xff\xdb", b"\xff\xdb\xff", 1), "JPEG file"),
    ],
)
def test_what_is_not_taken_is_refused_as_what_it_is_and_says_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason) as caught:
        take_in(data, LIMIT)
    assert caught.value.field == "file"
    assert "PNG, JPEG or WebP" in caught.value.message


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "AVIF"])
def test_of_an_animation_the_first_picture_is_taken_and_that_is_said(format: str) -> None:
    moving = encoded(RED, format, save_all=True, append_images=[Image.new("RGB", RED.size, "blue")])
    taken = take_in(moving, LIMIT)
    red, _, blue = Image.open(BytesIO(taken.png)).convert("RGB").resize((1, 1)).tobytes()
    assert (red > 240, blue < 15) == (True, True)
    assert [note.code for note in taken.notes] == ["first_frame"]
    assert "2 pictures" in taken.notes[0].message
    assert take_in(encoded(RED, format), LIMIT).notes == ()


@pytest.mark.parametrize("side", [7_000, pytest.param(30_000, marks=pytest.mark.slow)])
def test_a_small_file_of_many_pixels_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(TooLarge, match="more than 40 megapixels"):
        take_in(encoded(Image.new("1", (side, side))), LIMIT)
