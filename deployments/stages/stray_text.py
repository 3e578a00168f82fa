"""Rows of marks that look like writing, which no asset type asks for: found by their shape, not read.

What it takes for text is a row of at least four separate marks of one height, side by side, whose shapes differ: so
are letters, and so are not the cells of a calendar or the windows of a house. It finds plain printed text in one line
that is at least eight pixels high; it finds no script whose letters join, no single letter, and nothing that is turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from deployments.messages import Picture
from deployments.stages.sharpness import Light, lightness

_SIDE = 384  # pixels of the longer side that are looked at
_CONTRAST = 0.16  # to the ground around
_LOWEST, _HIGHEST = 6, 0.2  # pixels, and share of the picture's height
_FEWEST = 4
_SAME_HEIGHT, _SAME_LINE, _GAP = 1.6, 0.35, 1.0  # ratio; shares of a mark's height
_VARIETY = 0.12  # relative spread of widths or of ink, below which marks are one and the same

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Mark:
    """Pixels that hang together: their box, and how much of it they fill."""

    left: int
    top: int
    right: int
    bottom: int
    ink: float

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


def count_text_lines(picture: Picture) -> int:
    """How many rows of text-like marks there are, darker than their ground or lighter."""
    light = _shrink(lightness(picture))
    ground = _ground(light)
    return sum(len(find_lines(find_marks(mask))) for mask in (ground - light > _CONTRAST, light - ground > _CONTRAST))


def find_marks(mask: Mask) -> list[Mark]:
    """What hangs together, edge to edge or corner to corner, and is as large as a letter may be."""
    homes: list[int] = []
    runs: list[tuple[int, int, int, int]] = []  # row, first, after the last, home
    above: list[tuple[int, int, int, int]] = []
    for row, line in enumerate(mask):
        ends = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
        here = []
        for first, last in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
            touching = [_root(homes, run[3]) for run in above if run[1] <= last and run[2] >= first]
            home = min(touching, default=len(homes))
            if not touching:
                homes.append(home)
            for other in touching:
                homes[other] = home
            here.append((row, first, last, home))
        runs += here
        above = here
    return [mark for mark in _boxes(runs, homes) if _LOWEST <= mark.height <= _HIGHEST * len(mask)]


def find_lines(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Rows of at least four marks, each beside the last, of one height, on one line, and not all alike."""
    lines: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda one: one.left):
        home = next((line for line in lines if _goes_on(line[-1], mark)), None)
        if home is None:
            lines.append([mark])
        else:
            home.append(mark)
    return [line for line in lines if len(line) >= _FEWEST and _varies(line)]


def _goes_on(last: Mark, mark: Mark) -> bool:
    tall, low = max(last.height, mark.height), min(last.height, mark.height)
    apart = mark.left - last.right
    offset = min(abs(mark.bottom - last.bottom), abs(mark.top - last.top))
    return tall <= _SAME_HEIGHT * low and offset <= _SAME_LINE * tall and -0.2 * tall <= apart <= _GAP * tall


def _varies(line: Sequence[Mark]) -> bool:
    widths = np.array([mark.width for mark in line], np.float32)
    inks = np.array([mark.ink for mark in line], np.float32)
    return bool(widths.std() > _VARIETY * widths.mean() or inks.std() > _VARIETY * inks.mean())


def _shrink(light: Light) -> Light:
    height, width = light.shape
    scale = _SIDE / max(height, width)
    if scale >= 1:
        return light
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(light).resize(size, Image.Resampling.BOX), np.float32)


def _ground(light: Light) -> Light:
    """The usual light around each pixel."""
    grey = Image.fromarray((light * 255).astype(np.uint8))
    radius = max(4, round(max(light.shape) * 0.06))
    return np.asarray(grey.filter(ImageFilter.BoxBlur(radius)), np.float32) / np.float32(255)


def _root(homes: list[int], home: int) -> int:
    while homes[home] != home:
        homes[home] = homes[homes[home]]
        home = homes[home]
    return home


def _boxes(runs: Sequence[tuple[int, int, int, int]], homes: list[int]) -> list[Mark]:
    boxes: dict[int, list[int]] = {}
    for row, first, last, home in runs:
        box = boxes.setdefault(_root(homes, home), [first, row, last, row + 1, 0])
        box[0], box[2], box[3] = min(box[0], first), max(box[2], last), row + 1
        box[4] += last - first
    return [Mark(a, b, c, d, area / ((c - a) * (d - b))) for a, b, c, d, area in boxes.values()]
