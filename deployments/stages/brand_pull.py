"""The colours of a shaded picture pulled to a brand's, softly and with their lightness kept."""

from __future__ import annotations

import numpy as np

from deployments.stages.brand_palette import GREY, BrandPalette, chroma_of
from deployments.stages.oklab import Colours, Levels, fit_to_srgb, to_oklab

_REACH = 0.08  # OKLab distance within which two colours of a palette share a pixel, so that no edge appears
_ROWS_AT_ONCE = 128  # so that memory stays flat


def pull_softly(levels: Levels, palette: BrandPalette, strength: float) -> Levels:
    """Hue and chroma of a picture, shape [height, width, 3], `strength` of their way to those of the palette, at the
    lightness that they have: what is darker than a colour becomes a shade of it, what is lighter a tint."""
    rows = range(0, levels.shape[0], _ROWS_AT_ONCE)
    return np.concatenate([_pull(levels[row : row + _ROWS_AT_ONCE], palette, strength) for row in rows])


def _pull(levels: Levels, palette: BrandPalette, strength: float) -> Levels:
    labs = to_oklab(levels)
    squares = palette.squares(labs)
    coloured = (chroma_of(labs) / GREY - 0.5).clip(0, 1)  # greys have no hue to be pulled, and become none at once
    goal = np.zeros_like(labs[..., 1:])
    for share, grey in ((coloured, False), (1 - coloured, True)):
        goal += share[..., None] * _hues(labs, palette, palette.weigh(squares, grey=grey))
    labs[..., 1:] += np.float32(strength) * (goal - labs[..., 1:])
    return fit_to_srgb(labs)


def _hues(labs: Colours, palette: BrandPalette, squares: Colours) -> Colours:
    """a and b that each of `labs` is to have: of those colours of the palette that are about as near, by the `squares`
    of their distances; its own where all are infinitely far."""
    nearest = squares.min(axis=0)
    none = ~np.isfinite(nearest)
    weights = np.exp((np.where(none, 0, nearest) - squares) / np.float32(_REACH**2))
    weights /= np.where(none, 1, weights.sum(axis=0))
    hues = np.where(none[..., None], labs[..., 1:], np.float32(0))
    for weight, lab in zip(weights, palette.labs, strict=True):
        hues += (weight * _shade(labs[..., 0], float(lab[0])))[..., None] * lab[1:]
    found: Colours = hues
    return found


def _shade(lightness: Colours, light: float) -> Colours:
    """The chroma of a shade or a tint of a colour as light as `light`, as a share of the colour's: none in black and
    white."""
    shade: Colours = np.minimum(lightness / max(light, 1e-3), (1 - lightness) / max(1 - light, 1e-3)).clip(0, 1)
    return shade
