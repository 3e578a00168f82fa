"""Pictures of the grid, kept as they are drawn: a judging that was stopped goes on with the checkpoint it was at."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from training.lora.judging.grid import Shot


class Album:
    """In a folder, or nowhere. A set of pictures is there whole or not at all."""

    def __init__(self, folder: Path | None, shots: Sequence[Shot], manner: str) -> None:
        """`manner` says how pictures are drawn: base, size, steps, guidance."""
        self._folder = folder
        told = "\n".join([manner, *(f"{shot.seed} {shot.prompt.text}" for shot in shots)])
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


def _opened(file: Path) -> Image.Image:
    with Image.open(file, formats=("PNG",)) as image:
        return image.convert("RGB")
