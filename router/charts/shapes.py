"""What a chart is drawn of, in pixels from the upper left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Line:
    """From one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """Filled."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Text:
    """One line; `y` is that of its middle."""

    x: float
    y: float
    text: str
    colour: str
    size: int
    anchor: Literal["start", "middle", "end"] = "start"


Shape: TypeAlias = Line | Box | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of a chart, the hindmost shape first. The title is for those who do not see it."""

    title: str
    width: int
    height: int
    shapes: Sequence[Shape]
