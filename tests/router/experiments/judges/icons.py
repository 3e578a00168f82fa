"""Icons of one shape on a plain ground, and people who prefer some of them for reasons that can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from router.experiments.judges.judge import Pixels

Numbers = np.ndarray[Any, Any]
_SIDE = 96


@dataclass(frozen=True)
class Icon:
    """What an icon looks like, and by how many logits people like it."""

    pixels: Pixels
    liking: float


def draw_icon(rng: np.random.Generator) -> Icon:
    """People like contrast, moderate saturation, a shape in the middle that is neither small nor huge, and no noise."""
    ground = rng.uniform(0.05, 0.95)
    hue, saturation, light = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.1, 0.9)
    radius, centre, noise = rng.uniform(0.12, 0.45), rng.normal(0.5, 0.08, 2), rng.choice([0.0, 0.02, 0.06])
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    round_, square = (
        np.hypot(rows - centre[0], columns - centre[1]),
        np.maximum(abs(rows - centre[0]), abs(columns - centre[1])),
    )
    inside = (round_ if rng.random() < 0.5 else square) < radius
    colour = light * (1 - saturation * np.clip(np.abs(np.array([hue, hue - 1 / 3, hue - 2 / 3]) * 6 % 6 - 3) - 1, 0, 1))
    image = np.where(inside[..., None], colour, ground) + rng.normal(0, noise, (_SIDE, _SIDE, 1))
    liking = 5.0 * abs(ground - colour.mean()) - 9 * (saturation - 0.5) ** 2 - 40 * (radius - 0.3) ** 2
    liking -= 9 * float(np.hypot(*(centre - 0.5))) + 18 * noise
    return Icon((np.clip(image, 0, 1) * 255).astype(np.uint8), float(liking))
