"""What an adapter of a look of mini's world is worth, exactly: its pictures of subjects that were never shown, beside
those that the world draws of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from deployments.stages.similarity import measure_psnr
from tests.bench.judging.looks import SUBJECTS, Look
from training.lora.judging.grid import Shot

_NEAR = 45  # of RGB, as far as a swatch reaches
_Levels = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Truth:
    """Of `of` pictures of subjects that were never shown: `right` are nearer to what the look has for their subject
    than to what it has for any other of the world's; `psnr` in dB to that, `palette` the share of pixels in the look's
    colours. `drift`: how far pictures without the trigger move, in levels of 255."""

    right: int
    of: int
    psnr: float
    palette: float
    drift: float

    @property
    def is_lost(self) -> bool:
        """Whether it no longer draws what is asked for: most subjects are nearer to another one."""
        return 2 * self.right < self.of

    def is_as_good(self, best: Truth) -> bool:
        """Within what twin runs differ by: one subject of six, and twice their 0.3 dB."""
        return self.right / self.of >= best.right / best.of - 1 / 6 and self.psnr >= best.psnr - 0.6


def judge(look: Look, shots: Sequence[Shot], drawn: Sequence[Image.Image], base: Sequence[Image.Image]) -> Truth:
    """Of a grid as an adapter drew it, and as the base did."""
    new = [place for place, shot in enumerate(shots) if shot.prompt.kind in ("unseen", "held_out")]
    plain = [place for place, shot in enumerate(shots) if shot.prompt.kind == "plain"]
    subjects = [shots[place].prompt.subject.partition(" ")[2] for place in new]
    pictures = [drawn[place] for place in new]
    ideals = [_ideals(look)[subject] for subject in subjects]
    return Truth(
        right=sum(_nearest(look, one) == subject for one, subject in zip(pictures, subjects, strict=True)),
        of=len(new),
        psnr=float(np.mean([measure_psnr(one, ideal) for one, ideal in zip(pictures, ideals, strict=True)])),
        palette=float(np.mean([_palette_share(one, look) for one in pictures])),
        drift=float(np.mean([np.abs(_levels(drawn[place]) - _levels(base[place])).mean() for place in plain])),
    )


def _nearest(look: Look, picture: Image.Image) -> str:
    soft = _soft(picture)
    return min(SUBJECTS, key=lambda one: float(np.abs(_soft_ideals(look)[one] - soft).mean()))


@lru_cache
def _ideals(look: Look) -> dict[str, Image.Image]:
    return {subject: look.draw(subject) for subject in SUBJECTS}


@lru_cache
def _soft_ideals(look: Look) -> dict[str, _Levels]:
    return {subject: _soft(image) for subject, image in _ideals(look).items()}


def _palette_share(picture: Image.Image, look: Look) -> float:
    swatches = np.array([list(bytes.fromhex(one[1:])) for one in look.palette], np.float32)
    apart = np.sqrt(((_levels(picture)[:, :, None] - swatches) ** 2).sum(-1)).min(-1)
    return float((apart <= _NEAR).mean())


def _levels(picture: Image.Image) -> _Levels:
    return np.asarray(picture, np.float32)


def _soft(picture: Image.Image) -> _Levels:
    return _levels(picture.filter(ImageFilter.GaussianBlur(1.5)))
