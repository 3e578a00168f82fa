"""What an adapter of a look of mini's world is worth, exactly: its pictures of subjects that were never shown, beside
those that the world draws of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from configs.judgement import GridPrompt
from deployments.stages.similarity import measure_psnr
from tests.bench.judging.looks import LEARNED, UNSEEN, Look
from training.lora.judging.grid import Shot
from training.lora.judging.painter import Worn

SEED = 77
PLAIN = ("a red bell", "a blue star", "a green bottle", "a purple book")
_NEAR = 45  # of RGB, as far as a swatch reaches


@dataclass(frozen=True)
class Truth:
    """Of `of` subjects that were never shown: `right` are those whose picture is nearer to what the look has for them
    than to what it has for any other; `psnr` in dB to that, `palette` the share of pixels in the look's colours.
    `drift`: how far pictures without the trigger move, in levels of 255."""

    right: int
    of: int
    psnr: float
    palette: float
    drift: float

    def is_as_good(self, best: Truth) -> bool:
        """Within what twin runs differ by: two subjects of twelve, and twice their 0.3 dB."""
        return self.right >= best.right - 2 and self.psnr >= best.psnr - 0.6


def questions(look: Look) -> tuple[list[Shot], list[Shot]]:
    """With the trigger, and without."""
    triggered = [GridPrompt(text=look.caption(one), kind="unseen", subject=f"a {one}") for one in UNSEEN]
    plain = [GridPrompt(text=text, kind="plain", subject=text) for text in PLAIN]
    return [Shot(one, SEED) for one in triggered], [Shot(one, SEED) for one in plain]


def draw(worn: Worn, shots: Sequence[Shot], batch: int) -> list[Image.Image]:
    return [one for first in range(0, len(shots), batch) for one in worn.draw(shots[first : first + batch])]


def judge(
    look: Look, triggered: Sequence[Image.Image], plain: Sequence[Image.Image], base: Sequence[Image.Image]
) -> Truth:
    """`base` are the plain ones as the base draws them."""
    ideals = {subject: look.draw(subject) for subject in (*UNSEEN, *LEARNED)}
    soft = {subject: _soft(image) for subject, image in ideals.items()}
    right = sum(
        min(soft, key=lambda one: float(np.abs(soft[one] - _soft(picture)).mean())) == subject
        for subject, picture in zip(UNSEEN, triggered, strict=True)
    )
    psnr = [measure_psnr(picture, ideals[subject]) for subject, picture in zip(UNSEEN, triggered, strict=True)]
    moved = [np.abs(_levels(one) - _levels(other)).mean() for one, other in zip(plain, base, strict=True)]
    palette = [_palette_share(picture, look) for picture in triggered]
    return Truth(right, len(UNSEEN), float(np.mean(psnr)), float(np.mean(palette)), float(np.mean(moved)))


def _palette_share(picture: Image.Image, look: Look) -> float:
    levels = _levels(picture)
    swatches = np.array([list(bytes.fromhex(one[1:])) for one in look.palette], np.float32)
    apart = np.sqrt(((levels[:, :, None] - swatches) ** 2).sum(-1)).min(-1)
    return float((apart <= _NEAR).mean())


def _levels(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(picture, np.float32)


def _soft(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return _levels(picture.filter(ImageFilter.GaussianBlur(1.5)))
