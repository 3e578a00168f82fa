"""The best of several: how many candidates are drawn, which are drawn again, and which become pictures. Pure, so that
whoever goes on with a job after a crash chooses alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import Field

from configs.frozen import Frozen

Scores: TypeAlias = Mapping[str, float]
"""By measure; of each, higher is better."""


class Choice(Frozen):
    """`keep` of `best_of` candidates become pictures, once they are through the stage `after`: those with the highest
    score `by`. Candidates with a score under what `retry_below` says of it do not pass: for each picture that is
    missing then, as many are drawn anew as there are candidates for one, in at most `tries` rounds. When too few have
    passed, the best of the others come too."""

    best_of: int = Field(ge=1)
    keep: int = Field(ge=1)
    after: str = "score"
    by: str = "fidelity"
    retry_below: dict[str, float] = {}
    tries: int = Field(default=1, ge=1)

    @property
    def most(self) -> int:
        """Candidates, if every round is needed."""
        return self.best_of + (self.tries - 1) * self.keep * self._per_picture

    @property
    def _per_picture(self) -> int:
        return -(-self.best_of // self.keep)

    def passes(self, scores: Scores) -> bool:
        """Whether nothing of a candidate is under what is asked for. What was not measured is."""
        return all(scores.get(name, float("-inf")) >= least for name, least in self.retry_below.items())

    def next_round(self, scored: Mapping[int, Scores]) -> tuple[int, ...]:
        """Candidates to draw now, by number: those of the round at hand that have no scores yet. None when all is drawn
        that was to be."""
        drawn, missing = 0, self.keep
        for turn in range(self.tries):
            size = self.best_of if turn == 0 else missing * self._per_picture
            if unscored := [number for number in range(drawn, drawn + size) if number not in scored]:
                return tuple(unscored)
            drawn += size
            missing = self.keep - sum(self.passes(scored[number]) for number in range(drawn))
            if missing <= 0:
                break
        return ()

    def choose(self, scored: Mapping[int, Scores]) -> tuple[int, ...]:
        """The numbers of those that become pictures, the best first: of two that are as good, the one drawn first."""

        def rank(number: int) -> tuple[bool, float, int]:
            scores = scored[number]
            return not self.passes(scores), -scores.get(self.by, float("-inf")), number

        return tuple(sorted(scored, key=rank)[: self.keep])
