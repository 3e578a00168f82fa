"""Which ballot comes next: balanced, spread, with hidden checks, and with a chance that is written down."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from configs.experiments import BallotsConfig
from router.experiments.ballots.choosing import Chooser, Drafted
from router.experiments.ballots.model import Ballot, Cast, Compared, ShownPicture
from router.experiments.statistics.pair_choice import Belief
from tests.router.experiments.ballots.samples import ARMS, NOW


def a_pool(prompts: int, arms: tuple[str, ...]) -> list[Compared]:
    def pictures(number: int) -> dict[str, ShownPicture]:
        return {arm: ShownPicture(arm=arm, job=f"{arm}{number}", sha256="0", format="png", seed=1) for arm in arms}

    return [
        Compared(f"p{number}", f"prompt {number}", f"h{number}", "icon", "draft", 8, 8, pictures(number))
        for number in range(prompts)
    ]


class Panel:
    """Raters who answer all that they are shown."""

    def __init__(self, prompts: int, arms: tuple[str, ...] = ARMS[:2], **config: Any) -> None:
        self.pool, self.config = a_pool(prompts, arms), BallotsConfig(**config)
        spread = np.diag(np.linspace(1.0, 0.1, len(arms)))
        self.belief = Belief(arms, np.linspace(1.0, -1.0, len(arms)), spread)
        self.seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.rng = np.random.default_rng(7)

    def sit(self, rater: str, count: int) -> list[Ballot]:
        """Ballots asked for one by one."""
        mine: list[Ballot] = []
        for number in range(count):
            drafted = Chooser(self.pool, self.belief, self.config, mine, self.seen, self.rng).next()
            if drafted is None:
                break
            mine.append(self._answered(drafted, f"{rater}{number}", rater))
            if mine[-1].check is None:
                self.seen[(drafted.prompt_hash, tuple(sorted(drafted.arms)))] += 1
        return mine

    def _answered(self, drafted: Drafted, id: str, rater: str) -> Ballot:
        ballot = drafted.become(id, "e", 1, rater, (1, 1), NOW, NOW)
        return replace(ballot, cast=Cast(1, "left", {}, None, "", False, NOW))


def test_sides_are_balanced_for_each_rater_and_pair_of_arms() -> None:
    panel = Panel(60, ARMS, checks=0)
    for rater in ("ana", "ben"):
        left = Counter(ballot.arms for ballot in panel.sit(rater, 120))
        assert {tuple(sorted(arms)) for arms in left} == {tuple(sorted(arms)) for arms in _pairs(ARMS)}
        assert all(abs(left[arms] - left[arms[::-1]]) <= 1 for arms in _pairs(ARMS))


def _pairs(arms: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [(a, b) for a in arms for b in arms if a < b]


def test_votes_are_spread_over_prompts_and_a_share_overlaps() -> None:
    panel = Panel(200, checks=0, overlap=0.15)
    mine = [ballot for rater in ("ana", "ben", "eva") for ballot in panel.sit(rater, 40)]
    times = Counter(ballot.prompt_hash for ballot in mine)
    overlapping = sum(count - 1 for count in times.values())
    assert 5 <= overlapping <= 25
    assert max(times.values()) <= 3
    alone = Panel(60, checks=0, overlap=0)
    assert len({one.prompt_hash for rater in ("ana", "ben") for one in alone.sit(rater, 30)}) == 60


def test_a_share_are_hidden_checks_that_count_for_no_arm() -> None:
    panel = Panel(400, checks=0.2)
    mine = panel.sit("ana", 300)
    checks = Counter(ballot.check for ballot in mine)
    assert 40 <= checks["repeat"] + checks["gold"] <= 80
    assert min(checks["repeat"], checks["gold"]) >= 12
    by_id = {ballot.id: ballot for ballot in mine}
    for place, ballot in enumerate(mine):
        if ballot.repeats is not None:
            first = by_id[ballot.repeats]
            assert ballot.arms == first.arms[::-1]
            assert ballot.shown.pictures == first.shown.pictures[::-1]
            assert place - mine.index(first) > 3
        if ballot.gold is not None:
            assert len(set(ballot.arms)) == 1
            assert ballot.shown.spoil in ("blur", "jpeg")
    assert len({ballot.once for ballot in mine}) == 300
    assert {ballot.gold for ballot in mine if ballot.gold is not None} == {0, 1}


@pytest.mark.parametrize("choice", ["uniform", "information", "top_two"])
def test_the_chance_of_every_choice_is_written_down(choice: Any) -> None:
    panel = Panel(100, ARMS, checks=0, choice=choice)
    mine = panel.sit("ana", 100)
    least = 1 / 6 if choice == "uniform" else 0.2 / 6
    assert all(least - 1e-9 <= ballot.probability <= 1 for ballot in mine)
    by_pair = {tuple(sorted(ballot.arms)): ballot.probability for ballot in mine}
    if choice == "top_two":  # the two that are believed the best
        assert max(by_pair, key=lambda pair: by_pair[pair]) == ("champion", "klein")


def test_screens_differ_in_arms_or_prompts_until_none_is_left() -> None:
    panel = Panel(3, (*ARMS, "extra"), screen=4, checks=0)
    mine = panel.sit("ana", 100)
    assert 3 <= len(mine) <= 15
    assert len({(ballot.prompt_hash, frozenset(ballot.arms)) for ballot in mine}) == len(mine)
    assert all(len(set(ballot.arms)) == 4 for ballot in mine)
