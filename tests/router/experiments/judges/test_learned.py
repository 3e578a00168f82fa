"""A judge learned from votes, and what it is worth."""

from __future__ import annotations

import numpy as np
import pytest

from router.experiments.judges.calibration import JudgedVote, agreement_of_people, calibrate
from router.experiments.judges.judge import Seen
from router.experiments.judges.judging import ask_first, judge_pairs
from router.experiments.judges.learned import ComparedPair, LearnedJudge, LearnedWeights, learn
from router.experiments.judges.pixel_statistics import measure_pixels
from tests.router.experiments.judges.icons import Icon, Numbers, draw_icon

ICONS, SEEN = 240, 160


@pytest.fixture(scope="module")
def world() -> tuple[list[Icon], list[Numbers]]:
    rng = np.random.default_rng(0)
    icons = [draw_icon(rng) for _ in range(ICONS)]
    return icons, [measure_pixels(icon.pixels) for icon in icons]


def vote(rng: np.random.Generator, icons: list[Icon], of: range) -> tuple[int, int, float]:
    i, j = rng.choice(np.array(of), 2, replace=False)
    return int(i), int(j), float(rng.random() < 1 / (1 + np.exp(icons[j].liking - icons[i].liking)))


def learn_from(world: tuple[list[Icon], list[Numbers]], votes: int, seed: int = 0) -> LearnedJudge:
    icons, numbers = world
    rng = np.random.default_rng(seed)
    cast = [vote(rng, icons, range(SEEN)) for _ in range(votes)]
    return LearnedJudge(learn([ComparedPair(numbers[i], numbers[j], won, f"p{i % 50}") for i, j, won in cast]))


def right(world: tuple[list[Icon], list[Numbers]], judge: LearnedJudge) -> float:
    """Of votes on icons that it has not seen."""
    icons, numbers = world
    rng = np.random.default_rng(9)
    cast = [vote(rng, icons, range(SEEN, ICONS)) for _ in range(1500)]
    return float(np.mean([(judge.value_of(numbers[i]) > judge.value_of(numbers[j])) == won for i, j, won in cast]))


@pytest.mark.slow
def test_more_votes_make_a_better_judge(world: tuple[list[Icon], list[Numbers]]) -> None:
    few = np.mean([right(world, learn_from(world, 50, seed)) for seed in range(3)])
    many = right(world, learn_from(world, 1000))
    assert 0.56 < few < many
    assert many > 0.66


def test_a_judge_of_noise_is_a_coin(world: tuple[list[Icon], list[Numbers]]) -> None:
    _, numbers = world
    rng = np.random.default_rng(1)
    pairs = []
    for number in range(300):
        i, j = rng.choice(SEEN, 2)
        pairs.append(ComparedPair(numbers[i], numbers[j], float(rng.random() < 0.5), f"p{number % 50}"))
    assert right(world, LearnedJudge(learn(pairs))) == pytest.approx(0.5, abs=0.09)


def test_sides_do_not_matter_to_what_is_learned(world: tuple[list[Icon], list[Numbers]]) -> None:
    icons, numbers = world
    rng = np.random.default_rng(2)
    cast = [vote(rng, icons, range(SEEN)) for _ in range(100)]
    one = learn([ComparedPair(numbers[i], numbers[j], won, f"p{i}") for i, j, won in cast])
    other = learn([ComparedPair(numbers[j], numbers[i], 1 - won, f"p{i}") for i, j, won in cast])
    assert one.weights == pytest.approx(other.weights, abs=1e-7)


def test_a_judge_is_kept_as_a_document_and_known_by_its_hash(world: tuple[list[Icon], list[Numbers]]) -> None:
    judge = learn_from(world, 60)
    again = LearnedJudge(LearnedWeights.model_validate_json(judge.weights.model_dump_json()))
    assert (again.sha256, again.value_of(world[1][0])) == (judge.sha256, judge.value_of(world[1][0]))
    assert learn_from(world, 60, seed=1).sha256 != judge.sha256


def test_too_few_votes_teach_nothing(world: tuple[list[Icon], list[Numbers]]) -> None:
    with pytest.raises(ValueError, match="from 30 votes at least; there are 7"):
        learn_from(world, 7)


def judged_votes(count: int, agreement: float, seed: int = 0, scale: float = 3.0) -> list[JudgedVote]:
    """Of a judge that is right so often, whatever its differences are, and is far too sure of itself."""
    rng = np.random.default_rng(seed)
    votes = []
    for number in range(count):
        difference = float(rng.normal(0, scale))
        agrees = rng.random() < agreement
        votes.append(
            JudgedVote(
                difference, float((difference > 0) == agrees), f"r{number % 8}", f"p{number % 60}", f"{number // 2}"
            )
        )
    return votes


def test_a_judge_that_says_what_people_say_is_on_and_a_coin_is_off() -> None:
    good, coin, hardly = (calibrate("j", "h", "icon", judged_votes(400, share)) for share in (0.75, 0.5, 0.57))
    assert good.enabled
    assert good.accuracy.low < 0.75 < good.accuracy.high
    assert not coin.enabled
    assert "where 60% are needed" in hardly.why
    assert calibrate("j", "h", "icon", judged_votes(12, 1.0)).why == "12 votes to try it on, where 30 are needed"
    assert calibrate("j", "h", "icon", []).enabled is False
    few = calibrate("j", "h", "icon", judged_votes(34, 0.62, seed=5))
    assert not few.enabled


def test_one_slope_makes_chances_of_numbers_that_are_too_sure() -> None:
    rng = np.random.default_rng(0)
    differences = rng.normal(0, 3, 600)
    won = rng.random(600) < 1 / (1 + np.exp(-0.35 * differences))  # its numbers are three times too large
    votes = [
        JudgedVote(float(d), float(w), f"r{n % 8}", f"p{n % 60}", str(n))
        for n, (d, w) in enumerate(zip(differences, won, strict=True))
    ]
    found = calibrate("j", "h", "icon", votes)
    assert found.slope == pytest.approx(0.35, abs=0.07)
    assert found.raw_error > 0.1
    assert found.error < found.raw_error / 2
    assert found.chance(0) == 0.5
    assert found.chance(3) == pytest.approx(0.74, abs=0.05)


def test_the_ceiling_is_how_often_people_agree_with_each_other() -> None:
    rng = np.random.default_rng(0)
    votes = []
    for pair in range(400):
        chance = 0.8 if rng.random() < 0.5 else 0.2
        votes += [
            JudgedVote(0.0, float(rng.random() < chance), f"r{rater}", f"p{pair}", f"{pair}") for rater in range(3)
        ]
    assert agreement_of_people(votes) == pytest.approx(0.8**2 + 0.2**2, abs=0.03)
    assert agreement_of_people(votes[::3]) is None, "nobody saw what another one saw"


def test_pairs_are_judged_by_a_judge_that_is_on_and_as_it_was_calibrated(
    world: tuple[list[Icon], list[Numbers]],
) -> None:
    judge = learn_from(world, 400)
    seen = [Seen(icon.pixels) for icon in world[0][:4]]
    pairs = [(seen[0], seen[1]), (seen[1], seen[0]), (seen[2], seen[2])]
    on = calibrate(judge.id, judge.sha256, "icon", judged_votes(300, 0.75))
    chances = judge_pairs(judge, on, pairs, "an owl")
    assert chances[0] is not None
    assert chances[1] == pytest.approx(1 - chances[0])
    assert chances[2] == 0.5
    with pytest.raises(ValueError, match="is off for icon: it says"):
        judge_pairs(judge, calibrate(judge.id, judge.sha256, "icon", judged_votes(300, 0.5)), pairs, "")
    with pytest.raises(ValueError, match="calibrate it anew"):
        judge_pairs(learn_from(world, 50), on, pairs, "")


def test_people_are_asked_first_what_the_judge_does_not_know() -> None:
    assert ask_first([0.9, 0.52, None, 0.3]) == [2, 1, 3, 0]
