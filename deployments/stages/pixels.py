"""What pictures are between two stages, as files: plain pixels behind the header of a PPM, which any viewer opens; and
what has transparency, or is latents that are handed over, behind headers of their own.

They are written and read in about the time of a copy. The place stands in a comment of the header, so that no two
outputs are one file: each goes when its own job has ended.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import ClassVar

from configs.errors import DamagedFile
from deployments.messages import Latents, Passed, Picture

FINISHER = "finisher"
"""The deployment whose replicas write files."""

_PIXELS = re.compile(rb"P6\n#[^\n]*\n(\d{1,6}) (\d{1,6})\n255\n")
_ALPHA = re.compile(rb"PIXELS AND ALPHA\n#[^\n]*\n(\d{1,6}) (\d{1,6})\n")
_LATENTS = re.compile(rb"LATENTS\n#[^\n]*\n(\d{1,6}) (\d{1,6})\n([1-9][\d ]{0,40})\n([ -~]*)\n")


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


def write_output(picture: Passed, place: str) -> bytes:
    """A binary PPM; of latents and of pixels with transparency, their numbers behind a header of the same kind."""
    if isinstance(picture, Latents):
        numbers = f"{picture.width} {picture.height}\n{' '.join(map(str, picture.shape))}\n{picture.space}\n"
        return f"LATENTS\n# {place}\n{numbers}".encode("ascii") + picture.values
    size = f"{picture.width} {picture.height}"
    if picture.alpha:
        return f"PIXELS AND ALPHA\n# {place}\n{size}\n".encode() + picture.rgb + picture.alpha
    return f"P6\n# {place}\n{size}\n255\n".encode() + picture.rgb


def read_output(file: bytes) -> Passed:
    """What `write_output` wrote. Raises `DamagedFile` for anything else."""
    if header := _PIXELS.match(file):
        width, height, rgb = int(header[1]), int(header[2]), file[header.end() :]
        if len(rgb) == width * height * 3 > 0:
            return Picture(width, height, rgb)
    if header := _ALPHA.match(file):
        width, height, pixels = int(header[1]), int(header[2]), file[header.end() :]
        if len(pixels) == width * height * 4 > 0:
            return Picture(width, height, pixels[: width * height * 3], pixels[width * height * 3 :])
    if header := _LATENTS.match(file):
        shape = tuple(int(length) for length in header[3].split())
        if len(values := file[header.end() :]) == 4 * math.prod(shape):
            return Latents(int(header[1]), int(header[2]), shape, values, header[4].decode("ascii"))
    raise DamagedFile("what a stage has left cannot be read")
