"""Which candidates are drawn, drawn again, and chosen: the same from the same scores, in whatever order they came."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from router.choosing import Choice


def fidelity(*values: float) -> dict[int, dict[str, float]]:
    return {number: {"fidelity": value} for number, value in enumerate(values)}


def test_the_best_are_kept_the_best_first() -> None:
    choice = Choice(best_of=4, keep=2)
    assert choice.next_round({}) == (0, 1, 2, 3)
    assert choice.choose(fidelity(0.2, 0.9, 0.1, 0.6)) == (1, 3)
    assert choice.next_round(fidelity(0.2, 0.9, 0.1, 0.6)) == ()


def test_of_two_that_are_as_good_the_one_drawn_first_is_kept() -> None:
    assert Choice(best_of=3, keep=1).choose(fidelity(0.5, 0.7, 0.7)) == (1,)


def test_what_was_scored_before_a_crash_is_not_drawn_again() -> None:
    scored = {0: {"fidelity": 0.1}, 2: {"fidelity": 0.3}}
    assert Choice(best_of=4, keep=1).next_round(scored) == (1, 3)


def test_a_round_is_drawn_for_each_picture_that_is_missing() -> None:
    choice = Choice(best_of=4, keep=2, retry_below={"fidelity": 0.5}, tries=3)
    assert choice.most == 12
    one_passes = fidelity(0.6, 0.1, 0.2, 0.3)
    assert choice.next_round(one_passes) == (4, 5)
    none_of_the_new = one_passes | {4: {"fidelity": 0.4}, 5: {"fidelity": 0.45}}
    assert choice.next_round(none_of_the_new) == (6, 7)
    spent = none_of_the_new | {6: {"fidelity": 0.2}, 7: {"fidelity": 0.1}}
    assert choice.next_round(spent) == (), "three tries, and no more"
    assert choice.choose(spent) == (0, 5), "the best of those that do not pass"


def test_pictures_without_a_choice_among_them_are_redrawn_one_by_one() -> None:
    choice = Choice(best_of=3, keep=3, retry_below={"fidelity": 0.5}, tries=2)
    assert choice.next_round(fidelity(0.9, 0.2, 0.8)) == (3,)


def test_one_that_passes_goes_before_one_with_a_higher_score_that_does_not() -> None:
    choice = Choice(best_of=2, keep=1, retry_below={"sharpness": 0.5})
    blurred, sharp = {"fidelity": 0.9, "sharpness": 0.1}, {"fidelity": 0.6, "sharpness": 0.7}
    assert choice.choose({0: blurred, 1: sharp}) == (1,)


def test_what_was_not_measured_does_not_pass() -> None:
    assert not Choice(best_of=1, keep=1, retry_below={"sharpness": 0.1}).passes({"fidelity": 1.0})


@given(
    best_of=st.integers(1, 6),
    keep=st.integers(1, 6),
    tries=st.integers(1, 4),
    least=st.none() | st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_every_choice_ends_and_does_not_depend_on_what_came_first(
    best_of: int, keep: int, tries: int, least: float | None, seed: int
) -> None:
    keep = min(keep, best_of)
    below = {} if least is None else {"fidelity": least}
    choice = Choice(best_of=best_of, keep=keep, retry_below=below, tries=tries)
    rng = random.Random(seed)
    values = [rng.choice((0.1, 0.5, 0.9)) for _ in range(choice.most)]
    scored: dict[int, dict[str, float]] = {}
    while drawn := choice.next_round(scored):
        number = rng.choice(drawn)  # the others are lost in a crash
        scored[number] = {"fidelity": values[number]}
    chosen = choice.choose(scored)
    assert len(chosen) == len(set(chosen)) == keep
    assert max(scored) < choice.most
    assert sorted(scored) == list(range(len(scored))), "seeds are used in turn"
    backwards = dict(reversed(scored.items()))
    assert choice.choose(backwards) == chosen
    left = [scored[number]["fidelity"] for number in scored if number not in chosen]
    assert all(scored[number]["fidelity"] >= value for number in chosen for value in left)
