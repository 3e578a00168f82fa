"""A brand's palette as numbers: which of its colours a colour belongs to, and how much of a picture is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from deployments.stages.oklab import Colours, Levels, to_oklab

GREY = 0.03  # OKLab chroma below which a colour is none: paper, ink and shadows
TOLERANCE = 0.05  # OKLab distance that is the same colour to most eyes, unless a palette says another
_AS_LIGHT = 0.25  # OKLab distance within which a grey becomes one of the palette's
_WORTH = {"accent": 1.5, "neutral": 1.5}  # times as far: accents are for little, neutrals for what is nearly black
_MEASURED = 1 << 18  # pixels, of those of a picture

Distances: TypeAlias = Colours


@dataclass(frozen=True)
class BrandPalette:
    """Colours as sRGB levels, shape [n, 3], a role and a tolerance (OKLab distance) each.

    What has no colour, such as paper and shadows, belongs to `neutral` and `ground` and to whatever has none either;
    what has one belongs to all, to an `accent` or a `neutral` only where that is plainly nearer.
    """

    levels: Levels
    roles: tuple[str, ...]
    tolerances: Colours

    @cached_property
    def labs(self) -> Colours:
        return to_oklab(self.levels)

    @cached_property
    def greys(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which of its colours take what has none."""
        named = np.array([role in ("neutral", "ground") for role in self.roles], np.bool_)
        return named | (chroma_of(self.labs) < GREY)

    def squares(self, labs: Colours) -> Distances:
        """Squared OKLab distances, shape [n, ...], of colours [..., 3] to each of the palette's."""
        flat = labs.reshape(-1, 3)
        of_labs = np.einsum("ij,ij->i", flat, flat)
        of_palette = np.einsum("ij,ij->i", self.labs, self.labs)
        squares = of_palette[:, None] + of_labs - 2 * (self.labs @ flat.T)
        found: Distances = squares.clip(0).reshape(len(self.roles), *labs.shape[:-1])
        return found

    def weigh(self, squares: Distances, *, grey: bool) -> Distances:
        """How far a grey, or what has a colour, is from those that it may become: infinitely from the others."""
        if grey:
            allowed = self.greys[(...,) + (None,) * (squares.ndim - 1)] & (squares < _AS_LIGHT**2)
            return np.where(allowed, squares, np.float32(np.inf))
        worth = np.array([_WORTH.get(role, 1.0) ** 2 for role in self.roles], np.float32)
        weighed: Distances = squares * worth[(...,) + (None,) * (squares.ndim - 1)]
        return weighed

    def nearest(self, labs: Colours, but: int | None = None) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The index of the colour that each of `labs`, shape [..., 3], becomes, `but` not that one; -1 where it stays
        what it is."""
        squares = self.squares(labs)
        if but is not None:
            squares[but] = np.inf
        coloured, grey = self.weigh(squares, grey=False), self.weigh(squares, grey=True)
        index = np.where(np.isfinite(grey.min(axis=0)), grey.argmin(axis=0), -1)
        return np.where(chroma_of(labs) < GREY, index, coloured.argmin(axis=0))


@dataclass(frozen=True, slots=True)
class Adherence:
    """`share` of a picture's pixels lie within the tolerance of a colour of the palette; 95 % within `p95` (OKLab)."""

    share: float
    p95: float


def palette_of(colours: Sequence[str], roles: Sequence[str] = (), tolerances: Sequence[float] = ()) -> BrandPalette:
    """From #RRGGBB; without roles and tolerances they are all `primary`, at the usual one."""
    levels = np.array([list(bytes.fromhex(colour[1:])) for colour in colours], np.uint8)
    near = np.array(tuple(tolerances) or (TOLERANCE,) * len(levels), np.float32)
    return BrandPalette(levels, tuple(roles) or ("primary",) * len(levels), near)


def measure_adherence(levels: Levels, palette: BrandPalette) -> Adherence:
    """Of a picture, shape [height, width, 3]; of a large one an even sample is measured."""
    step = max(1, int(np.ceil(np.sqrt(levels.shape[0] * levels.shape[1] / _MEASURED))))
    squares = palette.squares(to_oklab(levels[::step, ::step]))
    within = (squares <= palette.tolerances[:, None, None] ** 2).any(axis=0)
    return Adherence(float(within.mean()), float(np.percentile(np.sqrt(squares.min(axis=0)), 95)))


def chroma_of(labs: Colours) -> Colours:
    """Of OKLab colours, shape [..., 3]."""
    chroma: Colours = np.hypot(labs[..., 1], labs[..., 2])
    return chroma
