"""A flat picture in exactly the colours of a brand: area by area, so that noise makes no
patches, and with clean edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from deployments.stages.brand_palette import BrandPalette
from deployments.stages.neighbours import spread
from deployments.stages.oklab import Colours, Levels, fit_to_srgb, from_linear, to_levels, to_linear, to_oklab
from deployments.stages.palette import find_palette

Look = Literal["shaded", "flat"]
Labels: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

_ONE_COLOUR = 0.08  # OKLab distance of what is one colour of a flat picture, mottled as models draw it
_MOST_COLOURS = 24
_MOST_DETAILS = 8
_SMALLEST_DETAIL = 6  # pixels
_CORE = 0.25  # of an area are left when its edge is taken off; less of a tone that edges have
_STRAY = 0.12  # OKLab distance at which a pixel is plainly of no colour that was found
_SMOOTHED = 7  # pixels each way in which most decide what an area is
_SURE = 0.05  # OKLab distance from a colour that was found at which a pixel has it, be it as thin as a line
_STEP = 12  # levels between neighbours inside an area
_EDGE = 1 / 128  # of the longer side: how far from an edge the colours beside it are looked for
_EDGE_PIXELS = 1.5  # that an edge is wide in the end
_TOLD_APART = 0.06  # OKLab distance of a subject from its ground that people see
_WORTH_TELLING = 0.004  # of a picture: what covers less is noise on the ground
_LOOKED_AT = 128  # pixels of the longer side, to tell flat from shaded
_SAME = 0.03  # OKLab distance from its colours at which nearly all of a flat picture lies
_FLAT_SHARE = 0.85


def look_of(levels: Levels) -> Look:
    """Whether a picture, shape [height, width, 3], is made of few flat colours."""
    small = Image.fromarray(levels, "RGB")
    small.thumbnail((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX)
    pixels = np.asarray(small)
    inside = _find_inside(pixels)
    if inside.mean() < 0.5:
        return "shaded"
    flat = pixels[inside]
    _, distances = _nearest(to_oklab(flat)[None], to_oklab(find_palette(flat.astype(np.float32), _ONE_COLOUR)[:12]))
    return "flat" if (distances <= _SAME).mean() >= _FLAT_SHARE else "shaded"


@dataclass(frozen=True, slots=True)
class _Areas:
    """The colours of a picture's areas, sRGB levels [n, 3], and those they are to have; which area each pixel is in or
    nearest to, and whether it is `solid`: no part of an edge."""

    own: Colours
    goals: Colours
    kept: Mask
    labels: Labels
    solid: Mask


def snap(levels: Levels, palette: BrandPalette, strength: float) -> Levels:
    """Each area of a picture, shape [height, width, 3], `strength` of its way to one colour of the palette, each edge
    between the two beside it. An area that the palette has nothing for, such as white paper, stays."""
    areas = _find_areas(levels, palette)
    goal = np.where(areas.kept[areas.labels][..., None], levels, areas.goals.astype(np.uint8)[areas.labels])
    rows, columns = np.nonzero(~areas.solid)
    if rows.size:
        goal[rows, columns] = _mix_edges(levels, areas, rows, columns)
    if strength == 1:
        return goal
    labs = to_oklab(levels)
    return fit_to_srgb(labs + np.float32(strength) * (to_oklab(goal) - labs))


def _find_areas(levels: Levels, palette: BrandPalette) -> _Areas:
    labs, inside = to_oklab(levels), _find_inside(levels)
    own = _find_own(levels, labs, inside)
    labels, distances = _nearest(labs, to_oklab(own))
    index = _choose(own, labels, palette)
    kept = index < 0
    # Areas that are to be of one colour are one area: the first, the commonest, stands for it.
    _, first, area = np.unique(np.where(kept, -1 - np.arange(len(own)), index), return_index=True, return_inverse=True)
    goals = np.where(kept[:, None], own.round(), palette.levels[index.clip(0)]).astype(np.float32)
    solid = (distances <= _SURE) | (inside & (distances <= _STRAY))
    # Mottled colours may lie on both sides of a border between two areas: what most of the pixels around are, is it.
    smooth = np.asarray(Image.fromarray(area.astype(np.uint8)[labels]).filter(ImageFilter.ModeFilter(_SMOOTHED)))
    return _Areas(own[first], goals[first], kept[first], smooth, solid)


def _choose(own: Colours, labels: Labels, palette: BrandPalette) -> Any:
    """The palette's colour for each of a picture's, -1 where that stays: the nearest, but what lies on the ground and
    is told from it in the picture does not become one with it, as a pale subject on paper would."""
    labs = to_oklab(own)
    index = palette.nearest(labs)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    ground = np.bincount(border, minlength=len(own)).argmax()
    if index[ground] < 0:
        return index
    shares = np.bincount(labels.ravel(), minlength=len(own)) / labels.size
    apart = np.linalg.norm(labs - labs[ground], axis=-1)
    lost = (index == index[ground]) & (apart > _TOLD_APART) & (shares > _WORTH_TELLING)
    return np.where(lost, palette.nearest(labs, but=int(index[ground])), index)


def _find_own(levels: Levels, labs: Colours, inside: Mask) -> Colours:
    """The colours of a picture's areas, the commonest first, and of what is little, such as an eye; not those that are
    only found on the way from one of them to another."""
    flat = levels[inside] if inside.mean() > 0.1 else levels.reshape(-1, 3)
    own = find_palette(flat.astype(np.float32), _ONE_COLOUR)[:_MOST_COLOURS]
    labels, distances = _nearest(labs, to_oklab(own))
    strays = levels[inside & (distances > _STRAY)]
    if len(strays) >= _SMALLEST_DETAIL:
        own = np.concatenate([own, find_palette(strays.astype(np.float32), _ONE_COLOUR)[:_MOST_DETAILS]])
        labels, _ = _nearest(labs, to_oklab(own))
    thick = spread(labels, 2, np.minimum) == spread(labels, 2, np.maximum)
    counts, cores = (np.bincount(one, minlength=len(own)) for one in (labels.ravel(), labels[thick]))
    wide = cores >= np.maximum(_SMALLEST_DETAIL, counts * _CORE)
    wide[0] = True  # the commonest: there is always one
    found: Colours = own[wide | ~_between(own)]
    return found


def _between(own: Colours) -> Mask:
    """Which of some colours, shape [n, 3], edges have that lie between two of the others."""
    light = to_linear(own)
    one, way = light[:, None], light[None] - light[:, None]
    share = ((light[:, None, None] - one) * way).sum(axis=-1) / np.maximum((way**2).sum(axis=-1), 1e-9)
    mixed = to_oklab(from_linear(one + share.clip(0, 1)[..., None] * way))
    apart = np.linalg.norm(mixed - to_oklab(own)[:, None, None], axis=-1)
    index = np.arange(len(own))
    apart[index, index], apart[index, :, index] = np.inf, np.inf
    found: Mask = apart.min(axis=(1, 2)) < _STRAY
    return found


def _mix_edges(levels: Levels, areas: _Areas, rows: Any, columns: Any) -> Levels:
    """Edge pixels, shape [n, 3]: as far between the two new colours as they were between the two old ones, but
    `_EDGE_PIXELS` wide."""
    light = np.pad(to_linear(levels), ((1, 1), (1, 1), (0, 0)), mode="edge")
    here = light[rows + 1, columns + 1]
    own, goals = to_linear(areas.own), to_linear(areas.goals)
    one, other = _beside(areas, rows, columns, max(2, round(max(levels.shape) * _EDGE)))
    lonely = one == other
    other[lonely] = _partner(here[lonely], one[lonely], own)
    way = own[other] - own[one]
    length = np.maximum((way**2).sum(axis=-1), 1e-9)
    share = ((here - own[one]) * way).sum(axis=-1) / length
    across = ((light[rows + 1, columns + 2] - light[rows + 1, columns]) * way).sum(axis=-1) / (2 * length)
    down = ((light[rows + 2, columns + 1] - light[rows, columns + 1]) * way).sum(axis=-1) / (2 * length)
    steepness = np.maximum(np.hypot(across, down), 1e-6)
    share = (0.5 + (share - 0.5) / np.maximum(steepness * _EDGE_PIXELS, 1e-6)).clip(0, 1)
    return to_levels(goals[one] + share[:, None].astype(np.float32) * (goals[other] - goals[one]))


def _beside(areas: _Areas, rows: Any, columns: Any, radius: int) -> tuple[Labels, Labels]:
    """Two areas that an edge pixel lies between: those within `radius`, or twice as far where there is only one; that
    one twice where there is still no other, and what the pixel itself is like where there is none."""
    low = np.where(areas.solid, areas.labels, np.uint8(255))
    high = np.where(areas.solid, areas.labels, np.uint8(0))
    one = other = here = areas.labels[rows, columns]
    for _ in range(2):
        low, high = spread(low, radius, np.minimum), spread(high, radius, np.maximum)
        single = one == other
        one, other = (np.where(single, found[rows, columns], pair) for found, pair in ((low, one), (high, other)))
    none = one > other
    return np.where(none, here, one), np.where(none, here, other)


def _partner(light: Colours, one: Labels, own: Colours) -> Labels:
    """The area that each of `light`, shape [n, 3], is best explained by as the other end of an edge from `one`."""
    best = np.full(len(light), np.inf, np.float32)
    partner = one.copy()
    for index, end in enumerate(own):
        way, gone = end - own[one], light - own[one]
        share = ((gone * way).sum(axis=-1) / np.maximum((way**2).sum(axis=-1), 1e-9)).clip(0, 1)
        apart = ((gone - share[:, None] * way) ** 2).sum(axis=-1)
        partner[apart < best] = index
        best = np.minimum(best, apart)
    return partner


def _find_inside(levels: Levels) -> Mask:
    """Pixels whose neighbours are much alike, shape [height, width]."""
    signed = levels.astype(np.int16)
    inside = np.ones(levels.shape[:2], np.bool_)
    across = np.abs(np.diff(signed, axis=1)).max(axis=2) <= _STEP
    down = np.abs(np.diff(signed, axis=0)).max(axis=2) <= _STEP
    inside[:, 1:] &= across
    inside[:, :-1] &= across
    inside[1:] &= down
    inside[:-1] &= down
    return inside


def _nearest(labs: Colours, own: Colours) -> tuple[Labels, Colours]:
    """The nearest of the colours `own` and how far it is, of each of `labs`, shape [..., 3]."""
    best = np.full(labs.shape[:-1], np.inf, np.float32)
    labels = np.zeros(labs.shape[:-1], np.uint8)
    for index, lab in enumerate(own):
        square = lab @ lab - 2 * (labs @ lab)  # but for what is the same for all
        closer = square < best
        np.copyto(best, square, where=closer)
        labels[closer] = index
    return labels, np.sqrt((best + np.einsum("...i,...i", labs, labs)).clip(0))
