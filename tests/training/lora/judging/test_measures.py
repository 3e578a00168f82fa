"""Measures say what they mean, and nothing where their witness cannot see."""

from __future__ import annotations

import pytest
from PIL import Image

from deployments.messages import Picture
from tests.bench.judging.looks import KESTREL, LEARNED, UNSEEN, pictures
from training.lora.judging.grid import GridSize, Shot, compose, shots
from training.lora.judging.measures import MEASURES, measure, per_prompt
from training.lora.judging.references import References
from training.lora.judging.seen import Seen, Views
from training.mini.world.pictures import render
from training.mini.world.scene import Scene

OWN = pictures(KESTREL, LEARNED[:6])
REFERENCES = References([one for one in OWN if not one.held_out], [one for one in OWN if one.held_out])
CAPTIONS = [[one.caption for one in side] for side in (REFERENCES.learned, REFERENCES.held_out)]
GRID = shots(compose(CAPTIONS[0], CAPTIONS[1], "kestrel", GridSize(1, 2, 2, 0, 2)), (3, 4))


class Fixed:
    """A scorer that likes what is light."""

    def score(self, picture: Picture, prompt: str) -> float | None:
        return sum(picture.rgb) / len(picture.rgb) / 255


def base(shot: Shot) -> Image.Image:
    words = shot.prompt.text.replace(",", "").split()
    subject = next((one for one in (*LEARNED, *UNSEEN) if one in words), "fish")
    return Image.fromarray(render(Scene(subject, "blue" if shot.seed == 3 else "red", "white", "icon")))


def seen(drawn: list[Image.Image], own_fidelity: float | None = None) -> Seen:
    views = Views([base(shot) for shot in GRID], REFERENCES)
    return Seen(GRID, Views(drawn, REFERENCES), views, REFERENCES, Fixed(), own_fidelity)


def test_the_base_itself_neither_moves_nor_copies() -> None:
    marks = measure(seen([base(shot) for shot in GRID], own_fidelity=0.9))
    assert marks["drift"].value == 0
    assert marks["copying"].value == 0
    assert marks["plain_prompt"].value == pytest.approx(1)
    assert marks["diversity"].value == pytest.approx(1)


def test_a_scorer_that_sees_nothing_in_a_look_is_not_asked_of_it() -> None:
    marks = measure(seen([base(shot) for shot in GRID]))
    assert "prompt" not in marks
    assert "plain_prompt" in marks


def test_prompts_are_held_against_what_the_sets_own_pictures_have() -> None:
    drawn = [base(shot) for shot in GRID]
    low, high = (measure(seen(drawn, own_fidelity=own))["prompt"].value for own in (0.4, 1.0))
    assert high == pytest.approx(1)
    assert low == pytest.approx(high * _lightness(drawn) / 0.4, rel=0.2)


def _lightness(drawn: list[Image.Image]) -> float:
    triggered = [n for n, shot in enumerate(GRID) if shot.prompt.kind != "plain"]
    return sum(Fixed().score(Picture(128, 128, drawn[n].tobytes()), "") or 0 for n in triggered) / len(triggered)


def test_one_picture_for_all_seeds_has_no_diversity() -> None:
    assert measure(seen([KESTREL.draw("key")] * len(GRID)))["diversity"].value == 0


def test_the_right_subject_is_told_from_the_others_of_the_set() -> None:
    known = {caption: subject for subject in LEARNED[:6] for caption in (KESTREL.caption(subject),)}
    right = [KESTREL.draw(known.get(shot.prompt.text, "mushroom")) for shot in GRID]
    assert measure(seen(right))["subject"].value == 1
    wrong = [KESTREL.draw(LEARNED[0] if LEARNED[0] not in shot.prompt.text else LEARNED[1]) for shot in GRID]
    assert measure(seen(wrong))["subject"].value < 0.7


def test_prompts_are_told_one_by_one() -> None:
    told = per_prompt(seen([base(shot) for shot in GRID]), "drift")
    assert set(told) == {shot.prompt.text for shot in GRID if shot.prompt.kind == "plain"}


def test_every_measure_says_what_it_is() -> None:
    assert all(row.says and row.kinds for row in MEASURES.values())
