"""What is picked: gates first, then the earliest that looks as good as the best, at no more strength than it takes."""

from __future__ import annotations

import pytest

from configs.judgement import JudgedAdapter, Mark, MeasureName
from training.lora.judging.pick import CAUTIONS, choose, failures, finalists, others


def one(step: int, style: float, strength: float = 1.0, error: float = 0.03, **marks: float) -> JudgedAdapter:
    given: dict[MeasureName, Mark] = {"style": Mark(value=style, error=error)}
    given |= {name: Mark(value=value, error=0.0) for name, value in marks.items()}  # type: ignore[misc]
    cautions = failures(given, CAUTIONS)
    return JudgedAdapter(step=step, strength=strength, marks=given, failed=failures(given), cautions=cautions)


def test_the_earliest_that_cannot_be_told_from_the_best_is_taken() -> None:
    pick = choose([one(50, 0.60), one(100, 0.80), one(150, 0.88), one(200, 0.90), one(250, 0.89)])
    assert (pick.step, pick.strength, pick.recommended) == (150, 1.0, True)
    assert "step 200 at strength 1 looks better by 0.020, within its error of 0.030: that is chance" in pick.reasons


def test_what_is_clearly_better_is_worth_waiting_for() -> None:
    pick = choose([one(100, 0.80), one(200, 0.90)])
    assert pick.step == 200
    assert "no other that passes looks better" in pick.reasons


@pytest.mark.parametrize(
    ("marks", "wrong"),
    [
        ({"prompt": 0.7}, "no longer draws what is asked for"),
        ({"copying": 0.6}, "draws pictures of the set where other subjects are asked for"),
        ({"overfit": 1.4}, "knows its pictures by heart"),
    ],
)
def test_a_gate_goes_before_looks(marks: dict[str, float], wrong: str) -> None:
    late = one(200, 0.99, **marks)
    assert any(wrong in failed for failed in late.failed)
    pick = choose([one(100, 0.6), late])
    assert pick.step == 100
    assert any(f"step 200 at strength 1 {wrong}" in reason for reason in pick.reasons)


def test_less_strength_is_taken_where_it_looks_as_good_and_drifts_less() -> None:
    pick = choose([one(100, 0.9, drift=0.6), one(100, 0.89, 0.8, drift=0.4), one(100, 0.7, 0.6, drift=0.2)])
    assert (pick.step, pick.strength) == (100, 0.8)


def test_less_strength_can_pass_where_full_strength_does_not() -> None:
    pick = choose([one(100, 0.95, copying=0.5), one(100, 0.85, 0.6, copying=0.0)])
    assert (pick.strength, pick.recommended) == (0.6, True)


def test_a_caution_decides_between_equals_and_costs_no_look() -> None:
    drifting = one(100, 0.9, drift=1.5)
    assert choose([drifting, one(150, 0.89, drift=0.4)]).step == 150
    alone = choose([one(50, 0.6, drift=0.1), drifting])
    assert (alone.step, alone.recommended) == (100, True)
    assert any("changes pictures that do not ask for it" in reason for reason in alone.reasons)


def test_where_none_passes_the_least_bad_is_named_and_not_recommended() -> None:
    pick = choose([one(100, 0.5, copying=1, prompt=0.2), one(200, 0.9, copying=1), one(300, 0.8, copying=1)])
    assert (pick.step, pick.recommended) == (200, False)
    assert pick.reasons[0].startswith("none of them can be recommended")
    assert any("draws pictures of the set" in reason for reason in pick.reasons)


def test_where_none_passes_it_says_what_helps() -> None:
    pick = choose([one(300, 0.9, overfit=1.5)], {100: {0.5: 0.2}, 300: {0.5: 0.3}})
    assert not pick.recommended
    assert pick.reasons[-1] == (
        "what helps: more pictures, fewer steps, or a lower rank or rate; "
        "the loss of pictures held back was least after step 100"
    )
    assert choose([one(300, 0.9, copying=1)]).reasons[-1].endswith("or a lower rank or rate")


def test_what_draws_nothing_is_never_picked() -> None:
    lost = JudgedAdapter(step=100, strength=1.0, lost="not a number")
    assert choose([lost, one(50, 0.2)]).step == 50
    with pytest.raises(ValueError, match="no checkpoint draws anything"):
        choose([lost])


def test_lower_strengths_are_worth_drawing_of_the_earliest_as_good_and_of_the_best() -> None:
    assert finalists([one(50, 0.5), one(100, 0.88), one(150, 0.9)]) == [100, 150]
    assert finalists([one(50, 0.5, copying=1), one(100, 0.9, copying=1)]) == [100]
    assert finalists([]) == []


def test_a_person_is_shown_the_best_look_and_the_next_step_too() -> None:
    judged = [one(100, 0.88), one(150, 0.86), one(200, 0.9)]
    shown = others(judged, choose(judged))
    assert [other.step for other in shown] == [200, 150]


def test_held_out_loss_is_told_at_much_noise() -> None:
    losses = {100: {0.1: 0.1, 0.9: 0.5}, 200: {0.1: 0.2, 0.9: 0.4}}
    assert any("least at step 200" in reason for reason in choose([one(100, 0.9)], losses).reasons)
