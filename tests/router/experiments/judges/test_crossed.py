"""A judge in two halves: nobody is judged by who has learned from the same prompt."""

from __future__ import annotations

import numpy as np
import pytest

from router.experiments.judges.calibration import JudgedVote, calibrate
from router.experiments.judges.crossed import half_of, learn_crossed
from router.experiments.judges.judge import Seen
from router.experiments.judges.learned import ComparedPair
from router.experiments.judges.pixel_statistics import measure_pixels
from tests.router.experiments.judges.icons import Icon, Numbers, draw_icon


@pytest.fixture(scope="module")
def world() -> tuple[list[Icon], list[Numbers]]:
    rng = np.random.default_rng(4)
    icons = [draw_icon(rng) for _ in range(120)]
    return icons, [measure_pixels(icon.pixels) for icon in icons]


def pairs_of(world: tuple[list[Icon], list[Numbers]], count: int, taste: float = 1.0) -> list[ComparedPair]:
    """Two pictures of a prompt, a vote each. Without a taste, votes are a coin's."""
    icons, numbers = world
    rng = np.random.default_rng(5)
    pairs = []
    for number in range(count):
        i, j = (int(k) for k in rng.choice(len(icons), 2, replace=False))
        won = rng.random() < 1 / (1 + np.exp(-taste * (icons[i].liking - icons[j].liking)))
        pairs.append(ComparedPair(numbers[i], numbers[j], float(won), f"prompt {number}"))
    return pairs


def accuracy(pairs: list[ComparedPair]) -> float:
    judge = learn_crossed(pairs)
    votes = [
        JudgedVote(
            judge.value_of(pair.left, pair.prompt) - judge.value_of(pair.right, pair.prompt),
            pair.outcome,
            f"r{number % 8}",
            pair.prompt,
            pair.prompt,
        )
        for number, pair in enumerate(pairs)
    ]
    return calibrate(judge.id, judge.sha256, "icon", votes).accuracy.value


def test_a_taste_is_found_and_no_taste_is_not_learned_by_heart(world: tuple[list[Icon], list[Numbers]]) -> None:
    """Judged on the very votes that it came from, a single judge would look good on a coin's votes, too."""
    assert accuracy(pairs_of(world, 600)) > 0.64
    assert accuracy(pairs_of(world, 120, taste=0)) < 0.6


def test_what_was_voted_on_a_prompt_does_not_reach_how_it_is_judged(world: tuple[list[Icon], list[Numbers]]) -> None:
    pairs = pairs_of(world, 200)
    changed = [
        ComparedPair(
            pair.left, pair.right, 1 - pair.outcome if half_of(pair.prompt) == 0 else pair.outcome, pair.prompt
        )
        for pair in pairs
    ]
    judge, other = learn_crossed(pairs), learn_crossed(changed)
    for pair in pairs[:20]:
        same = judge.value_of(pair.left, pair.prompt) == other.value_of(pair.left, pair.prompt)
        assert same == (half_of(pair.prompt) == 0)
    seen = Seen(world[0][0].pixels)
    assert judge.score([seen], "prompt 1")[0].value == judge.value_of(world[1][0], "prompt 1")
    assert judge.sha256 != other.sha256


def test_half_of_the_prompts_must_have_enough_votes(world: tuple[list[Icon], list[Numbers]]) -> None:
    pairs = [pair for pair in pairs_of(world, 200) if half_of(pair.prompt) == 0]
    with pytest.raises(ValueError, match="on each half of the prompts; there are 0 on one of them"):
        learn_crossed(pairs)
