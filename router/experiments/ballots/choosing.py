"""Which ballot a rater is shown next. Pure: of what can be compared, what they have seen, and a generator of chance.

Votes are spread over prompts, since many on one pair of pictures say little of others; a share goes to what others have
seen, too, so that agreement can be told; a share are hidden checks. Nobody sees a prompt with the same arms twice, but
for a planned repeat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import TypeAlias

import numpy as np

from configs.experiments import BallotsConfig
from router.experiments.ballots.model import Ballot, Compared, Shown, ShownPicture, Spoiling
from router.experiments.statistics.pair_choice import Belief, choose_pair, choose_sides
from router.experiments.statistics.picks import ScreenStrategy, choose_screen

Arms: TypeAlias = tuple[str, ...]
Seen: TypeAlias = Mapping[tuple[str, Arms], int]
"""How often a prompt was shown with these arms (sorted), to whomever."""

_APART = 4  # ballots at least between one and its repeat
_SPOILINGS: tuple[Spoiling, ...] = ("blur", "jpeg")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A ballot without its id, its rater's place and its times."""

    pair: str
    once: str
    prompt_hash: str
    asset_type: str
    quality: str
    shown: Shown
    arms: Arms
    probability: float = 1.0
    repeats: str | None = None
    gold: int | None = None

    def become(
        self, id: str, experiment: str, phase: int, rater: str, seat: tuple[int, int], now: datetime, until: datetime
    ) -> Ballot:
        """The ballot, for a rater."""
        return Ballot(
            id=id,
            experiment=experiment,
            phase=phase,
            rater=rater,
            sitting=seat[0],
            place=seat[1],
            pair=self.pair,
            once=f"{rater} {self.once}",
            arms=self.arms,
            prompt_hash=self.prompt_hash,
            asset_type=self.asset_type,
            quality=self.quality,
            shown=self.shown,
            probability=self.probability,
            leased_until=until,
            created_at=now,
            repeats=self.repeats,
            gold=self.gold,
        )


class Chooser:
    """Chooses one ballot after another for one rater, each knowing of those before."""

    def __init__(
        self,
        pool: Sequence[Compared],
        belief: Belief,
        config: BallotsConfig,
        mine: Sequence[Ballot],
        seen: Seen,
        rng: np.random.Generator,
    ) -> None:
        """`mine` are the rater's ballots so far, in order; `seen` counts everybody's."""
        self._pool, self._belief, self._config, self._rng = pool, belief, config, rng
        self._mine, self._given = list(mine), len(mine)
        self._onces = {ballot.once.partition(" ")[2] for ballot in mine}
        self._times = Counter(dict(seen))
        self._left = Counter(ballot.arms for ballot in mine if ballot.check is None and len(ballot.arms) == 2)

    def next(self) -> Drafted | None:
        """None where nothing is left that this rater has not seen."""
        drafted = self._check() or self._fresh()
        if drafted is not None:
            self._onces.add(drafted.once)
            self._given += 1
        return drafted

    def _check(self) -> Drafted | None:
        """A hidden check, where it is its turn and there is one to be had."""
        if self._given < _APART or self._rng.random() >= self._config.checks:
            return None
        repeat, gold = self._repeat, self._gold
        for make in (repeat, gold) if self._rng.random() < 0.5 else (gold, repeat):
            drafted = make()
            if drafted is not None:
                return drafted
        return None

    def _repeat(self) -> Drafted | None:
        done = [ballot for ballot in self._mine[: self._given - _APART] if _may_repeat(ballot)]
        done = [ballot for ballot in done if f"again {ballot.id}" not in self._onces]
        if not done:
            return None
        first = done[int(self._rng.integers(len(done)))]
        shown = first.shown.model_copy(update={"pictures": first.shown.pictures[::-1]})
        return Drafted(
            first.pair,
            f"again {first.id}",
            first.prompt_hash,
            first.asset_type,
            first.quality,
            shown,
            first.arms[::-1],
            repeats=first.id,
        )

    def _gold(self) -> Drafted | None:
        """One picture on both sides, once as it is and once spoilt: which is better does not depend on any arm."""
        left = [one for one in self._pool if f"gold {one.prompt_hash}" not in self._onces]
        if not left:
            return None
        one = left[int(self._rng.integers(len(left)))]
        names = sorted(one.pictures)
        arm = names[int(self._rng.integers(len(names)))]
        spoil = _SPOILINGS[int(self._rng.integers(len(_SPOILINGS)))]
        drafted = _draft(one, (arm, arm), f"gold {one.prompt_hash}", 1.0)
        shown = drafted.shown.model_copy(update={"spoil": spoil})
        return replace(drafted, shown=shown, gold=int(self._rng.integers(2)))

    def _fresh(self) -> Drafted | None:
        drafted = self._screen() if self._config.screen > 2 else self._pair()
        if drafted is not None:
            self._times[(drafted.prompt_hash, tuple(sorted(drafted.arms)))] += 1
        return drafted

    def _pair(self) -> Drafted | None:
        offered: dict[Arms, list[Compared]] = {}
        for arms, one in self._unseen(2):
            offered.setdefault(arms, []).append(one)
        if not offered:
            return None
        pairs = [(arms[0], arms[1]) for arms in sorted(offered)]
        picked = choose_pair(self._belief, self._config.choice, self._rng, pairs)
        arms = (picked.first, picked.second)
        one = self._spread(arms, offered[arms])
        sides = choose_sides(arms, self._left[arms], self._left[arms[::-1]], self._rng)
        self._left[sides] += 1
        return _draft(one, sides, _once(one, arms), picked.probability)

    def _screen(self) -> Drafted | None:
        size = self._config.screen
        offered = [one for one in self._pool if len(one.pictures) >= size and self._is_open(one, size)]
        if not offered:
            return None
        one = self._spread((), offered)
        for _ in range(20):
            belief = _narrow(self._belief, sorted(one.pictures))
            strategy: ScreenStrategy = "uniform" if self._config.choice == "uniform" else "top"
            arms, probability = choose_screen(belief, strategy, self._rng, size)
            if _once(one, tuple(sorted(arms))) not in self._onces:
                return _draft(one, arms, _once(one, tuple(sorted(arms))), probability)
        return None

    def _is_open(self, one: Compared, size: int) -> bool:
        return any(_once(one, arms) not in self._onces for arms in combinations(sorted(one.pictures), size))

    def _unseen(self, size: int) -> Iterator[tuple[Arms, Compared]]:
        for one in self._pool:
            for arms in combinations(sorted(one.pictures), size):
                if _once(one, arms) not in self._onces:
                    yield arms, one

    def _spread(self, arms: Arms, offered: Sequence[Compared]) -> Compared:
        """One that was shown least, or, in a share of the cases, least of those that somebody has seen."""
        if arms:
            times = [self._times[(one.prompt_hash, arms)] for one in offered]
        else:
            of_prompt = Counter[str]()
            for (prompt, _), count in self._times.items():
                of_prompt[prompt] += count
            times = [of_prompt[one.prompt_hash] for one in offered]
        known = [count for count in times if count]
        overlaps = known and self._rng.random() < self._config.overlap
        least = min(known if overlaps else times)
        found = [one for one, count in zip(offered, times, strict=True) if count == least]
        return found[int(self._rng.integers(len(found)))]


def _draft(one: Compared, arms: Arms, once: str, probability: float) -> Drafted:
    pictures: tuple[ShownPicture, ...] = tuple(one.pictures[arm] for arm in arms)
    shown = Shown(prompt=one.prompt, pictures=pictures, width=one.width, height=one.height)
    return Drafted(one.pair, once, one.prompt_hash, one.asset_type, one.quality, shown, arms, probability)


def _once(one: Compared, arms: Arms) -> str:
    return " ".join((one.prompt_hash, *arms))


def _may_repeat(ballot: Ballot) -> bool:
    """It counts, was answered, and has its pictures here."""
    pictures, cast = ballot.shown.pictures, ballot.cast
    return ballot.check is None and len(pictures) == 2 and cast is not None and cast.choice != "skip"


def _narrow(belief: Belief, arms: Sequence[str]) -> Belief:
    """What is known of these arms alone."""
    places = [belief.arms.index(arm) for arm in arms]
    return Belief(tuple(arms), belief.mean[places], belief.covariance[np.ix_(places, places)])
