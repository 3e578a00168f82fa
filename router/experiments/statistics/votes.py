"""Votes as columns: what the statistics work on, built from one row a ballot. A tie and "both bad" are half a win."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np

Choice: TypeAlias = Literal["left", "right", "tie", "both_bad"]
Check: TypeAlias = Literal["repeat", "gold"]
Column: TypeAlias = np.ndarray[Any, Any]

POINTS: dict[Choice, float] = {"left": 1.0, "right": 0.0, "tie": 0.5, "both_bad": 0.5}


@dataclass(frozen=True, slots=True)
class Vote:
    """One answered ballot. `probability` is that with which its pair of arms was chosen, `covariates` what the left
    picture has more of than the right one, `judged` the chance that a judge gives the left one. A `check` is a hidden
    one: a pair that the rater had already seen, sides swapped, or one whose better side is `expected`; it counts for
    the rater and not for the arms."""

    left: str
    right: str
    choice: Choice
    rater: str
    prompt: str
    probability: float = 1.0
    covariates: tuple[float, ...] = ()
    check: Check | None = None
    expected: Literal["left", "right"] | None = None
    dwell_ms: int | None = None
    judged: float | None = None

    @property
    def points(self) -> float:
        """What the left arm won: 1, 0.5 or 0."""
        return POINTS[self.choice]


@dataclass(frozen=True)
class Votes:
    """n votes in the order in which they were cast. `left`, `right`, `rater` and `prompt` are places in `arms`,
    `raters` and `prompts`; `outcome` is 1, .5 or 0 as the left arm has it; `covariates` is n x k, left less right, and
    NaN where that is not known; `judged` is NaN where no judge has seen the pair. Checks are not among them."""

    arms: tuple[str, ...]
    raters: tuple[str, ...]
    prompts: tuple[str, ...]
    left: Column
    right: Column
    outcome: Column
    both_bad: Column
    rater: Column
    prompt: Column
    probability: Column
    covariates: Column
    judged: Column
    covariate_names: tuple[str, ...] = field(default=())

    @classmethod
    def from_rows(
        cls, rows: Iterable[Vote], arms: Sequence[str] | None = None, covariate_names: Sequence[str] = ()
    ) -> Votes:
        """Columns of the rows that are no checks. `arms` sets their order, and brings arms without a vote along; else
        they are sorted by name. Raises `ValueError`, saying which row, for an arm beside itself or one that is not
        among `arms`, for an unknown choice and for another number of covariates than names."""
        counted = [row for row in rows if row.check is None]
        known = (
            tuple(arms) if arms is not None else tuple(sorted({a for row in counted for a in (row.left, row.right)}))
        )
        places = {arm: place for place, arm in enumerate(known)}
        for number, row in enumerate(counted, 1):
            _look_over(number, row, places, len(covariate_names))
        rater, raters = codes_of([row.rater for row in counted])
        prompt, prompts = codes_of([row.prompt for row in counted])
        return cls(
            arms=known,
            raters=raters,
            prompts=prompts,
            left=np.array([places[row.left] for row in counted], np.int64),
            right=np.array([places[row.right] for row in counted], np.int64),
            outcome=np.array([row.points for row in counted], float),
            both_bad=np.array([row.choice == "both_bad" for row in counted], bool),
            rater=rater,
            prompt=prompt,
            probability=np.array([row.probability for row in counted], float),
            covariates=np.array([row.covariates for row in counted], float).reshape(len(counted), len(covariate_names)),
            judged=np.array([np.nan if row.judged is None else row.judged for row in counted], float),
            covariate_names=tuple(covariate_names),
        )

    def __len__(self) -> int:
        return len(self.outcome)

    def take(self, rows: Column) -> Votes:
        """These votes alone (a mask, or places in order), of the same arms, raters and prompts."""
        columns = ("left", "right", "outcome", "both_bad", "rater", "prompt", "probability", "covariates", "judged")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})

    def first(self, count: int) -> Votes:
        """The `count` that were cast first."""
        return self.take(np.arange(min(count, len(self))))

    def turned(self) -> Votes:
        """What it would be had each pair been shown the other way round, and been judged alike."""
        return replace(
            self,
            left=self.right,
            right=self.left,
            outcome=1 - self.outcome,
            covariates=-self.covariates,
            judged=1 - self.judged,
        )

    def between(self, arm: str, other: str) -> Votes:
        """The votes on these two, all turned so that `arm` is left; the side on which it was shown is lost."""
        a, b = self.arms.index(arm), self.arms.index(other)
        shown_left = (self.left == a) & (self.right == b)
        shown_right = (self.left == b) & (self.right == a)
        found = self.take(shown_left | shown_right)
        turn = found.left == b
        return replace(
            found,
            left=np.full(len(found), a),
            right=np.full(len(found), b),
            outcome=np.where(turn, 1 - found.outcome, found.outcome),
            covariates=np.where(turn[:, None], -found.covariates, found.covariates),
            judged=np.where(turn, 1 - found.judged, found.judged),
        )

    def raters_present(self) -> int:
        """How many different people cast these."""
        return len(np.unique(self.rater))


def codes_of(names: Sequence[str]) -> tuple[Column, tuple[str, ...]]:
    """Of each name its place among the different ones, which come in the order in which they are first met."""
    places: dict[str, int] = {}
    codes = [places.setdefault(name, len(places)) for name in names]
    return np.array(codes, np.int64), tuple(places)


def _look_over(number: int, row: Vote, places: dict[str, int], covariates: int) -> None:
    for arm in (row.left, row.right):
        if arm not in places:
            raise ValueError(f"vote {number}: no arm '{arm}'; there are {', '.join(places)}")
    if row.left == row.right:
        raise ValueError(f"vote {number}: '{row.left}' stands beside itself")
    if row.choice not in POINTS:
        raise ValueError(f"vote {number}: choice '{row.choice}' is none of {', '.join(POINTS)}")
    if len(row.covariates) != covariates:
        raise ValueError(f"vote {number}: {len(row.covariates)} covariates, where there are {covariates} names")
