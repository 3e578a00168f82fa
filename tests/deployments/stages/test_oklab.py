"""Colours by the numbers of coloraide, which shares no code with ours: the way there, distances, and what a screen can
show."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from coloraide import Color
from hypothesis import given

from deployments.stages.oklab import Colours, fit_to_srgb, from_linear, from_oklab, to_levels, to_linear, to_oklab

LEVELS = st.tuples(*[st.integers(0, 255)] * 3)
ANY_LAB = st.tuples(st.floats(-0.1, 1.1), st.floats(-0.45, 0.45), st.floats(-0.45, 0.45))


def levels(*colours: tuple[int, int, int]) -> Colours:
    return np.array(colours, np.float32)


def srgb(colour: tuple[int, int, int]) -> Color:
    return Color("srgb", [level / 255 for level in colour])


@given(LEVELS)
def test_oklab_is_that_of_coloraide_and_leads_back(colour: tuple[int, int, int]) -> None:
    (lab,) = to_oklab(levels(colour))
    assert np.abs(lab - srgb(colour).convert("oklab").coords()).max() < 2e-6
    assert np.abs(from_oklab(lab) - colour).max() < 0.02
    assert (fit_to_srgb(lab) == colour).all()
    assert (to_oklab(levels(colour).astype(np.uint8)) == lab).all()


@given(LEVELS, LEVELS)
def test_a_distance_is_that_of_coloraide(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    first, second = to_oklab(levels(one, other))
    assert abs(np.linalg.norm(first - second) - srgb(one).delta_e(srgb(other), method="ok")) < 1e-5


@given(ANY_LAB)
def test_what_no_screen_shows_loses_chroma_and_nothing_else(lab: tuple[float, float, float]) -> None:
    fitted = fit_to_srgb(np.array(lab, np.float32))
    asked = Color("oklab", list(lab))
    asked["l"] = min(max(asked["l"], 0), 1)
    expected = asked.convert("oklch").fit("srgb", method="oklch-chroma", jnd=0).convert("srgb")
    assert np.abs(fitted - np.array(expected.coords()) * 255).max() <= 1.2


def test_every_level_leads_to_light_and_back() -> None:
    every = np.arange(256, dtype=np.uint8)
    assert (to_levels(to_linear(every)) == every).all()
    assert np.abs(from_linear(to_linear(every)) - every).max() < 1e-3
    assert abs(to_linear(every)[188] - 0.5029) < 1e-4, "half the light is not half the level"
