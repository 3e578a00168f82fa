"""A subject cut out of a ground of one colour, exactly: what is reached from the border is ground, and its share in
the pixels of an edge is worked out from the two colours that are mixed there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from deployments.stages.cut import Cut, Mask, finish, nearest, unmix
from deployments.stages.oklab import Colours, Levels, to_oklab
from deployments.stages.palette import find_exact_colours

_UNIT = 512  # of the longer side: what lengths are given in
_BORDER_SHARE = 0.7  # of the border, at least, that has the ground's colour
_LEAST, _MOST = 0.03, 0.08  # OKLab distance to the ground's colour that is still ground: by how noisy the border is
_RAMP = 5  # how wide a soft edge is at most
_SMALLEST_HOLE = 12  # area
_SMALLEST_SUBJECT, _SMALLEST_GROUND = 0.002, 0.02  # shares of the picture


@dataclass(frozen=True, slots=True)
class FlatGround:
    """Cuts out what lies on one colour; with `holes` also where the ground shows through, such as between spokes."""

    holes: bool = False

    def cut(self, image: Image.Image) -> Cut | str:
        """The subject, or why it cannot be cut out so."""
        levels = np.asarray(image)
        colour = _ground_of(levels)
        if colour is None:
            return "its ground is not of one colour"
        exact = find_exact_colours(image)
        off = np.linalg.norm(to_oklab(levels) - to_oklab(colour), axis=-1)
        alike = (levels == colour).all(axis=-1) if exact is not None else off < _reach_of(off)
        ground = self._reached(alike, max(levels.shape) / _UNIT)
        if ground.mean() < _SMALLEST_GROUND:
            return "nothing of its ground is left beside the subject"
        if 1 - ground.mean() < _SMALLEST_SUBJECT:
            return "nothing stands out from its ground"
        sure = _sure(levels, ground, exact, off)
        if not sure.any():
            return "nothing of it is more than a thin edge"
        return _unmixed(levels.astype(np.float32), colour.astype(np.float32), ground, sure)

    def _reached(self, alike: Mask, unit: float) -> Mask:
        """What of the ground's colour is connected with the border, and holes where they are wanted."""
        areas, count = ndimage.label(alike)
        border = np.concatenate([areas[0], areas[-1], areas[:, 0], areas[:, -1]])
        taken = np.zeros(count + 1, np.bool_)
        taken[border] = True
        if self.holes:
            taken |= np.bincount(areas.ravel(), minlength=count + 1) >= _SMALLEST_HOLE * unit**2
        taken[0] = False
        reached: Mask = taken[areas]
        return reached


def _ground_of(levels: Levels) -> Levels | None:
    """The colour that most of the border has, None if none does."""
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    colours, counts = np.unique(border, axis=0, return_counts=True)
    commonest = colours[counts.argmax()]
    near = np.linalg.norm(to_oklab(border) - to_oklab(commonest), axis=-1) < _MOST
    if near.mean() < _BORDER_SHARE:
        return None
    exact = counts.max() >= _BORDER_SHARE * len(border)
    colour: Levels = commonest if exact else np.median(border[near], axis=0).round().astype(np.uint8)
    return colour


def _reach_of(off: Colours) -> float:
    """How far from its colour the ground goes, by what is seen of it at the border."""
    border = np.concatenate([off[0], off[-1], off[:, 0], off[:, -1]])
    return float(np.clip(2 * np.quantile(border[border < _MOST], 0.95), _LEAST, _MOST))


def _sure(levels: Levels, ground: Mask, exact: Levels | None, off: Colours) -> Mask:
    """Pixels that are subject and nothing else: of an exact colour; or far from the ground, and on the crest of what is
    too thin to have any that are far."""
    if exact is not None:
        codes, known = (one.astype(np.int32) @ np.array([65536, 256, 1], np.int32) for one in (levels, exact))
        return np.isin(codes, known) & ~ground
    reach = _RAMP * max(levels.shape) / _UNIT
    deep = ndimage.distance_transform_edt(~ground) > reach
    crest = off >= ndimage.maximum_filter(off, 2 * round(reach / 2) + 1)
    pure: Mask = (deep | (crest & (off > 2 * _MOST))) & ~ground
    return pure


def _unmixed(pixels: Colours, colour: Colours, ground: Mask, sure: Mask) -> Cut:
    """Pixels that are neither get their share of the nearest that is sure; those inside are subject in any case."""
    subject = nearest(pixels, sure)
    edge = ~ground & ~sure
    beside = edge & (ndimage.distance_transform_edt(~ground) <= 2 + _RAMP * max(ground.shape) / _UNIT)
    share = unmix(pixels, subject, np.broadcast_to(colour, pixels.shape), np.ones(ground.shape, np.float32))
    alpha = np.where(ground, 0.0, np.where(beside, share, 1.0)).astype(np.float32)
    return finish(alpha, np.where((alpha == 1)[..., None], pixels, subject).astype(np.float32))
