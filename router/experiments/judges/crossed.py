"""Two learned judges, each of one half of the prompts, of which a picture is judged by the one that has learned nothing
from its prompt: all votes can teach, and all can tell how good the judge is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from router.experiments.judges.judge import Score, Seen
from router.experiments.judges.learned import FEWEST_PAIRS, ComparedPair, LearnedJudge, Numbers, learn


@dataclass(frozen=True, slots=True)
class CrossedJudge:
    """`halves[0]` has learned from prompts of the other half, and judges those of half 0."""

    halves: tuple[LearnedJudge, LearnedJudge]
    id: str = "learned-linear"
    criterion: str = "overall"

    @property
    def sha256(self) -> str:
        """Of both."""
        return hashlib.sha256("".join(half.sha256 for half in self.halves).encode()).hexdigest()

    def score(self, pictures: Sequence[Seen], prompt: str, references: Sequence[Seen] = ()) -> Sequence[Score]:
        """By the half that does not know the prompt."""
        sha256 = self.sha256
        scores = self.halves[half_of(prompt)].score(pictures, prompt, references)
        return [Score(one.value, self.criterion, self.id, sha256, one.seconds) for one in scores]

    def value_of(self, statistics: Numbers, prompt: str) -> float:
        """Of statistics that were measured before."""
        return self.halves[half_of(prompt)].value_of(statistics)


def learn_crossed(pairs: Sequence[ComparedPair]) -> CrossedJudge:
    """Raises `ValueError` where one half of the prompts has too few votes to learn from."""
    others = [[pair for pair in pairs if half_of(pair.prompt) != half] for half in (0, 1)]
    fewest = min(map(len, others))
    if fewest < FEWEST_PAIRS:
        needed = f"{FEWEST_PAIRS} votes on each half of the prompts"
        raise ValueError(f"a judge is learned from {needed}; there are {fewest} on one of them")
    return CrossedJudge((LearnedJudge(learn(others[0])), LearnedJudge(learn(others[1]))))


def half_of(prompt: str) -> int:
    """0 or 1, the same for ever."""
    return hashlib.sha256(b"half " + prompt.encode()).digest()[0] % 2
