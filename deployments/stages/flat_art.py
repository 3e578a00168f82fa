"""Flat art made exact: a model's picture of it, noise, halos and soft edges and all, becomes a few colours with smooth
outlines. A picture that is none is told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from deployments.stages.areas import Labels, Mask, inside, join_mixed, join_soft, join_specks, smooth, soften
from deployments.stages.oklab import Colours, squared_distance, to_oklab
from deployments.stages.palette import find_palette

_LEAST_SIDE, _MOST_SIDE = 512, 1024  # pixels looked at: fewer have no room for smooth outlines, more show no more
_UNIT = 512  # of the longer side: what lengths are given in
_TOLERANCE = 0.06  # OKLab distance within which two colours are one
_COLOURS = 12
_STRAY_COLOURS = 4
_STRAY = 0.12  # OKLab distance at which a pixel's colour is plainly not in the palette
_SMALLEST_DETAIL = 12  # pixels
_CALM, _STEEP = 0.015, 0.025  # OKLab a pixel: inside an area, and on a ramp between two
_RAMP = 6  # how wide a ramp is at most
_SMOOTHING = 1.5
_OFF = 0.06  # OKLab distance at which a pixel is of another colour than its area
_MAX_OFF = 0.10  # share of such pixels, away from outlines, with which a picture is flat art
_MIN_PSNR = 22.0  # dB between the exact and the drawn picture
_WHITE = 250  # levels from which a colour is meant to be white
_OVERSAMPLING = 3


@dataclass(frozen=True, slots=True)
class FlatArt:
    """A picture of exact colours: `palette` (sRGB levels, [n, 3]), and which of them each pixel has."""

    palette: Labels
    labels: Labels


def find_flat_art(image: Image.Image) -> FlatArt | str:
    """The flat art that a picture is meant to be; or why it is none, to follow "it is not flat art: "."""
    levels = np.asarray(_resized(image))
    unit = max(levels.shape) / _UNIT
    calm = np.stack([ndimage.median_filter(levels[..., axis], 3) for axis in range(3)], axis=-1)
    pixels = to_oklab(calm)
    slope = _slope(pixels, unit)
    colours = _colours_of(calm, pixels, slope)
    labels = _follow(pixels, to_oklab(colours), slope, unit)
    exact = to_oklab(colours)
    labels = join_soft(join_specks(labels, exact, unit), exact, pixels, unit)
    labels = join_mixed(labels, exact, unit)
    labels = join_specks(smooth(labels, len(colours), _SMOOTHING * unit), exact, unit)
    art = _settle(labels, calm, slope)
    return _objection(art, pixels, levels, unit) or art


def render(art: FlatArt, width: int, height: int) -> Image.Image:
    """The picture at a size: colours exact inside, outlines smooth and antialiased."""
    unit = max(art.labels.shape) / _UNIT
    size = (width * _OVERSAMPLING, height * _OVERSAMPLING)
    best = np.full(size[::-1], -1, np.float32)
    chosen = np.zeros(best.shape, np.uint8)
    for label in range(len(art.palette)):
        share = Image.fromarray(soften(art.labels == label, _SMOOTHING * unit / 2))
        larger = np.asarray(share.resize(size, Image.Resampling.BICUBIC))
        chosen[larger > best] = label
        np.maximum(best, larger, out=best)
    return Image.fromarray(_averaged(art.palette, chosen), "RGB")


def _averaged(palette: Labels, fine: Labels) -> Labels:
    """The colours of a map of labels, the mean of each square of `_OVERSAMPLING` pixels to a side."""
    count, step = _OVERSAMPLING**2, _OVERSAMPLING
    levels = np.zeros((len(palette), 4), np.uint16)
    levels[:, :3] = palette
    packed = levels.view(np.uint64)[:, 0]  # three levels are added as one number: none grows beyond its 16 bits
    total = np.zeros((fine.shape[0] // step, fine.shape[1] // step), np.uint64)
    for row, column in np.ndindex(step, step):
        total += packed[fine[row::step, column::step]]
    sums = total.view(np.uint16).reshape(*total.shape, 4)[..., :3]
    return np.asarray((2 * sums + count) // (2 * count)).astype(np.uint8)


def _resized(image: Image.Image) -> Image.Image:
    side = max(image.size)
    scale = min(max(side, _LEAST_SIDE), _MOST_SIDE) / side
    if scale == 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def _slope(pixels: Colours, unit: float) -> Colours:
    """How steeply the colour changes, in OKLab a unit."""
    slopes = [ndimage.gaussian_gradient_magnitude(pixels[..., axis], unit) for axis in range(3)]
    slope: Colours = np.sqrt(sum(one**2 for one in slopes)) * unit
    return slope


def _colours_of(levels: Labels, pixels: Colours, slope: Colours) -> Colours:
    """The colours of the picture's areas; then those of details that none of them is like."""
    inner = slope < _CALM
    areas = levels[inner] if inner.mean() > 0.1 else levels.reshape(-1, 3)
    colours = find_palette(areas.astype(np.float32), _TOLERANCE)[:_COLOURS]
    nearest = np.min([squared_distance(pixels, one) for one in to_oklab(colours)], axis=0)
    strays = ndimage.binary_erosion(nearest > _STRAY**2, iterations=2)
    if strays.sum() < _SMALLEST_DETAIL:
        return colours
    more = find_palette(levels[strays].astype(np.float32), _TOLERANCE)[:_STRAY_COLOURS]
    return np.concatenate([colours, more])


def _follow(pixels: Colours, colours: Colours, slope: Colours, unit: float) -> Labels:
    """The nearest colour of each pixel. On a ramp only what lies beside it counts, so that it ends in the middle and no
    third colour comes between; the crest of a thin line is no ramp, and stays."""
    costs = np.stack([squared_distance(pixels, one) for one in colours])
    known = (slope < _STEEP) & (costs.min(axis=0) < _STRAY**2)
    for cost in costs:
        ndimage.gaussian_filter(cost, unit, output=cost)
    first = costs.argmin(axis=0)
    side = 2 * round(_RAMP * unit) + 1
    beside = np.stack([ndimage.maximum_filter(known & (first == label), side) for label in range(len(colours))])
    beside |= ~beside.any(axis=0)
    nearest: Labels = np.where(beside, costs, np.inf).argmin(axis=0).astype(np.uint8)
    return nearest


def _settle(labels: Labels, levels: Labels, slope: Colours) -> FlatArt:
    """Each label that is left with the colour that its area has inside."""
    used = np.unique(labels)
    palette = np.empty((len(used), 3), np.uint8)
    for index, label in enumerate(used):
        area = labels == label
        calm = area & (slope < _STEEP)
        colour = np.median(levels[calm if calm.sum() * 10 > area.sum() else area], axis=0)
        palette[index] = 255 if colour.min() >= _WHITE else colour.round()
    return FlatArt(palette, np.searchsorted(used, labels).astype(np.uint8))


def _objection(art: FlatArt, pixels: Colours, levels: Labels, unit: float) -> str:
    deep: Mask = inside(art.labels, 4 * unit)
    off = np.sqrt(squared_distance(pixels, to_oklab(art.palette.astype(np.float32))[art.labels])) > _OFF
    share = float(off[deep].mean()) if deep.any() else 1.0
    if share > _MAX_OFF:
        return f"{share:.0%} of it are shades between its {len(art.palette)} main colours"
    error = levels.astype(np.float32) - art.palette[art.labels]
    psnr = 10 * np.log10(255**2 / max(float(np.mean(error**2)), 1e-6))
    if psnr < _MIN_PSNR:
        return f"its {len(art.palette)} main colours come within {psnr:.0f} dB of it, {_MIN_PSNR:.0f} are needed"
    return ""
