"""What judges a newcomer's pictures: the right subject is nearest, and another one is named."""

from __future__ import annotations

from tests.bench.newcomer.oracle import Asked, find_wrong
from training.mini.look_sets import render
from training.mini.looks import LOOKS

LOOK = LOOKS["kestrel"]


def test_a_picture_of_another_subject_is_named_and_the_right_one_is_not() -> None:
    asked = [Asked("teal", "mug"), Asked("orange", "key")]
    drawn = [render(LOOK, one.subject, one.colour) for one in asked]
    assert [one.words for one in asked] == ["a teal mug", "an orange key"]
    assert find_wrong(LOOK, asked, [one.resize((512, 512)) for one in drawn]) == []
    assert find_wrong(LOOK, asked, [drawn[0], render(LOOK, "crown", "orange")]) == ["key (as crown)"]
