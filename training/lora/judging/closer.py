"""What is only asked of the pick: whether it can be turned down evenly, and whether it can be read when small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from configs.judgement import Mark, MeasureName, Pick
from deployments.stages.legibility import measure_legibility
from training.lora.judging.eyes import fit
from training.lora.judging.references import References

_SMALL = 24  # pixels
_LOOKED_AT = 8


def look_closer(
    drawn: Mapping[tuple[int, float], Sequence[Image.Image]], pick: Pick, references: References
) -> dict[MeasureName, Mark]:
    """`linearity`: the share of pictures at lower strengths that lie between the base's and those at the highest,
    where several were drawn. `legibility`: how much is left at 24 pixels, against pictures of the set."""
    marks: dict[MeasureName, Mark] = {}
    strengths = sorted(strength for step, strength in drawn if step == pick.step and strength > 0)
    if len(strengths) > 1:
        between = [
            _is_between(*three)
            for less in strengths[:-1]
            for three in zip(drawn[0, 0.0], drawn[pick.step, less], drawn[pick.step, strengths[-1]], strict=True)
        ]
        marks["linearity"] = _mark(between)
    own = np.mean([_legible(image) for image in references.images[:_LOOKED_AT]])
    pictures = drawn[pick.step, pick.strength]
    chosen = pictures[:: max(1, len(pictures) // _LOOKED_AT)]
    marks["legibility"] = _mark([_legible(picture) / max(float(own), 1e-3) for picture in chosen])
    return marks


def _is_between(base: Image.Image, less: Image.Image, full: Image.Image) -> float:
    """Nearer to both ends than these are to each other."""
    one, middle, other = (np.asarray(fit(image), np.float32) for image in (base, less, full))
    whole = np.abs(one - other).mean()
    return float(np.abs(middle - one).mean() <= whole and np.abs(other - middle).mean() <= whole)


def _legible(picture: Image.Image) -> float:
    return measure_legibility(fit(picture), (_SMALL,))[_SMALL]


def _mark(values: Sequence[float]) -> Mark:
    return Mark(value=round(float(np.mean(values)), 4), error=round(float(np.std(values) / len(values) ** 0.5), 4))
