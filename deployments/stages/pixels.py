"""What pictures are between two stages, as files: plain pixels behind the header of a PPM, which any viewer opens.

They are written and read in about the time of a copy. The place stands in a comment of the header, so that no two
outputs are one file: each goes when its own job has ended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from configs.errors import DamagedFile
from deployments.messages import Picture

FINISHER = "finisher"
"""The deployment whose replicas write files."""

_HEADER = re.compile(rb"P6\n#[^\n]*\n(\d{1,6}) (\d{1,6})\n255\n")


@dataclass(frozen=True, slots=True)
class KeepRequest:
    """Store a picture as it is after a stage, until its job ends. `place` is JOB/INDEX/POSITION."""

    method: ClassVar[str] = "keep"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    place: str


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """Read a picture that was kept."""

    method: ClassVar[str] = "restore"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = False

    sha256: str


def write_pixels(picture: Picture, place: str) -> bytes:
    """A binary PPM."""
    return f"P6\n# {place}\n{picture.width} {picture.height}\n255\n".encode() + picture.rgb


def read_pixels(file: bytes) -> Picture:
    """What `write_pixels` wrote. Raises `DamagedFile` for anything else."""
    header = _HEADER.match(file)
    width, height = (int(header[1]), int(header[2])) if header else (0, 0)
    rgb = file[header.end() :] if header else b""
    if not width or len(rgb) != width * height * 3:
        raise DamagedFile("what a stage has left cannot be read")
    return Picture(width, height, rgb)
