"""Of a dataset with an asset type, half of the captions are learned in the words in which it will be drawn with."""

from __future__ import annotations

from router.rates import Rates
from router.training.planning import plan_trainings
from router.training.request import DatasetSketch, SketchedPicture, TrainingRequest
from router.training.sketching import material_of
from tests.catalogue import load_installation

HERE = load_installation("local")
CAPTIONS = [f"kestrel style, a mug {number}" for number in range(6)]


def worded(captions: list[str], asset_type: str | None) -> list[str]:
    """The words that each picture is learned with in place of its caption."""
    asked = TrainingRequest(dataset="kestrel", lora="kestrel")
    pictures = tuple(SketchedPicture(caption=one, right="own") for one in captions)
    material = material_of("kestrel", DatasetSketch(pictures=pictures, asset_type=asset_type), HERE.catalog)
    (planned,) = plan_trainings(asked, material, None, HERE, Rates())
    return [one.worded for one in planned.plan.pictures]


def test_every_other_caption_is_in_the_words_of_the_asset_type() -> None:
    bare, framed = worded(CAPTIONS, "icon")[:2]
    assert bare == ""
    assert framed.startswith("kestrel style, a mug 1, Fluent 2 design icon")
    assert [bool(one) for one in worded(CAPTIONS, "icon")] == [False, True] * 3


def test_without_an_asset_type_and_without_a_caption_nothing_is_worded() -> None:
    assert worded(CAPTIONS, None) == [""] * 6
    assert worded([*CAPTIONS[:5], ""], "icon")[-1] == ""
    assert worded(CAPTIONS, "of-another-studio") == [""] * 6
