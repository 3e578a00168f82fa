"""What can be measured of a picture, by name: whoever asks for a check or a choice takes from this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from PIL import Image

from deployments.messages import Picture
from deployments.scorers.scorer import Scorer
from deployments.stages.sharpness import measure_sharpness
from deployments.stages.stray_text import count_text_lines

Measure: TypeAlias = Literal[
    "fidelity", "sharpness", "stray_text", "legibility_16", "legibility_24", "legibility_32", "preference"
]
"""A score's name."""


@dataclass(frozen=True, slots=True)
class Row:
    """`says` is what the number means, for people. `better` is where it should lie."""

    says: str
    better: Literal["higher", "lower"] = "higher"


MEASURES: Mapping[Measure, Row] = MappingProxyType(
    {
        "fidelity": Row("how well the picture shows what its prompt says, 0 to 1, by the scorer of its model"),
        "sharpness": Row("of the middle edge, the contrast that lies between two neighbouring pixels, 0 to 1"),
        "stray_text": Row("rows of marks that look like plain printed text", "lower"),
        "legibility_16": Row("how much of the picture is left to be read at 16 pixels, 0 to 1"),
        "legibility_24": Row("how much of the picture is left to be read at 24 pixels, 0 to 1"),
        "legibility_32": Row("how much of the picture is left to be read at 32 pixels, 0 to 1"),
        "preference": Row("how well people who choose between pictures would like it, 0 to 1, by a scorer"),
    }
)


BY_SCORER: tuple[Measure, ...] = ("fidelity", "preference")
"""What takes a scorer; each scorer says one of them (`configs/scorers.py`)."""


_OF_PIXELS: Mapping[Measure, Callable[[Picture], float | None]] = MappingProxyType(
    {
        "sharpness": measure_sharpness,
        "stray_text": lambda picture: float(count_text_lines(picture)),
    }
)
_LEGIBLE_AT: Mapping[Measure, int] = MappingProxyType(
    {"legibility_16": 16, "legibility_24": 24, "legibility_32": 32}
)  # pixels


def _legibility(picture: Picture, measures: tuple[Measure, ...]) -> dict[Measure, float]:
    """Of those that are asked for, all at once: most of the work is the same for each."""
    asked = {name: size for name, size in _LEGIBLE_AT.items() if name in measures}
    if not asked:
        return {}
    from deployments.stages.legibility import measure_legibility  # scipy, which only a replica needs

    image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    found = measure_legibility(image, asked.values())
    return {name: found[size] for name, size in asked.items()}


def on_white(picture: Picture) -> Picture:
    """What a person sees of it on paper: transparency is white."""
    if not picture.alpha:
        return picture
    rgb = np.frombuffer(picture.rgb, np.uint8).reshape(-1, 3).astype(np.float32)
    cover = np.frombuffer(picture.alpha, np.uint8).reshape(-1, 1).astype(np.float32) / 255
    seen = (rgb * cover + 255 * (1 - cover)).round().astype(np.uint8)
    return Picture(picture.width, picture.height, seen.tobytes())


def measure(
    picture: Picture, measures: tuple[Measure, ...], prompt: str = "", scorer: Scorer | None = None
) -> dict[str, float]:
    """The picture's scores, in the order of `measures`; what cannot be said of it is left out. `fidelity` to `prompt`,
    and `preference`, take a `scorer` that says so."""
    seen = on_white(picture)
    legibility = _legibility(seen, measures)
    scores: dict[str, float] = {}
    for name in measures:
        if name in BY_SCORER:
            found = None if scorer is None else scorer.score(seen, prompt)
        elif name in _LEGIBLE_AT:
            found = legibility[name]
        else:
            found = _OF_PIXELS[name](seen)
        if found is not None:
            scores[name] = round(found, 4)
    return scores
