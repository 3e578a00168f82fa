"""Whether pictures in a look show what was asked for, exactly: mini's world draws every subject in it, and the right
one has to be nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from training.mini.look_sets import PIXELS, render
from training.mini.looks import Look
from training.mini.world.subjects import THINGS

_Levels = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A subject that the set has not, in a colour."""

    colour: str
    subject: str

    @property
    def words(self) -> str:
        """As a person asks for it."""
        return f"{'an' if self.colour[0] in 'aeiou' else 'a'} {self.colour} {self.subject}"


def find_subject(look: Look, picture: Image.Image, colour: str) -> str:
    """Of all that mini knows, what `picture` is most like, as the look has it in that colour."""
    own = _soft(picture)
    return min(sorted(THINGS), key=lambda one: float(np.abs(_soft(render(look, one, colour)) - own).mean()))


def find_wrong(look: Look, asked: Sequence[Asked], pictures: Sequence[Image.Image]) -> list[str]:
    """Those of `asked` whose picture is nearer to another subject, with which one."""
    found = [find_subject(look, picture, one.colour) for one, picture in zip(asked, pictures, strict=True)]
    return [f"{one.subject} (as {it})" for one, it in zip(asked, found, strict=True) if it != one.subject]


def _soft(picture: Image.Image) -> _Levels:
    small = picture.convert("RGB").resize(PIXELS, Image.Resampling.LANCZOS)
    return np.asarray(small.filter(ImageFilter.GaussianBlur(1.5)), np.float32)
