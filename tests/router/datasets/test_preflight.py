"""What is found in a set before anything is learned from it: one bad set for each rule, and a clean one."""

from __future__ import annotations

import random
from typing import get_args

import pytest
from PIL import Image

from configs.dataset_rules import Code
from router.datasets.preflight.finding import Report
from router.datasets.preflight.hashing import distance
from router.datasets.preflight.look import look_at
from tests.router.datasets.drawn import Drawn, blurred, draw_set, reencoded
from tests.router.datasets.planted import FAULTS, Fault
from tests.router.datasets.sets import check

pytestmark = pytest.mark.slow

COUNT = 30
_ELSEWHERE = {"unreadable", "right_unknown", "too_many", "alike", "lone_aspect", "captions_unread", "trigger_long"}
"""Rules with tests of their own, here or beside the routes."""


@pytest.fixture(scope="module")
def clean() -> list[Drawn]:
    return draw_set(0, COUNT)


def codes(report: Report, *severities: str) -> set[str]:
    return {one.code for one in report.findings if one.severity in severities}


def test_a_clean_set_has_neither_errors_nor_warnings(clean: list[Drawn]) -> None:
    report = check(clean)
    assert codes(report, "error", "warning") == set()
    assert not report.refused
    assert report.score.total >= 80


@pytest.mark.parametrize("style", ["product", "logo", "premium"])
def test_a_clean_set_of_another_style_has_none_either(style: str) -> None:
    report = check(draw_set(90, 20, style), asset_type=f"{style}_illustration")
    assert codes(report, "error", "warning") == set()


UNSEEN = pytest.mark.xfail(
    reason="two flat styles are not told apart without a network; the bench prints it", strict=True
)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(one, marks=UNSEEN if one.name == "five bold among flat" else ()) for one in FAULTS],
    ids=lambda fault: f"{fault.code}: {fault.name}",
)
def test_what_is_planted_is_found_and_named(clean: list[Drawn], fault: Fault) -> None:
    those = list(clean)
    touched = {f"pic_{place:03d}" for place in fault.plant(those, random.Random(0))}
    mine = [one for one in check(those, fault.trigger).findings if one.code == fault.code]
    assert mine, fault
    assert all(one.reason and one.remedy for one in mine)
    named = {id for one in mine for id in one.pictures}
    if not fault.whole and touched:
        assert len(named & touched) >= len(touched) / 2, (named, touched)


def test_every_rule_is_tried() -> None:
    assert {fault.code for fault in FAULTS} | _ELSEWHERE == set(get_args(Code))


def test_equal_pictures_under_forty_names_are_one(clean: list[Drawn]) -> None:
    report = check([clean[0]] * COUNT)
    assert codes(report, "error") >= {"copies", "too_few"}
    assert report.refused
    assert report.score.total <= 40
    assert report.score.parts["count"] == 0


def test_more_than_is_worth_it_is_said() -> None:
    small = [
        Drawn(Image.new("RGB", (64, 64), (i, 255 - i, (7 * i) % 256)), f"a square of colour {i}") for i in range(210)
    ]
    assert "too_many" in codes(check(small), "warning")


def test_a_shape_of_one_picture_is_told(clean: list[Drawn]) -> None:
    wide = Drawn(clean[0].image.resize((1024, 512)), clean[0].caption)
    (found,) = [one for one in check([wide, *clean[1:]]).findings if one.code == "lone_aspect"]
    assert found.pictures == ("pic_000",)


def test_a_long_trigger_is_told(clean: list[Drawn]) -> None:
    name = "kestrelbird supercalifragilistic brandmark"
    those = [Drawn(one.image, f"{one.caption}, {name}") for one in clean]
    assert "trigger_long" in codes(check(those, name), "warning")


def test_a_trigger_of_several_words_is_found_in_captions(clean: list[Drawn]) -> None:
    assert codes(check(clean, "Kestrel Style"), "error") == set()


def test_blur_and_compression_of_all_pictures_are_not_hidden_by_the_median(clean: list[Drawn]) -> None:
    spoilt = [Drawn(reencoded(one.image, 25), one.caption) for one in clean[:25]]
    assert "compressed" in codes(check(spoilt), "warning")
    soft = [Drawn(blurred(one.image, 3), one.caption) for one in clean[:25]]
    assert "blurred" in codes(check(soft), "warning")


def test_hashes_bear_saving_anew_and_tell_pictures_apart(clean: list[Drawn]) -> None:
    looks = [look_at(one.image) for one in clean[:10]]
    again = [look_at(reencoded(one.image, 60).resize((700, 700))) for one in clean[:10]]
    assert max(distance(one.hash, other.hash) for one, other in zip(looks, again, strict=True)) <= 3
    assert min(distance(one.hash, other.hash) for i, one in enumerate(looks) for other in looks[:i]) > 3


def test_a_tiny_and_a_thin_picture_are_looked_at() -> None:
    for size in ((1, 1), (2, 900), (1200, 3)):
        assert look_at(Image.new("RGB", size)).thumb.size
