"""What was measured is known after a restart, and to other processes on the same database."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from router.api.app import create_app
from router.rates import Rates
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator, painted_studio, serving


def test_what_is_recalled_counts_until_it_is_measured_here() -> None:
    before, after = Rates(), Rates()
    before.observe("step mini 128x128", 3.0)
    before.observe("finish png", 2.0)
    after.observe("step mini 128x128", 1.0)
    after.recall(before.measured)
    assert (after.seconds("step mini 128x128", 9.0), after.seconds("finish png", 9.0)) == (1.0, 2.0)
    assert after.seconds("finish svg", 9.0) == 9.0


def test_one_slow_picture_does_not_make_the_next_look_slow() -> None:
    rates = Rates()
    for seconds in (*[1.0] * 8, 16.0):
        rates.observe("clean", seconds)
    assert rates.seconds("clean", 9.0) == pytest.approx(2.0)
    for _ in range(30):
        rates.observe("clean", 16.0)
    assert rates.seconds("clean", 9.0) == pytest.approx(16.0, rel=0.01)


def test_what_took_no_time_is_an_estimate_of_none() -> None:
    rates = Rates()
    for seconds in (0.0, 0.0):
        rates.observe("palette", seconds)
    assert 0 < rates.seconds("palette", 9.0) < 1e-5


def test_a_studio_that_starts_again_knows_what_it_measured(tmp_path: Path) -> None:
    first = painted_studio(tmp_path, PaintedGenerator())
    with serving(create_app(first)) as url, httpx.Client(base_url=url, timeout=60) as api:
        wait(api, submit(api, num_inference_steps=4))
    again = painted_studio(tmp_path, PaintedGenerator())
    with serving(create_app(again)):
        deadline = time.monotonic() + 60
        while not again.rates.measured.keys() >= first.rates.measured.keys() and time.monotonic() < deadline:
            time.sleep(0.02)
    finished = next(work for work in first.rates.measured if work.startswith("finish"))
    assert again.rates.measured[finished] == first.rates.measured[finished]
