"""What was measured is known after a restart, and to other processes on the same database."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

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


def test_a_studio_that_starts_again_knows_what_it_measured(tmp_path: Path) -> None:
    first = painted_studio(tmp_path, PaintedGenerator())
    with serving(create_app(first)) as url, httpx.Client(base_url=url, timeout=20) as api:
        wait(api, submit(api, num_inference_steps=4))
    again = painted_studio(tmp_path, PaintedGenerator())
    with serving(create_app(again)):
        deadline = time.monotonic() + 60
        while not again.rates.measured.keys() >= first.rates.measured.keys() and time.monotonic() < deadline:
            time.sleep(0.02)
    finished = next(work for work in first.rates.measured if work.startswith("finish"))
    assert again.rates.measured[finished] == first.rates.measured[finished]
