"""Colours as cells of OKLab, a space in which distance is what the eye sees: near colours are in the same cell or next
to it."""

from __future__ import annotations

import re
from itertools import product
from math import floor

from configs.errors import InvalidRequest

CELL = 0.08
"""The side of a cell. Two reds that people call the same are about 0.04 apart, red and orange 0.15."""
NEAR = 0.06
"""How far from what was asked for a colour may be: cells that begin within it are looked in."""
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


def cell_of(colour: str) -> str:
    """Where a colour (`#rrggbb`) lies."""
    return "_".join(str(floor(value / CELL)) for value in oklab(colour))


def cells_near(colour: str) -> tuple[str, ...]:
    """The cells of which a part is within `NEAR` of a colour. Raises `InvalidRequest` for what is none."""
    written = _HEX.fullmatch(colour.strip())
    if written is None:
        raise InvalidRequest("write a colour with six digits, such as e01b24 (or %23e01b24: # ends a URL)", "colour")
    lab = oklab(written[1])
    around = product(*(range(floor((value - NEAR) / CELL), floor((value + NEAR) / CELL) + 1) for value in lab))
    return tuple("_".join(map(str, cell)) for cell in around if _distance(lab, cell) <= NEAR)


def oklab(colour: str) -> tuple[float, float, float]:
    """Lightness (0 to 1), a and b of `#rrggbb`; see `deployments/stages/oklab.py` for the constants' source."""
    red, green, blue = (_light(int(colour.removeprefix("#")[at : at + 2], 16) / 255) for at in (0, 2, 4))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _light(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def _distance(lab: tuple[float, float, float], cell: tuple[int, ...]) -> float:
    """From a colour to the nearest that a cell has."""
    apart = (max(low * CELL - value, value - (low + 1) * CELL, 0.0) for value, low in zip(lab, cell, strict=True))
    return float(sum(one * one for one in apart) ** 0.5)
