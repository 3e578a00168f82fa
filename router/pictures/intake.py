"""From a file that somebody sent to a PNG that can be trusted: verified, upright, in sRGB, without metadata."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageCms, features

from configs.errors import AtelierError, InvalidRequest, TooLarge
from deployments.stages.dominant import find_dominant
from router.notes import Note, NoteCode
from router.pictures.formats import TAKEN, name_format
from router.pictures.png import BreaksOff, PlainPng, read_plain
from router.pictures.wholeness import is_whole

_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")  # grey levels of 16 bits
_FAST = 3  # of PNG's levels: a photograph of 12 megapixels in a second, 10 % larger than at the usual 6
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By Exif's orientation."""
_INSTEAD = "save it as PNG, JPEG or WebP and send that"


@dataclass(frozen=True, slots=True)
class Upright:
    """A picture as it is kept: `png` has RGB pixels, or RGBA where some are transparent. `notes` say what was left of
    the file, `colours` are those of most of it."""

    png: bytes
    width: int
    height: int
    notes: tuple[Note, ...] = ()
    colours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that is whole, as far as its own lengths and marks say. `profile` and `frames` are those of a PNG."""

    format: str
    file: bytes
    profile: bytes | None = None
    frames: int = 1


def take_in(file: bytes, most_pixels: int) -> Upright:
    """The first picture of a PNG, JPEG, WebP, GIF or AVIF file, decoded in full and written anew.

    Its orientation is applied, its colours are brought to sRGB, and everything else that it carries is left behind.
    Takes seconds of a CPU for large pictures: not for an event loop. Raises `InvalidRequest`, which says whether the
    file is of another format, breaks off or is damaged, and `TooLarge`.
    """
    source = _recognise(file)
    try:
        with _open(source, most_pixels) as image:
            frames = max(source.frames, getattr(image, "n_frames", 1))
            several = frames > 1 and image.format != "MPO"  # a camera's: the others are for its own use
            image.verify()
        with _open(source, most_pixels) as image:  # verifying has used the first one up
            image.load()
            pixels = _to_srgb(_turn(image), source.profile or image.info.get("icc_profile"))
    except AtelierError:
        raise
    except Exception:  # noqa: BLE001 - whatever a decoder raises over a stranger's bytes, they are no picture
        raise InvalidRequest(
            f"this {source.format} file is damaged, and is not a whole picture: {_INSTEAD}", "file"
        ) from None
    written = io.BytesIO()
    pixels.save(written, "PNG", compress_level=_FAST)
    notes = _first_of(frames) if several else ()
    return Upright(written.getvalue(), pixels.width, pixels.height, notes, find_dominant(pixels))


def _recognise(file: bytes) -> _Source:
    """Raises `InvalidRequest` for another format, and for a file that breaks off."""
    format = name_format(file)
    if not file:
        raise InvalidRequest(f"the file is empty: choose a picture ({', '.join(TAKEN[:2])} or {TAKEN[2]})", "file")
    if format is None:
        raise InvalidRequest(f"this file is no picture that anything here can read: {_INSTEAD}", "file")
    if format not in TAKEN or (format == "AVIF" and not features.check("avif")):
        article = "an" if format[0] in "AEHIOSX" else "a"
        raise InvalidRequest(f"this is {article} {format} file, which is not read here: {_INSTEAD}", "file")
    try:
        plain = read_plain(file) if format == "PNG" else PlainPng(file, None, 1)
        if format != "PNG" and not is_whole(file, format):
            raise BreaksOff
    except BreaksOff:
        raise InvalidRequest(
            f"this {format} file breaks off before its end, as after a copy or download that was interrupted: get it "
            "anew, or save the picture as PNG, JPEG or WebP, and send that",
            "file",
        ) from None
    return _Source(format, plain.file, plain.profile, plain.frames)


def _open(source: _Source, most_pixels: int) -> Image.Image:
    """The file's header, judged before a pixel is decoded."""
    try:
        image = Image.open(io.BytesIO(source.file), formats=(source.format.upper(),))
    except Image.DecompressionBombError:
        raise _too_many(most_pixels) from None
    if image.width * image.height > most_pixels:
        raise _too_many(most_pixels)
    return image


def _first_of(frames: int) -> tuple[Note, ...]:
    message = f"the file holds {frames} pictures one after another: the first of them was taken"
    return (Note(code=NoteCode.FIRST_FRAME, message=message),)


def _too_many(most: int) -> TooLarge:
    return TooLarge(f"the picture has more than {most / 1e6:g} megapixels: make it smaller and send it again", "file")


def _turn(image: Image.Image) -> Image.Image:
    """Upright, where the file says which way that is. Metadata that cannot be read says nothing: the picture can."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError, OSError, KeyError, TypeError, struct.error):
        return image
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    if turn is None:
        return image
    turned = image.transpose(turn)
    turned.info = image.info
    return turned


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """New pixels, which carry nothing but themselves."""
    if image.mode in _DEEP:
        image = image.convert("I").point(lambda level: level / 257).convert("L")
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    plain = _by_profile(image, profile) if profile else image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        plain.putalpha(alpha)
    plain.info.clear()
    return plain


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """In sRGB, from the colours that the file's profile means; a profile that cannot be read means none."""
    source = image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(source, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return source.convert("RGB")
    return source.convert("RGB") if converted is None else converted
