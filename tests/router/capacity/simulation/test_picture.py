"""A run as a picture: what it shows, and that it is shown to the end."""

from __future__ import annotations

from configs.capacity import CapacityPolicy
from router.capacity.simulation.loop import run
from router.capacity.simulation.picture import COLOURS, Side, draw
from router.capacity.simulation.scaling import fixed, planned
from router.capacity.simulation.trace import Trace
from router.charts.files import to_svg
from router.charts.shapes import Line, Text
from tests.router.capacity.simulation.settings import jobs_at, kind, route, setting, shared

QUIET = Trace.of(jobs_at(100.0, 4000.0).arrivals, 86400.0)
POLICY = CapacityPolicy(slo_seconds=30, keep_alive_seconds=300.0)


def sides() -> list[Side]:
    always = run(QUIET, setting(shared(least=1), kind(1, always=1)), fixed(lambda _: 1), route, 30)
    return [Side("policy", run(QUIET, setting(), planned(POLICY), route, 30)), Side("always", always)]


def test_moments_reach_to_the_end_of_a_trace_that_is_quiet_by_then() -> None:
    for side in sides():
        assert len(side.record.moments) == 600
        assert side.record.moments[-1].at == QUIET.seconds
    policy, always = (side.record for side in sides())
    assert policy.moments[-1].nodes == 0
    assert always.moments[-1].nodes == 1
    assert policy.moments[-1].dollars == policy.dollars < always.dollars


def test_a_picture_names_its_sides_and_draws_each_in_its_colour() -> None:
    drawing = draw("a quiet day", sides(), 1.0, "USD")
    words = {shape.text for shape in drawing.shapes if isinstance(shape, Text)}
    assert {"a quiet day", "policy", "always", "paid so far, USD"} <= words
    drawn = {shape.colour for shape in drawing.shapes if isinstance(shape, Line)}
    assert set(COLOURS[:2]) <= drawn
    assert "<title>a quiet day</title>" in to_svg(drawing)
    assert not any("e+" in word for word in words)
