"""What a file is that should be safetensors and is not: told by how it begins, so that the sentence names the cause."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from configs.text import quoted

_PICKLE = "is a pickle (.ckpt, .pt, .bin), which can run code when it is read. Convert it to safetensors."
_ARCHIVE = "is {} archive. Unpack it, and give the .safetensors file in it."
_PICTURE = "is a picture ({}), not weights."
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", "is a Git LFS pointer, not the file: run 'git lfs pull'."),
    (b"GGUF", "is a GGUF file, not safetensors."),
    (b"\x1f\x8b", _ARCHIVE.format("a gzip")),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE.format("a 7z")),
    (b"Rar!", _ARCHIVE.format("a RAR")),
    (b"\xfd7zXZ", _ARCHIVE.format("an xz")),
    (b"\x89PNG", _PICTURE.format("PNG")),
    (b"\xff\xd8\xff", _PICTURE.format("JPEG")),
    (b"GIF8", _PICTURE.format("GIF")),
    (b"RIFF", _PICTURE.format("WebP")),
    (b"%PDF", "is a PDF, not weights."),
    (b"\x89HDF", "is an HDF5 file (Keras), not safetensors."),
)
_PICKLED = re.compile(rb"\x80[\x01-\x05]|[}\]]q|\((?:dp|lp)\d|c\w+\n")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|body|\?xml|error|script)", re.IGNORECASE)
_ANSWER = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]\s*[\"{\]}]")


def missing(path: Path) -> str | None:
    """Why there is no file to read at `path`, as the end of a sentence about it; None if there is one."""
    if path.is_dir():
        return "is a folder: give the .safetensors file in it."
    if path.is_symlink() and not path.exists():
        return "is a link to a file that is not there."
    if not path.exists():
        return "does not exist: check the path."
    if not path.is_file():
        return "is not a file (a device or a pipe)."
    return None if path.stat().st_size else "is empty: its download or its copy broke off. Fetch it again."


def identify(path: Path) -> str | None:
    """What a file that is there is instead of safetensors, as the end of a sentence about it; None if nobody knows."""
    with path.open("rb") as file:
        return identify_open(file, path.name)


def identify_open(file: IO[bytes], name: str = "") -> str | None:
    """`identify` of a file that is open."""
    file.seek(0)
    start = file.read(512)
    if start.startswith(b"PK\x03\x04"):
        return _PICKLE if _holds_pickle(file, name) else _ARCHIVE.format("a zip")
    if found := next((what for magic, what in _BEGINNINGS if start.startswith(magic)), None):
        return found
    if _PAGE.match(start):
        return "is a web page saved under this name. Download it again, signed in where its site asks for that."
    if _ANSWER.match(start):
        return "is JSON, probably a site's error message saved under this name. Look into it, and download it again."
    if _PICKLED.match(start):
        return _PICKLE
    return f"is a text that begins {quoted(start[:80].decode('ascii'))}, not weights." if _is_text(start) else None


def _is_text(start: bytes) -> bool:
    return start.isascii() and all(byte >= 0x20 or byte in b"\t\n\f\r" for byte in start)


def _holds_pickle(file: IO[bytes], name: str) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.endswith(".pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return not name.lower().endswith(".zip")  # cut short: torch writes zip archives of pickles
