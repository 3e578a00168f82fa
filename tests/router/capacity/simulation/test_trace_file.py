"""Traces in CSV files: read, or refused in one sentence with the line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from configs.errors import InvalidRequest
from router.capacity.simulation.trace import Arrival
from router.capacity.simulation.trace_file import read_trace


def test_seconds_are_read_in_order() -> None:
    trace = read_trace("at,model,seconds\n30,b,2\n10,a,1.5\n")
    assert trace.arrivals == (Arrival(10.0, "a", 1.5), Arrival(30.0, "b", 2.0))


def test_times_count_from_midnight_of_the_first_day() -> None:
    trace = read_trace("at,model,seconds,pictures\n2026-11-30T09:00:00Z,a,5,4\n2026-12-01 00:00,a,5,\n")
    assert trace.began == datetime(2026, 11, 30, tzinfo=UTC)
    assert [(one.at, one.pictures) for one in trace.arrivals] == [(9 * 3600.0, 4), (86400.0, 1)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column at"),
        ("at,model\n1,a\n", "no column seconds"),
        ("at,model,seconds\n", "no jobs"),
        ("at,model,seconds\n-5,a,1\n", "line 2: at is '-5'"),
        ("at,model,seconds\n1,a,1\n2,a,-1\n", "line 3: seconds is '-1'"),
        ("at,model,seconds\n1,a,nan\n", "line 2: seconds is 'nan'"),
        ("at,model,seconds\ninf,a,1\n", "line 2: at is 'inf'"),
        ("at,model,seconds\nyesterday,a,1\n", "line 2: at is 'yesterday'"),
        ("at,model,seconds\n1,a\n", "line 2: seconds is 'None'"),
        ("at,model,seconds\n1,unheard-of,1\n", "line 2: 'unheard-of' is not a model of this installation; known: a"),
        ("at,model,seconds\n1,,1\n", "line 2: '' is not a model"),
    ],
)
def test_what_is_no_trace_is_refused_by_its_line(text: str, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told.replace("?", ".")):
        read_trace(text, {"a"})
