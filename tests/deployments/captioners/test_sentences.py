"""Sentences say what is sure, in the world's words, and are unsure where something had to be left out."""

from __future__ import annotations

import pytest

from deployments.captioners.captioner import Caption
from deployments.captioners.sentences import Answer, Grammar, tell

GRAMMAR = Grammar(
    people=("woman",),
    plural=("headphones", "shoes"),
    grounds={"white": "on a white background", "hills": "in the hills"},
    styles={"icon": "an icon"},
    anything="a picture",
    sure={"subject": 0.6, "colour": 0.6, "background": 0.6, "style": 0.6, "garment": 0.6},
)


def seen(**said: tuple[str, float]) -> dict[str, Answer]:
    usual = {"subject": ("mug", 1.0), "colour": ("red", 1.0), "background": ("white", 1.0), "style": ("icon", 1.0)}
    worn = {"garment:coat": ("none", 1.0), "garment:shoes": ("none", 1.0)}
    told = usual | worn | {name.replace("_", ":"): answer for name, answer in said.items()}
    return {name: Answer(said=word, likely=likely) for name, (word, likely) in told.items()}


@pytest.mark.parametrize(
    ("said", "caption"),
    [
        ({}, Caption("a red mug on a white background")),
        ({"colour": ("orange", 0.9)}, Caption("an orange mug on a white background")),
        ({"subject": ("headphones", 0.9)}, Caption("red headphones on a white background")),
        ({"background": ("hills", 0.9)}, Caption("a red mug in the hills")),
        ({"background": ("hills", 0.5)}, Caption("a red mug")),
        ({"background": ("other", 1.0)}, Caption("a red mug")),
        ({"colour": ("red", 0.4)}, Caption("a mug on a white background", unsure=True)),
        ({"subject": ("mug", 0.4)}, Caption("an icon on a white background", unsure=True)),
        ({"subject": ("other", 0.9), "background": ("other", 0.9)}, Caption("an icon", unsure=True)),
        ({"subject": ("mug", 0.1), "style": ("icon", 0.3)}, Caption("a picture on a white background", unsure=True)),
    ],
)
def test_what_is_sure_is_said_and_the_rest_left_out(said: dict[str, tuple[str, float]], caption: Caption) -> None:
    assert tell(seen(**said), GRAMMAR) == caption


@pytest.mark.parametrize(
    ("said", "caption"),
    [
        ({}, Caption("a woman on a white background")),
        ({"garment_coat": ("blue", 0.9)}, Caption("a woman in a blue coat on a white background")),
        (
            {"garment_coat": ("blue", 0.9), "garment_shoes": ("white", 0.9)},
            Caption("a woman in a blue coat and white shoes on a white background"),
        ),
        ({"garment_coat": ("blue", 0.5)}, Caption("a woman on a white background", unsure=True)),
        ({"garment_coat": ("none", 0.5)}, Caption("a woman on a white background", unsure=True)),
    ],
)
def test_of_people_it_says_what_they_wear(said: dict[str, tuple[str, float]], caption: Caption) -> None:
    assert tell(seen(subject=("woman", 1.0), **said), GRAMMAR) == caption
