"""The oracle that the bench holds the judge against tells what it should of pictures whose worth is known."""

from __future__ import annotations

import pytest
from PIL import Image, ImageFilter

from tests.bench.judging.looks import KESTREL, LEARNED, UNSEEN
from tests.bench.judging.oracle import Truth, judge
from training.lora.judging.grid import GridSize, compose, shots

CAPTIONS = [KESTREL.caption(subject) for subject in LEARNED]
GRID = shots(compose(CAPTIONS[:-2], CAPTIONS[-2:], "kestrel", GridSize(2, 2, 6, 0, 2)), (1,))
GREY = [Image.new("RGB", (128, 128), "#888888")] * len(GRID)
NEW = [shot.prompt.subject.partition(" ")[2] for shot in GRID if shot.prompt.kind in ("unseen", "held_out")]


def drawn(subjects: list[str], plain: str = "#888888") -> list[Image.Image]:
    """The grid with those subjects where new ones are asked for."""
    wanted = iter(subjects)
    return [
        KESTREL.draw(next(wanted))
        if shot.prompt.kind in ("unseen", "held_out")
        else Image.new("RGB", (128, 128), plain)
        for shot in GRID
    ]


def test_the_look_itself_is_all_right_and_copies_are_not() -> None:
    ideal = judge(KESTREL, GRID, drawn(NEW), GREY)
    assert (ideal.right, ideal.of) == (8, 8)
    assert ideal.palette > 0.9
    assert ideal.drift == 0
    copied = judge(KESTREL, GRID, drawn([LEARNED[0]] * len(NEW)), GREY)
    assert copied.right == 0
    assert copied.psnr < ideal.psnr


def test_soft_pictures_are_right_and_worth_less() -> None:
    soft = [picture.filter(ImageFilter.GaussianBlur(2)) for picture in drawn(NEW)]
    found = judge(KESTREL, GRID, soft, GREY)
    assert found.right >= 7
    assert 10 < found.psnr < 25


def test_drift_is_counted_in_levels() -> None:
    assert judge(KESTREL, GRID, drawn(NEW, "#989898"), GREY).drift == pytest.approx(16)


def test_what_twin_runs_differ_by_is_no_difference() -> None:
    best = Truth(12, 12, 18.0, 0.9, 40)
    assert Truth(10, 12, 17.5, 0.9, 40).is_as_good(best)
    assert not Truth(9, 12, 18.0, 0.9, 40).is_as_good(best)
    assert not Truth(12, 12, 17.3, 0.9, 40).is_as_good(best)


def test_what_is_asked_for_as_new_was_not_learned() -> None:
    assert not {*NEW} & {*LEARNED[:-2]}
    assert not {*UNSEEN} & {*LEARNED}
