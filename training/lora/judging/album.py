"""Pictures of the grid, kept as they are drawn: a judging that was stopped goes on with the checkpoint it was at."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from configs.judgement import Judgement
from configs.schema import Size
from training.lora.judging.grid import Shot, shots

BASE = "base"
"""What stands for the hash of an adapter where there is none."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How pictures of a grid are drawn: with which base, in which size, in how many steps, at which guidance."""

    base: str
    size: Size
    steps: int
    guidance: float


class Album:
    """In a folder, or nowhere. A set of pictures is there whole or not at all."""

    def __init__(self, folder: Path | None, grid: Sequence[Shot], manner: Manner) -> None:
        self._folder = folder
        told = "\n".join([str(manner), *(f"{shot.seed} {shot.prompt.text}" for shot in grid)])
        self._grid = hashlib.sha256(told.encode()).hexdigest()[:16]

    def find(self, adapter: str, strength: float) -> list[Image.Image] | None:
        """What is kept of an adapter, by its hash."""
        place = self._place(adapter, strength)
        if place is None or not place.is_dir():
            return None
        return [_opened(file) for file in sorted(place.glob("*.png"))]

    def keep(self, adapter: str, strength: float, pictures: Sequence[Image.Image]) -> None:
        """Raises OSError where they cannot be written."""
        place = self._place(adapter, strength)
        if place is None:
            return
        partial = place.with_name(f".{place.name}.{os.getpid()}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for number, picture in enumerate(pictures):
            picture.save(partial / f"{number:04d}.png")
        if place.exists():
            shutil.rmtree(place)
        partial.rename(place)

    def _place(self, adapter: str, strength: float) -> Path | None:
        return None if self._folder is None else self._folder / f"{self._grid}-{adapter[:16]}-{strength:g}"


def recall(judgement: Judgement, folder: Path) -> tuple[tuple[Shot, ...], dict[tuple[int, float], list[Image.Image]]]:
    """The grid of a judgement and what `folder` keeps of its pictures, by step and strength; (0, 0) is the base."""
    grid = shots(judgement.prompts, judgement.seeds)
    album = Album(folder, grid, Manner(judgement.base, judgement.size, judgement.steps, judgement.guidance))
    wanted = {(one.step, one.strength): judgement.adapters[one.step] for one in judgement.judged}
    found = {key: album.find(name, key[1]) for key, name in {(0, 0.0): BASE, **wanted}.items()}
    return grid, {key: pictures for key, pictures in found.items() if pictures is not None}


def _opened(file: Path) -> Image.Image:
    with Image.open(file, formats=("PNG",)) as image:
        return image.convert("RGB")
