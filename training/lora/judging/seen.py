"""What measures look at: the grid as one checkpoint drew it, beside the base's and the set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from configs.judgement import PromptKind
from deployments.scorers.scorer import Scorer
from training.lora.judging.eyes import Vectors, fit
from training.lora.judging.grid import Shot
from training.lora.judging.references import References


class Views:
    """The grid as one adapter drew it, looked at once."""

    def __init__(self, pictures: Sequence[Image.Image], references: References) -> None:
        self.pictures, self._references = pictures, references

    @cached_property
    def levels(self) -> Vectors:
        """[shots, 128, 128, 3], 0 to 1."""
        return np.stack([np.asarray(fit(picture), np.float32) / 255 for picture in self.pictures])

    @cached_property
    def shapes(self) -> Vectors:
        return self._references.shape.look(self.pictures)

    @cached_property
    def manners(self) -> list[Vectors]:
        """By each way in which styles are seen."""
        return [eyes.look(self.pictures) for eyes in self._references.manners]


@dataclass(frozen=True)
class Seen:
    """The grid as one checkpoint drew it, beside the base's; both in the order of `shots`."""

    shots: Sequence[Shot]
    drawn: Views
    base: Views
    references: References
    scorer: Scorer | None = None
    own_fidelity: float | None = None
    """What the scorer says of the set's own pictures; None where it cannot tell right from wrong on them."""

    def of(self, kinds: frozenset[PromptKind]) -> list[int]:
        return [place for place, shot in enumerate(self.shots) if shot.prompt.kind in kinds]
