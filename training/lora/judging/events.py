"""What a judging tells while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from PIL import Image

from configs.judgement import JudgedAdapter, Judgement


@dataclass(frozen=True, slots=True)
class Judging:
    """`step` is being drawn at `strength`; `share` (0 to 1) of all pictures is."""

    step: int
    strength: float
    share: float


@dataclass(frozen=True, slots=True)
class Looked:
    """A checkpoint was drawn and measured at one strength."""

    adapter: JudgedAdapter


@dataclass(frozen=True, slots=True)
class JudgingStopped:
    """It was told to; what was drawn is kept where a folder was given, and drawn no more."""

    share: float


@dataclass(frozen=True, slots=True)
class Judged:
    """All of it. `sheet` shows every step beside the base, the chosen one marked."""

    judgement: Judgement
    sheet: Image.Image = field(repr=False)


JudgingEvent: TypeAlias = Judging | Looked | JudgingStopped | Judged
