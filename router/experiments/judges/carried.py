"""Judges that read what the stages have already measured of a picture: no second look, and the same number that a
designer sees."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from router.experiments.judges.judge import Score, Seen


@dataclass(frozen=True, slots=True)
class CarriedJudge:
    """Says the mean of those `measures` (names of scores; one that ends in `_` stands for all that begin with it) that
    a picture has, turned around where less is better."""

    id: str
    criterion: str
    measures: tuple[str, ...]
    lower_is_better: bool = False

    @property
    def sha256(self) -> str:
        """Of its definition: how the measures are made is theirs to version."""
        return hashlib.sha256(repr((self.criterion, self.measures, self.lower_is_better)).encode()).hexdigest()

    def score(
        self,
        pictures: Sequence[Seen],
        prompt: str,  # noqa: ARG002 - as judges are asked
        references: Sequence[Seen] = (),  # noqa: ARG002
    ) -> Sequence[Score]:
        """None of a picture on which no such stage has been."""
        return [Score(self._read(seen.scores), self.criterion, self.id, self.sha256, 0.0) for seen in pictures]

    def _read(self, scores: Mapping[str, float]) -> float | None:
        found = [value for name, value in scores.items() if any(_is_meant(name, one) for one in self.measures)]
        if not found:
            return None
        mean = sum(found) / len(found)
        return -mean if self.lower_is_better else mean


def _is_meant(name: str, measure: str) -> bool:
    return name.startswith(measure) if measure.endswith("_") else name == measure


CARRIED: Mapping[str, CarriedJudge] = MappingProxyType(
    {
        judge.id: judge
        for judge in (
            CarriedJudge("brand-colours", "colours", ("palette_adherence",)),
            CarriedJudge("sharpness", "artefacts", ("sharpness",)),
            CarriedJudge("stray-text", "artefacts", ("stray_text",), lower_is_better=True),
            CarriedJudge("legibility", "legibility", ("legibility_",)),
            CarriedJudge("fidelity", "prompt", ("fidelity",)),
            CarriedJudge("preference", "overall", ("preference",)),
        )
    }
)
"""By id."""
