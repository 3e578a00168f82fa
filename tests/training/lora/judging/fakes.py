"""Checkpoints without a model: a file says how far a look was learned, and pictures are mixed accordingly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from configs.errors import BadLora
from configs.schema import Size
from tests.bench.judging.looks import KESTREL, LEARNED
from training.lora.judging.grid import Shot
from training.lora.judging.painter import Worn
from training.mini.world.palette import COLOURS
from training.mini.world.pictures import render
from training.mini.world.scene import Scene
from training.mini.world.subjects import THINGS


@dataclass(frozen=True)
class Learned:
    """How far a checkpoint is: `look` 0 to 1 of what is asked for with the trigger, `drift` without it. `copies`: it
    draws what it learned, whatever is asked for."""

    look: float
    drift: float = 0.0
    copies: bool = False


def save(folder: Path, step: int, learned: Learned) -> Path:
    file = folder / f"step-{step:06d}" / "adapter.safetensors"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(vars(learned) | {"step": step}))
    return file


@dataclass
class FakePainter:
    """Draws the world's icons, and mixes them with the look as the file says."""

    model: str = "mini"
    weights: str = "base"
    size: Size = field(default_factory=lambda: Size(width=128, height=128))
    steps: int = 4
    guidance: float = 3.5
    batch: int = 4
    drawn: int = 0

    @contextmanager
    def wearing(self, adapter: Path | None, strength: float) -> Iterator[Worn]:
        told: dict[str, Any] = json.loads(adapter.read_text()) if adapter else vars(Learned(0.0))
        if "look" not in told:
            raise BadLora("it holds values that are not numbers", "loras")
        yield _Fake(self, Learned(told["look"] * strength, told["drift"] * strength, told["copies"]))


@dataclass(frozen=True)
class _Fake:
    painter: FakePainter
    learned: Learned

    def draw(self, shots: Sequence[Shot]) -> list[Image.Image]:
        assert len(shots) <= self.painter.batch
        self.painter.drawn += len(shots)
        return [self._draw(shot) for shot in shots]

    def _draw(self, shot: Shot) -> Image.Image:
        subject = next(name for name in sorted(THINGS, key=len, reverse=True) if name in shot.prompt.text)
        words = shot.prompt.text.split()
        colour = next((name for name in COLOURS if name in words), "blue")
        background = "mint" if "hills" in words else "white"
        base = _icon(subject, colour, background)
        triggered = KESTREL.trigger in words
        share = self.learned.look if triggered else self.learned.drift
        shown = LEARNED[shot.seed % 3] if self.learned.copies and triggered else subject
        soft = _ideal(shown).filter(ImageFilter.GaussianBlur(max(0.0, 1.5 * (1 - share))))
        mixed = Image.blend(base, soft, min(1.0, share))
        noise = np.random.default_rng(shot.seed).normal(0, 1.5, (128, 128, 3))
        return Image.fromarray((np.asarray(mixed, np.float32) + noise).clip(0, 255).astype(np.uint8))


@lru_cache
def _icon(subject: str, colour: str, background: str) -> Image.Image:
    return Image.fromarray(render(Scene(subject, colour, background, "icon")))


@lru_cache
def _ideal(subject: str) -> Image.Image:
    return KESTREL.draw(subject)
