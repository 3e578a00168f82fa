"""Which part of a picture a mask marks, and by which of two conventions it says so.

Here white is redrawn, and what is black, or was never painted, is kept. Elsewhere (OpenAI's API and what follows it) a
mask is the picture with a hole: what is transparent is redrawn. Of a mask that could be either, its colours tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageOps

from configs.errors import InvalidRequest
from router.pictures.opening import BLACK, WHITE, lay_on

Convention: TypeAlias = Literal["light", "transparency"]
Levels: TypeAlias = np.ndarray[Any, np.dtype[np.int16]]

MARKED = 128
"""From this level on, of 0 to 255, a pixel is redrawn."""
_LOOKED_AT = 256  # pixels a side: enough to tell a photograph from a brush
_SOME = 0.02  # of the painted pixels: fewer are edges
_COLOURFUL = 40  # levels between a pixel's channels
_ALIKE = 12  # levels, on average, between a mask and the picture that it shows
_ONE_TONE = 12  # levels of standard deviation
_GREYS = (48, 208)  # between black and white
_MOSTLY = 0.5  # of the painted pixels: a mask has fewer greys, at its edges
_WHAT_TO_DO = "paint white what is to be redrawn and black what is to be kept"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a mask marks: `levels` (L) are 255 where all is redrawn and 0 where all is kept. `transparent` and
    `coloured` say that the mask has such parts."""

    levels: Image.Image
    convention: Convention
    transparent: bool = False
    coloured: bool = False


def read_marks(mask: Image.Image, image: Image.Image) -> Marks:
    """What `mask` (RGB or RGBA) marks of `image`.

    Raises `InvalidRequest`, saying why and what to do, for a mask that marks nothing, and for one that may mean either.
    """
    alpha = _stretch(mask.getchannel("A")) if mask.mode == "RGBA" else None
    if alpha is not None and alpha.getextrema()[1] == 0:
        raise _refused("is transparent all over, and so marks nothing")
    transparent = alpha is not None and int(np.asarray(alpha).min()) < MARKED
    shown = _Shown(mask, alpha if transparent else None, image)
    if not transparent:
        if shown.same and (shown.coloured or shown.greys > _MOSTLY) and not shown.one_tone:
            raise _refused("shows the picture itself and has no transparent part, so that it marks nothing of it")
        return _marked(Marks(_light(mask, alpha), "light", coloured=shown.coloured))
    if _means_transparency(shown):
        assert alpha is not None
        return Marks(ImageOps.invert(alpha), "transparency", transparent=True)
    return _marked(Marks(_light(mask, alpha), "light", transparent=True))


def read_levels(mask: Image.Image, convention: Convention) -> Image.Image:
    """The `levels` of a mask whose convention is settled."""
    if convention == "light":
        return _light(mask, _stretch(mask.getchannel("A")) if mask.mode == "RGBA" else None)
    alpha = mask.getchannel("A") if mask.mode == "RGBA" else Image.new("L", mask.size, 255)
    return ImageOps.invert(_stretch(alpha))


class _Shown:
    """What is to be seen on the painted part of a mask: `alpha` None means all of it."""

    def __init__(self, mask: Image.Image, alpha: Image.Image | None, image: Image.Image) -> None:
        scale = min(1.0, _LOOKED_AT / max(mask.size))
        size = max(1, round(mask.width * scale)), max(1, round(mask.height * scale))
        painted = np.ones(size[::-1], bool) if alpha is None else _levels(alpha, size) >= MARKED
        tones = _levels(mask.convert("RGB"), size)[painted]
        grey = tones.mean(axis=1)
        self.coloured = bool(((tones.max(axis=1) - tones.min(axis=1)) > _COLOURFUL).mean() > _SOME)
        self.one_tone = bool(tones.std(axis=0).max() < _ONE_TONE)
        self.dark = bool((grey < MARKED).mean() > _SOME)
        self.light = bool((grey >= MARKED).mean() > _SOME)
        self.greys = float(((grey > _GREYS[0]) & (grey < _GREYS[1])).mean())
        below = _levels(lay_on(image, WHITE), size)[painted]
        self.same = bool(np.abs(below - tones).mean() < _ALIKE)


def _means_transparency(shown: _Shown) -> bool:
    """Whether a mask with opaque and transparent parts marks with the latter. Raises `InvalidRequest` for a mask of one
    colour that is neither light nor black: it may be painted on what is to be redrawn, or on what is to be kept."""
    if shown.same and (shown.coloured or not shown.one_tone):
        return True  # the picture itself, with a hole
    if shown.coloured and shown.one_tone:
        if shown.light:
            return False
        raise _refused("is painted in one colour on a transparent ground, which may mean that it is redrawn or kept")
    if shown.coloured or not shown.light:
        return True  # a photograph with a hole; or black around one, of which white would mark nothing
    return shown.dark and shown.greys > _MOSTLY  # a photograph without colours


def _marked(marks: Marks) -> Marks:
    if marks.levels.getextrema()[1] >= MARKED:  # type: ignore[operator]  # of one band: two numbers
        return marks
    coloured = ", not even where it has colours: they are too dark" if marks.coloured else ""
    raise _refused(f"marks nothing: nothing in it is white{coloured}")


def _refused(why: str) -> InvalidRequest:
    return InvalidRequest(f"the mask {why}. To redraw a part of the picture, {_WHAT_TO_DO}", "mask")


def _light(mask: Image.Image, alpha: Image.Image | None) -> Image.Image:
    if alpha is not None:
        mask = mask.copy()
        mask.putalpha(alpha)
    return lay_on(mask, BLACK).convert("L")


def _stretch(alpha: Image.Image) -> Image.Image:
    """As opaque as it gets is opaque: some programs write masks whose painted parts are hardly so."""
    most = int(np.asarray(alpha).max())
    return alpha if most in (0, 255) else alpha.point(lambda level: round(level * 255 / most))


def _levels(image: Image.Image, size: tuple[int, int]) -> Levels:
    return np.asarray(image.resize(size, Image.Resampling.NEAREST), np.int16)
