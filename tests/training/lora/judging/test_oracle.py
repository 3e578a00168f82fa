"""The oracle that the bench holds the judge against tells what it should of pictures whose worth is known."""

from __future__ import annotations

import pytest
from PIL import Image, ImageFilter

from tests.bench.judging.looks import KESTREL, LEARNED, UNSEEN
from tests.bench.judging.oracle import PLAIN, Truth, judge, questions

GREY = [Image.new("RGB", (128, 128), "#888888")] * len(PLAIN)


def test_the_look_itself_is_all_right_and_copies_are_not() -> None:
    ideal = judge(KESTREL, [KESTREL.draw(one) for one in UNSEEN], GREY, GREY)
    assert (ideal.right, ideal.of) == (12, 12)
    assert ideal.palette > 0.9
    assert ideal.drift == 0
    copied = judge(KESTREL, [KESTREL.draw(LEARNED[0])] * 12, GREY, GREY)
    assert copied.right == 0
    assert copied.psnr < ideal.psnr


def test_soft_pictures_are_right_and_worth_less() -> None:
    soft = [KESTREL.draw(one).filter(ImageFilter.GaussianBlur(2)) for one in UNSEEN]
    found = judge(KESTREL, soft, GREY, GREY)
    assert found.right >= 11
    assert 10 < found.psnr < 25


def test_drift_is_counted_in_levels() -> None:
    moved = [Image.new("RGB", (128, 128), "#989898")] * len(PLAIN)
    assert judge(KESTREL, [KESTREL.draw(one) for one in UNSEEN], moved, GREY).drift == pytest.approx(16)


def test_what_twin_runs_differ_by_is_no_difference() -> None:
    best = Truth(12, 12, 18.0, 0.9, 40)
    assert Truth(10, 12, 17.5, 0.9, 40).is_as_good(best)
    assert not Truth(9, 12, 18.0, 0.9, 40).is_as_good(best)
    assert not Truth(12, 12, 17.3, 0.9, 40).is_as_good(best)


def test_the_oracle_asks_for_nothing_that_was_learned() -> None:
    triggered, plain = questions(KESTREL)
    assert not {shot.prompt.subject.removeprefix("a ") for shot in triggered} & {*LEARNED}
    assert not any(KESTREL.trigger in shot.prompt.text for shot in plain)
