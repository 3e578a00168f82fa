"""Pictures that a program holds in memory, as the bytes of a file. Neither PIL nor numpy is needed, or imported: who
hands in one of their objects has imported it already."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from typing import IO, Any, Protocol

from atelier.errors import BadInput


class PilImage(Protocol):
    """A `PIL.Image.Image`."""

    @property
    def mode(self) -> str: ...

    def getexif(self) -> Any: ...


class Array(Protocol):
    """A numpy array of uint8 (0 to 255) or bool: height x width, or height x width x 1, 2, 3 or 4 channels."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> Any: ...


InMemory = bytes | bytearray | memoryview | IO[bytes] | PilImage | Array
"""What is in a picture file, a file opened for reading bytes, a PIL image or a numpy array."""

# What PNG can hold of PIL's modes; the others become RGB, or what they are with their alpha apart.
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_COLOUR_TYPES = {1: 0, 3: 2, 2: 4, 4: 6}


def read_raster(picture: Any, field: str) -> bytes:
    """The bytes of a picture file; BadInput names `field` where there is no picture in what was given."""
    if isinstance(picture, bytes | bytearray | memoryview):
        return _filled(bytes(picture), field)
    if _is_a(picture, "PIL.Image", "Image"):
        return _from_pil(picture, field)
    if _is_a(picture, "numpy", "ndarray"):
        return _from_array(picture, field)
    if callable(getattr(picture, "read", None)):
        return _filled(_from_file(picture, field), field)
    raise BadInput(
        f"{field}: give a path, the bytes of a picture file, a file opened for reading bytes, a PIL image, "
        "a numpy array (height x width x channels, 0 to 255) or the name of a picture that the studio has"
    )


def _is_a(picture: object, module: str, name: str) -> bool:
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(picture, kind)


def _filled(data: bytes, field: str) -> bytes:
    if not data:
        raise BadInput(f"{field}: there is nothing in it")
    return data


def _from_file(file: Any, field: str) -> bytes:
    """All of it, wherever it was read or written last."""
    try:
        if file.seekable():
            file.seek(0)
        data = file.read()
    except (AttributeError, ValueError, io.UnsupportedOperation):  # closed, or opened for writing, or not quite a file
        raise BadInput(f"{field}: the file cannot be read: is it closed, or opened for writing only?") from None
    if not isinstance(data, bytes):
        raise BadInput(f"{field}: the file is opened for text; open it for bytes, with open(path, 'rb')")
    return data


def _from_pil(image: Any, field: str) -> bytes:
    """Its turn (EXIF) is kept; its colour profile too, where its colours are."""
    file = io.BytesIO()
    options = {"exif": image.getexif()}
    if not all(image.size):
        raise BadInput(f"{field}: the picture has no pixels")
    if image.mode not in _PNG_MODES:
        image, options["icc_profile"] = _in_rgb(image), None
    image.save(file, "PNG", compress_level=1, **options)
    return file.getvalue()


def _in_rgb(image: Any) -> Any:
    """PIL turns colours that are multiplied by their alpha into plain ones only."""
    plain = {"La": "LA", "RGBa": "RGBA"}.get(image.mode)
    return image.convert(plain or "RGB")


def _from_array(array: Any, field: str) -> bytes:
    if array.dtype.kind == "b":
        array = array.astype("uint8") * 255
    if array.dtype != "uint8":
        raise BadInput(
            f"{field}: the array holds {array.dtype}; give uint8 from 0 to 255, "
            "for 0 to 1 with (array * 255).round().astype('uint8')"
        )
    shape = array.shape
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or channels not in _COLOUR_TYPES or not array.size:
        raise BadInput(
            f"{field}: an array of {' x '.join(map(str, shape)) or 'one number'} is no picture; "
            "give height x width, or height x width x channels (1 to 4)"
        )
    return _png(shape[1], shape[0], channels, array.tobytes())


def _png(width: int, height: int, channels: int, rows: bytes) -> bytes:
    row = width * channels
    lines = b"".join(b"\0" + rows[at : at + row] for at in range(0, height * row, row))
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
