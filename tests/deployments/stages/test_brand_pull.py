"""Shaded pictures keep light and shade in a brand's colours, flat ones become exactly those; each picture is told
apart by what it is."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from coloraide import Color
from hypothesis import given, settings

from deployments.messages import Picture
from deployments.stages.brand_palette import BrandPalette, measure_adherence, palette_of
from deployments.stages.brand_pull import pull_softly
from deployments.stages.brand_snap import look_of, snap
from deployments.stages.oklab import Colours, Levels, to_oklab
from tests.deployments.pictures import icon, soft_icon, static
from tests.short_form import examples

RED, BLUE, INK, PAPER, GOLD = "#d13438", "#0078d4", "#201f1e", "#faf9f8", "#ffb900"
ROLES = ("primary", "primary", "neutral", "ground", "accent")
KIT = palette_of((RED, BLUE, INK, PAPER, GOLD), ROLES)
LEVELS = st.tuples(*[st.integers(0, 255)] * 3)
COLOUR = LEVELS.map(lambda levels: "#" + bytes(levels).hex())


def pixels(picture: Picture) -> Levels:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)


def one_pixel(colour: tuple[int, int, int]) -> Levels:
    return np.array([[colour]], np.uint8)


def ball(side: int = 256) -> Levels:
    """A ball in an orange that shades from light to dark, on a ground that runs through many colours."""
    y, x = np.mgrid[:side, :side] / side
    ground = np.stack([220 - 60 * y, 235 - 40 * x, 240 - 80 * y], axis=-1)
    light = 0.35 + 0.65 * (1 - ((x - 0.3) ** 2 + (y - 0.5) ** 2) * 9).clip(0, 1)
    inside = np.hypot(x - 0.4, y - 0.6) < 0.28
    shaded = np.where(inside[..., None], np.array([210, 90, 40]) * light[..., None], ground)
    return shaded.clip(0, 255).round().astype(np.uint8)


@given(LEVELS, st.floats(0.05, 1))
def test_a_soft_pull_keeps_lightness(colour: tuple[int, int, int], strength: float) -> None:
    before, after = one_pixel(colour), pull_softly(one_pixel(colour), KIT, strength)
    assert (
        abs(to_oklab(after)[..., 0] - to_oklab(before)[..., 0]).max() < 0.012
    )  # of a level each way, where it is dark


@given(LEVELS, COLOUR)
def test_a_soft_pull_to_one_colour_gives_it_its_hue(colour: tuple[int, int, int], goal: str) -> None:
    wanted = Color(goal).convert("oklch")
    before = Color("srgb", [level / 255 for level in colour]).convert("oklch")
    after = pull_softly(one_pixel(colour), palette_of([goal]), 1.0)
    found = Color("srgb", [level / 255 for level in after[0, 0]]).convert("oklch")
    if min(wanted["c"], before["c"]) < 0.05 or found["c"] < 0.03:
        assert found["c"] < max(wanted["c"], before["c"]) + 0.01, "greys have no hue"
    else:
        assert abs((found["h"] - wanted["h"] + 180) % 360 - 180) < 12, (found["h"], wanted["h"])


@given(st.integers(0, 255))
def test_a_grey_gets_no_colour(level: int) -> None:
    after = to_oklab(pull_softly(one_pixel((level,) * 3), palette_of((RED, BLUE)), 1.0))
    assert np.hypot(*after[0, 0, 1:]) < 0.005


@settings(max_examples=examples(30))
@given(st.floats(0.1, 1))
def test_a_stronger_pull_is_nearer(strength: float) -> None:
    picture = ball(48)
    near, far = (pull_softly(picture, KIT, one) for one in (1.0, strength))

    def hues(levels: Levels) -> Colours:
        return to_oklab(levels)[..., 1:]

    assert np.abs(hues(near) - hues(far)).mean() <= np.abs(hues(near) - hues(picture)).mean() + 1e-6


@pytest.mark.parametrize(
    ("picture", "look"),
    [
        (pixels(icon()), "flat"),
        (pixels(icon(noise=5)), "flat"),
        *((pixels(soft_icon(seed)), "flat") for seed in range(3)),
        (ball(), "shaded"),
        (pixels(static()), "shaded"),
    ],
    ids=["icon", "noisy icon", "soft 0", "soft 1", "soft 2", "ball", "static"],
)
def test_flat_pictures_are_told_from_shaded_ones(picture: Levels, look: str) -> None:
    assert look_of(picture) == look


@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_areas_become_exactly_the_colours_of_the_brand(noise: float) -> None:
    picture = pixels(icon(noise=noise))
    before, snapped = measure_adherence(picture, KIT), snap(picture, KIT, 1.0)
    after = measure_adherence(snapped, KIT)
    assert before.share < 0.94 < 0.985 < after.share
    assert after.p95 < 0.001 < before.p95
    for place, colour in (((150, 85), RED), ((110, 180), BLUE), ((20, 20), PAPER)):
        assert bytes(snapped[place]) == bytes.fromhex(colour[1:])


@pytest.mark.parametrize("seed", range(4))
def test_soft_lines_come_out_clean(seed: int) -> None:
    """Nine pixels in ten and more are of the brand; the rest are edges, a pixel and a half wide."""
    snapped = snap(pixels(soft_icon(seed)), KIT, 1.0)
    assert measure_adherence(snapped, KIT).share > 0.97
    greens = (snapped[..., 1].astype(int) > snapped[..., 0].astype(int) + 12).sum()
    assert greens == 0, "no third colour where two meet"


def test_what_the_palette_has_nothing_for_stays() -> None:
    picture = np.full((64, 64, 3), 255, np.uint8)
    picture[20:44, 20:44] = (200, 40, 60)
    snapped = snap(picture, palette_of((RED, BLUE)), 1.0)
    assert (snapped[:16] == 255).all(), "paper stays white"
    assert (snapped[24:40, 24:40] == np.frombuffer(bytes.fromhex(RED[1:]), np.uint8)).all()


def test_roles_decide_what_takes_what() -> None:
    def goal(colour: tuple[int, int, int], palette: BrandPalette = KIT) -> int:
        return int(palette.nearest(to_oklab(one_pixel(colour)))[0, 0])

    assert goal((110, 20, 28)) == 0, "a dark red is no ink"
    assert goal((20, 24, 50)) == 2, "what is nearly black is"
    assert goal((50, 50, 50)) == 2, "and so is a dark grey"
    assert goal((128, 128, 128)) == -1, "and a grey that is as far from ink as from paper stays"
    between = (240, 130, 30)
    assert goal(between, palette_of((RED, GOLD))) == 1
    assert goal(between, palette_of((RED, GOLD), ("primary", "accent"))) == 0, "an accent takes what is plainly its own"


def test_a_share_of_the_strength_goes_a_share_of_the_way() -> None:
    picture = np.full((32, 32, 3), (200, 30, 40), np.uint8)
    half, whole = (to_oklab(snap(picture, KIT, strength))[0, 0] for strength in (0.5, 1.0))
    middle = (to_oklab(picture)[0, 0] + whole) / 2
    assert np.abs(half - middle).max() < 0.005


@settings(max_examples=examples(50))
@given(st.lists(COLOUR, min_size=1, max_size=6, unique=True), st.lists(LEVELS, min_size=1, max_size=30))
def test_adherence_is_what_coloraide_counts(colours: list[str], row: list[tuple[int, int, int]]) -> None:
    def nearest(levels: tuple[int, int, int]) -> float:
        colour = Color("srgb", [level / 255 for level in levels])
        return min(colour.delta_e(one, method="ok") for one in colours)

    found = measure_adherence(np.array([row], np.uint8), palette_of(colours))
    distances = [nearest(levels) for levels in row]
    edge = sum(abs(distance - 0.05) < 1e-4 for distance in distances)
    assert abs(found.share * len(row) - sum(distance <= 0.05 for distance in distances)) <= edge + 1e-6
    assert abs(found.p95 - np.percentile(distances, 95)) < 1e-3


def test_a_pale_subject_does_not_become_one_with_its_ground() -> None:
    palette = palette_of(("#faf7f0", "#e0a526", "#1f2430"), ("ground", "accent", "neutral"))
    levels = np.full((64, 64, 3), (255, 255, 255), np.uint8)
    levels[16:48, 16:48] = (238, 222, 175)
    assert palette.nearest(to_oklab(levels[32, 32])) == palette.nearest(to_oklab(levels[0, 0])), "nothing to tell apart"
    snapped = snap(levels, palette, 1.0)
    assert tuple(snapped[0, 0]) == (0xFA, 0xF7, 0xF0)
    assert np.linalg.norm(to_oklab(snapped[32, 32]) - to_oklab(snapped[0, 0])) > 0.1
