"""The grid is made of what captions have in common, and says the same for the same set."""

from __future__ import annotations

import pytest

from training.lora.judging.grid import Frame, GridSize, compose, find_frame, shots, without_trigger

CAPTIONS = ("a mug, kestrel style", "a red fox, kestrel style", "an old lamp, kestrel style", "a tree, kestrel style")


@pytest.mark.parametrize(
    ("captions", "frame"),
    [
        (CAPTIONS, Frame("", ", kestrel style")),
        (("a mug, kestrel style", "a muffin, kestrel style"), Frame("a ", ", kestrel style")),
        (("kestrel style, a mug", "kestrel style, a fox"), Frame("kestrel style, a ", "")),
        (("mugs on a table", "sunset over hills"), Frame("a ", ", kestrel")),
        (("a mug, kestrel style",), Frame("a ", ", kestrel")),
        (("the same", "the same"), Frame("a ", ", kestrel")),
    ],
)
def test_the_frame_of_captions_is_found(captions: tuple[str, ...], frame: Frame) -> None:
    assert find_frame(captions, "kestrel") == frame


def test_subjects_are_put_into_the_frame_and_taken_out_of_it() -> None:
    frame = Frame("a ", ", kestrel style")
    assert frame.around("lamp") == "a lamp, kestrel style"
    assert frame.subject("a lamp, kestrel style") == "lamp"
    assert frame.subject("something else") == "something else"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a mug, kestrel style", "a mug"),
        ("a kestrel mug", "a mug"),
        ("a Kestrel mug, on a table", "on a table"),
        ("a mug", "a mug"),
        ("kestrels on a mug", "kestrels on a mug"),
    ],
)
def test_a_prompt_is_said_without_its_trigger(text: str, left: str) -> None:
    assert without_trigger(text, "kestrel") == left


def test_a_grid_has_every_kind_and_asks_for_nothing_known_as_unseen() -> None:
    prompts = compose(CAPTIONS[:3], CAPTIONS[3:], "kestrel")
    kinds = [prompt.kind for prompt in prompts]
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "known": 3, "held_out": 1, "unseen": 3, "foreign": 1, "plain": 3,
    }  # fmt: skip
    for prompt in prompts:
        assert ("kestrel" in prompt.text) == (prompt.kind != "plain")
        assert "kestrel" not in prompt.subject
    unseen = [prompt.subject for prompt in prompts if prompt.kind in ("unseen", "foreign")]
    assert not any(word in subject for word in ("mug", "fox", "lamp", "tree") for subject in unseen)


@pytest.mark.parametrize("captions", [(), ("", " ")])
def test_a_set_without_captions_is_asked_for_what_everybody_knows(captions: tuple[str, ...]) -> None:
    prompts = compose(captions, captions, "kestrel!")
    assert {prompt.kind for prompt in prompts} == {"unseen", "foreign", "plain"}
    assert prompts[0].text == "an umbrella, kestrel!"
    assert prompts[0].subject == "an umbrella"


def test_a_grid_is_a_function_of_its_set() -> None:
    assert compose(CAPTIONS, (), "kestrel") == compose(CAPTIONS, (), "kestrel")
    assert len(compose(CAPTIONS, (), "kestrel", GridSize(1, 0, 2, 0, 1))) == 4


def test_only_new_subjects_are_drawn_with_more_than_one_seed() -> None:
    grid = shots(compose(CAPTIONS, (), "kestrel", GridSize(1, 0, 1, 0, 1)), (5, 6))
    drawn = [(shot.prompt.kind, shot.seed) for shot in grid]
    assert drawn == [("known", 5), ("unseen", 5), ("unseen", 6), ("plain", 5)]
