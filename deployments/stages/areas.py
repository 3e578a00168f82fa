"""The areas of a flat picture as a map of labels, one a pixel: what is too small or has no edge of its own is given to
what it lies in, and outlines are made smooth. Lengths are in units of 1/512 of the longer side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from scipy import ndimage

from deployments.stages.oklab import Colours

Labels: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

_SPECKS = (32, 100, 200, 400)  # areas: the smallest first, so that a speck in a speck goes with it
_SMALLEST = 12  # area that is never a detail
_DETAIL = 20.0  # area times OKLab contrast from which a speck is a detail: an eye is small and dark
_NO_EDGE = 0.5  # share of the step between two colours that the picture takes across their border, at least
_SOFT_CONTRAST = 0.12  # OKLab distance beyond which two colours are two, however softly one becomes the other
_STROKE = 3  # half the width of what may be a stroke
_STROKE_SHARE = 0.05  # of an area of strokes, at most, that is wider
_MIXED = 0.04  # OKLab distance between a colour and what two others mix to
_ACROSS = 4  # how far from a border both its sides are looked at


class _Borders(NamedTuple):
    """Neighbouring pixels of different labels: flat indices of both."""

    one: np.ndarray[Any, np.dtype[np.int64]]
    other: np.ndarray[Any, np.dtype[np.int64]]


def join_specks(labels: Labels, colours: Colours, unit: float) -> Labels:
    """What is too small for its contrast, given to what most of its border is with; `colours` are in OKLab."""
    joined = labels.copy()
    for area in _SPECKS:
        for label in range(len(colours)):
            for place, mask in _parts(joined == label, area * unit**2):
                ring = ndimage.binary_dilation(mask) & ~mask
                around = np.bincount(joined[place][ring], minlength=len(colours))
                home = int(around.argmax())
                contrast = float(np.linalg.norm(colours[label] - colours[home]))
                size = float(mask.sum()) / unit**2
                if size < _SMALLEST or size * contrast < _DETAIL:
                    joined[place][mask] = home
    return joined


def join_soft(labels: Labels, colours: Colours, pixels: Colours, unit: float, rounds: int = 4) -> Labels:
    """Areas of like colours between which the picture has no edge, made one: halos, and the mottling of a ground."""
    for _ in range(rounds):
        areas, label_of, sizes = _number(labels, len(colours))
        borders = _borders(labels)
        steps = _steps(labels, colours, pixels, borders, round(_ACROSS * unit))
        pairs = np.stack([areas.ravel()[borders.one], areas.ravel()[borders.other]])
        merged = _merge(pairs, steps, label_of, sizes)
        if np.array_equal(merged, label_of):
            break
        labels = merged[areas]
    return labels


def join_mixed(labels: Labels, colours: Colours, unit: float) -> Labels:
    """Strokes so thin that their colour is mixed with what they lie on, given the colour that they are nearest to."""
    joined = labels.copy()
    deep = inside(labels, _STROKE * unit)
    for label, colour in enumerate(colours):
        area = labels == label
        if area.any() and (deep & area).sum() < _STROKE_SHARE * area.sum():
            ring = ndimage.binary_dilation(area) & ~area
            around = np.bincount(labels[ring], minlength=len(colours))
            joined[area] = _pure(label, colour, colours, around)
    return joined


def smooth(labels: Labels, count: int, sigma: float) -> Labels:
    """Each pixel the label that most around it have."""
    shares = np.stack([soften(labels == label, sigma) for label in range(count)])
    most: Labels = shares.argmax(axis=0).astype(np.uint8)
    return most


def soften(mask: Mask, sigma: float) -> Colours:
    """How much of what is around each pixel is in the mask, 0 to 1."""
    softened: Colours = ndimage.gaussian_filter(mask.astype(np.float32), sigma)
    return softened


def inside(labels: Labels, depth: float) -> Mask:
    """Pixels further than `depth` from any border."""
    edge = np.zeros(labels.shape, np.bool_)
    borders = _borders(labels)
    edge.ravel()[borders.one] = edge.ravel()[borders.other] = True
    if not edge.any():
        return ~edge
    deep: Mask = ndimage.distance_transform_edt(~edge) > depth
    return deep


def _pure(label: int, colour: Colours, colours: Colours, around: Any) -> int:
    """The label around it whose colour, mixed with less of what it mostly lies on, gives this; itself if none does."""
    ground = int(around.argmax())
    for other in np.argsort(((colours - colour) ** 2).sum(axis=1), kind="stable"):
        if other in (label, ground) or not around[other]:
            continue
        way = colours[ground] - colours[other]
        share = float((colour - colours[other]) @ way / max(float(way @ way), 1e-9))
        if 0 < share < 0.5 and np.linalg.norm(colours[other] + share * way - colour) < _MIXED:
            return int(other)
    return label


def _parts(mask: Mask, smaller: float) -> Iterator[tuple[tuple[slice, ...], Mask]]:
    """The connected parts of a mask with fewer pixels than `smaller`: where each is, with a pixel around it, and it."""
    numbered, count = ndimage.label(mask)
    sizes = np.bincount(numbered.ravel(), minlength=count + 1)
    if not (sizes[1:] < smaller).any():
        return
    for number, box in enumerate(ndimage.find_objects(numbered), 1):
        if sizes[number] < smaller:
            place = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in box)
            yield place, numbered[place] == number


def _number(labels: Labels, count: int) -> tuple[Any, Any, Any]:
    """Each pixel's area, the label of each area, and its size."""
    areas = np.zeros(labels.shape, np.int64)
    label_of: list[int] = []
    for label in range(count):
        numbered, found = ndimage.label(labels == label)
        areas += np.where(numbered > 0, numbered + len(label_of) - 1, 0)
        label_of += [label] * found
    return areas, np.array(label_of, np.uint8), np.bincount(areas.ravel(), minlength=len(label_of))


def _borders(labels: Labels) -> _Borders:
    index = np.arange(labels.size).reshape(labels.shape)
    one = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    other = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    differ = labels.ravel()[one] != labels.ravel()[other]
    return _Borders(one[differ], other[differ])


def _steps(labels: Labels, colours: Colours, pixels: Colours, borders: _Borders, reach: int) -> Colours:
    """Across each border, the share of the step from one label's colour to the other's that the picture takes there;
    1 where the two are not alike."""
    one, other = labels.ravel()[borders.one], labels.ravel()[borders.other]
    way = colours[other] - colours[one]
    squares = (way**2).sum(axis=1)
    near = np.stack([_mean_of(pixels, labels == label, reach).reshape(-1, 3) for label in range(len(colours))])
    taken = ((near[other, borders.other] - near[one, borders.one]) * way).sum(axis=1)
    steps: Colours = np.where(squares < _SOFT_CONTRAST**2, taken / np.maximum(squares, 1e-9), 1.0)
    return steps


def _mean_of(pixels: Colours, mask: Mask, reach: int) -> Colours:
    """The mean colour of what is in the mask, around each pixel."""
    weight = mask.astype(np.float32)
    side = 2 * reach + 1
    sums = [ndimage.uniform_filter(pixels[..., axis] * weight, side, mode="constant") for axis in range(3)]
    mean: Colours = (
        np.stack(sums, axis=-1) / np.maximum(ndimage.uniform_filter(weight, side, mode="constant"), 1e-6)[..., None]
    )
    return mean


def _merge(pairs: Any, steps: Colours, label_of: Any, sizes: Any) -> Any:
    """The labels of areas after those pairs that have no edge between them became one, the softest first; an area
    takes part once a round."""
    count = len(label_of)
    keys, places = np.unique(pairs.min(axis=0) * count + pairs.max(axis=0), return_inverse=True)
    softness = np.bincount(places, weights=steps) / np.bincount(places)
    merged, taken = label_of.copy(), np.zeros(count, np.bool_)
    for index in np.argsort(softness, kind="stable"):
        pair = divmod(int(keys[index]), count)
        if softness[index] >= _NO_EDGE:
            break
        if taken[pair[0]] or taken[pair[1]]:
            continue
        taken[list(pair)] = True
        small, large = sorted(pair, key=lambda area: int(sizes[area]))
        merged[small] = label_of[large]
    return merged
