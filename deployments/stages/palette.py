"""The few flat colours that a picture is made of, found before tracing so that noise and soft edges become no
paths."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

from deployments.stages.oklab import Colours, Levels, squared_distance, to_oklab

_FLAT_RANGE = 12  # levels between neighbours inside an area
_SMALLEST_AREA = 0.002  # of all flat pixels: what covers less is an edge or noise
_SAMPLES = 40_000  # pixels looked at: the palette of more is the same, and takes longer to find
_CANDIDATES = 64
_STRAY = 0.12  # OKLab distance at which a pixel's colour is plainly not in the palette
_SMALLEST_DETAIL = 6  # pixels of it left when its edge is taken off
_DETAIL_COLOURS = 4
_SMALLEST_EXACT = 4  # pixels that have nothing but their own colour around them
_MOST_EXACT = 24
_EXACT_SHARE = 0.9  # of all pixels; the others are on outlines
_OUTLINE_BLUR = 0.8  # pixels of the picture: the steps of its outlines, gone before they are traced
_FAR = 1e3

Codes: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]


def flatten(image: Image.Image, tolerance: float, colours: int) -> Image.Image:
    """The picture in at most `colours` flat colours; colours nearer than `tolerance` (OKLab) become one."""
    pixels = np.asarray(image, np.float32)
    labs = to_oklab(pixels)
    palette = find_palette(_flat_pixels(image), tolerance)[:colours]
    nearest, distance = _nearest(labs, to_oklab(palette))
    strays = _thick(distance > _STRAY)
    if strays.sum() >= _SMALLEST_DETAIL:
        # A small detail, such as an eye, is too little of the picture to be found at first, and not to be lost.
        palette = np.concatenate([palette, find_palette(pixels[strays], tolerance)[:_DETAIL_COLOURS]])
        nearest, _ = _nearest(labs, to_oklab(palette))
    # An edge's in-between tones may match a third colour: a thin ring that the majority around it removes.
    clean = Image.fromarray(nearest).filter(ImageFilter.ModeFilter(5))
    return Image.fromarray(palette.round().astype(np.uint8)[np.asarray(clean)], "RGB")


def find_exact_colours(image: Image.Image) -> Levels | None:
    """The few colours that a picture is made of but for antialiased outlines, [n, 3]; None where there are none."""
    codes = _codes(image)
    inner = ndimage.maximum_filter(codes, 3) == ndimage.minimum_filter(codes, 3)
    found, counts = np.unique(codes[inner], return_counts=True)
    found = found[counts >= _SMALLEST_EXACT]
    if not 1 <= len(found) <= _MOST_EXACT or np.isin(codes, found).mean() < _EXACT_SHARE:
        return None
    return _levels(found)


def snap(image: Image.Image, colours: Levels, size: tuple[int, int]) -> Image.Image:
    """The picture at a size in nothing but its exact colours: what lies on an outline gets the nearer of those beside
    it, so that no third colour comes between two."""
    levels = np.asarray(image)
    scale = max(size) / max(image.size)
    enlarged = image.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(_OUTLINE_BLUR * scale))
    pixels = to_oklab(np.asarray(enlarged, np.float32))
    best = np.full(pixels.shape[:2], np.inf, np.float32)
    chosen = np.zeros(best.shape, np.uint8)
    for index, colour in enumerate(colours):
        beside = ndimage.maximum_filter(_equal(levels, colour), 5)
        near = np.asarray(Image.fromarray(beside).resize(size, Image.Resampling.NEAREST))
        distance = squared_distance(pixels, to_oklab(colour.astype(np.float32))) + np.where(near, 0, _FAR)
        chosen[distance < best] = index
        np.minimum(best, distance, out=best)
    return Image.fromarray(colours[chosen], "RGB")


def _equal(levels: Levels, colour: Levels) -> np.ndarray[Any, np.dtype[np.bool_]]:
    same = levels == colour
    return np.asarray(same[..., 0] & same[..., 1] & same[..., 2])


def find_palette(pixels: Colours, tolerance: float) -> Colours:
    """The colours that pixels [n, 3] are made of, sRGB levels, the most common first; at least one."""
    sample = pixels[:: 1 + len(pixels) // _SAMPLES]
    strip = Image.fromarray(sample[None].astype(np.uint8), "RGB")
    candidates = strip.quantize(_CANDIDATES, Image.Quantize.MEDIANCUT, kmeans=1)
    codes, counts = np.unique(_codes(candidates.convert("RGB")), return_counts=True)
    order = np.argsort(-counts)
    centres, weights = _merge(_levels(codes[order]).astype(np.float32), counts[order], tolerance)
    kept: Colours = centres[weights >= _SMALLEST_AREA * len(sample)]
    return kept


def _codes(image: Image.Image) -> Codes:
    """A number for each colour: sorting numbers is quick."""
    levels = np.asarray(image).astype(np.int32)
    return np.asarray(levels[..., 0] << 16 | levels[..., 1] << 8 | levels[..., 2])


def _levels(codes: Codes) -> Levels:
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1).astype(np.uint8)


def _flat_pixels(image: Image.Image) -> Colours:
    """Pixels inside areas, shape [n, 3]; all pixels of a picture that has no areas."""
    levels = np.asarray(image, np.int16)
    inside = np.ones(levels.shape[:2], np.bool_)
    across = np.abs(np.diff(levels, axis=1)).max(axis=2) <= _FLAT_RANGE
    down = np.abs(np.diff(levels, axis=0)).max(axis=2) <= _FLAT_RANGE
    inside[:, 1:] &= across
    inside[:, :-1] &= across
    inside[1:] &= down
    inside[:-1] &= down
    pixels: Colours = (levels[inside] if inside.mean() > 0.1 else levels.reshape(-1, 3)).astype(np.float32)
    return pixels


def _merge(tones: Colours, counts: Any, tolerance: float) -> tuple[Colours, Any]:
    """Fold each tone, the commonest first, into the nearest centre within `tolerance`, or make it a centre."""
    labs = to_oklab(tones)
    centres: list[int] = []
    sums, weights = np.zeros_like(tones), np.zeros(len(tones))
    for index, lab in enumerate(labs):
        distances = np.linalg.norm(labs[centres] - lab, axis=1) if centres else np.array([np.inf])
        home = centres[int(distances.argmin())] if distances.min() < tolerance else index
        if home == index:
            centres.append(index)
        sums[home] += tones[index] * counts[index]
        weights[home] += counts[index]
    order = sorted(centres, key=lambda index: -weights[index])
    merged: Colours = (sums[order] / weights[order][:, None]).astype(np.float32)
    return merged, weights[order]


def _nearest(labs: Colours, centres: Colours) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Colours]:
    """The nearest centre of each colour and how far it is; one centre at a time, so that memory stays flat."""
    best = np.full(labs.shape[:-1], np.inf, np.float32)
    nearest = np.zeros(labs.shape[:-1], np.uint8)
    for index, centre in enumerate(centres):
        distance = centre @ centre - 2 * (labs @ centre)  # squared, but for what is the same for all centres
        closer = distance < best
        np.copyto(best, distance, where=closer)
        nearest[closer] = index
    return nearest, np.sqrt(np.maximum(best + np.einsum("...i,...i", labs, labs), 0))


def _thick(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The parts of a mask that are more than an edge: those left when two pixels are taken off all round."""
    return np.asarray(Image.fromarray(mask.astype(np.uint8)).filter(ImageFilter.MinFilter(5)), np.bool_)
