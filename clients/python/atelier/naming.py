"""Names for picture files that say what is in them: `red-bicycle-icon-1234.png` is the prompt and the seed."""

from __future__ import annotations

import itertools
import re
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

# fmt: off
_FILLERS = frozenset((
    "a", "an", "the", "of", "and", "or", "with", "without", "in", "on", "at", "to", "for", "from", "by", "as", "is",
    "are", "its", "my", "our", "your", "some", "please", "draw", "make", "create", "generate", "show", "picture",
    "image",
))
# fmt: on
_MAX_LENGTH = 48


def slug(prompt: str) -> str:
    """The words of a prompt that carry meaning, joined by hyphens; `picture` if none is left. Any script is kept."""
    words = _words(prompt)
    telling = [word for word in words if word not in _FILLERS] or words or ["picture"]
    kept = telling[0][:_MAX_LENGTH]
    for word in telling[1:]:
        if len(kept) + 1 + len(word) > _MAX_LENGTH:
            break
        kept = f"{kept}-{word}"
    return kept


def _words(prompt: str) -> list[str]:
    """Lower-case words: letters, marks and digits are kept, everything else separates. Latin letters lose accents."""
    text = unicodedata.normalize("NFC", prompt).casefold().replace("'", "").replace("\u2019", "")
    return "".join(_plain(c) if unicodedata.category(c)[0] in "LMN" else " " for c in text).split()


def _plain(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if base.isascii() and base.isalnum() else letter


def write_picture(folder: Path, prompt: str, seed: int, contents: Mapping[str, bytes]) -> list[Path]:
    """Write the files of one picture, `contents` by format, all under one name, and return their paths. Those of a
    further size, `png@256x256`, have it in their name.

    Another picture is never overwritten: where the name is taken by different content, -2, -3 … is added.
    Files that are there already with the same content are left as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{storable(slug(prompt))}-{seed}"
    for number in itertools.count(1):
        name = stem if number == 1 else f"{stem}-{number}"
        paths = {folder / f"{name}{_ending(rendition)}": data for rendition, data in contents.items()}
        if all(_free(path, data) for path, data in paths.items()):
            for path, data in paths.items():
                _write(path, data)
            return list(paths)
    raise AssertionError("unreachable")


def write_beside(folder: Path, name: str, data: bytes) -> Path:
    """Write one file under its name, or with -2, -3 … added where another has it; its path."""
    stem, suffix = Path(name).stem, Path(name).suffix
    for number in itertools.count(1):
        path = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
        if _free(path, data):
            _write(path, data)
            return path
    raise AssertionError("unreachable")


def storable(name: str) -> str:
    """The name, or the part of it that the file system's encoding has."""
    encoding = sys.getfilesystemencoding()
    return name.encode(encoding, "ignore").decode(encoding).strip("-") or "picture"


def _ending(rendition: str) -> str:
    """`.png`, or `-256x256.png`: as a studio names it, and in no case a way out of the folder."""
    format, _, size = (re.sub(r"[^0-9A-Za-z]", "", part)[:16] for part in rendition.partition("@"))
    return f"-{size}.{format or 'file'}" if size else f".{format or 'file'}"


def _free(path: Path, data: bytes) -> bool:
    return not path.exists() or path.read_bytes() == data


def _write(path: Path, data: bytes) -> None:
    """Write a new file, whole or not at all."""
    if path.exists():
        return
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
