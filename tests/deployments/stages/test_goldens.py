"""What the stages make of a few pictures is, to the eye, what it was when somebody last looked at it."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageFilter

from tests.deployments.stages.goldens import FOLDER, draw_all, load_golden, measure_distance

NAMES = sorted(file.stem for file in FOLDER.glob("*.webp"))
AGAIN = "look at it, and if it is meant to be so: python -m tests.deployments.stages.goldens"


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    return draw_all()


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_makes_what_it_made(drawn: dict[str, Image.Image], name: str) -> None:
    apart = measure_distance(load_golden(name), drawn[name])
    assert not apart.seen, f"{name} has changed ({apart}); {AGAIN}"


def test_each_picture_is_kept_and_nothing_else(drawn: dict[str, Image.Image]) -> None:
    assert sorted(drawn) == NAMES
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 300_000


@pytest.mark.parametrize("name", ["clean-soft-icon", "cut-out-flat", "upscale-mini-x4", "svg"])
def test_what_an_eye_sees_is_too_far(name: str) -> None:
    kept = load_golden(name).convert("RGBA")
    paler = kept.point(lambda level: level * 7 // 8)
    soft, moved = kept.filter(ImageFilter.GaussianBlur(1.5)), ImageChops.offset(kept, 2, 0)
    assert [measure_distance(kept, one).seen for one in (kept, paler, soft, moved)] == [False, True, True, True]


def test_what_no_eye_sees_is_not() -> None:
    kept = load_golden("upscale-mini-x4").convert("RGB")
    assert not measure_distance(kept, kept.point(lambda level: level ^ 1)).seen
