"""What crosses between the router and a captioner: small frozen messages without torch and Ray, as in `messages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """Say what the picture in a file of the store shows, which the replica reads itself."""

    method: ClassVar[str] = "caption"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = False

    sha256: str
    instructions: str = ""
    glossary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Captioned:
    """A caption, empty where there is nothing to say; `by` is who wrote it, as `captioner@revision`. An `unsure` one
    says less than the picture shows. `seconds` are what it took, queueing excluded."""

    text: str
    by: str
    unsure: bool
    seconds: float
