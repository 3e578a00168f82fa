"""What was measured is known after a restart, and to other processes on the same database."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from configs.schema import Size
from router.api.app import create_app
from router.rates import Rates
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator, local_installation, painted_studio, serving


def test_what_is_recalled_counts_until_it_is_measured_here(tmp_path: Path) -> None:
    catalog, size = local_installation(tmp_path).catalog, Size(width=128, height=128)
    before, after = Rates(catalog), Rates(catalog)
    before.observe_steps("mini", size, 3.0)
    before.observe_finish(size, ("png",), 2.0)
    after.observe_steps("mini", size, 1.0)
    after.recall(before.measured)
    assert after.step_seconds("mini", size) == 1.0
    assert after.finish_seconds(size, ("png",)) == before.finish_seconds(size, ("png",))


def test_a_studio_that_starts_again_knows_what_it_measured(tmp_path: Path) -> None:
    first = painted_studio(tmp_path, PaintedGenerator())
    with serving(create_app(first)) as url, httpx.Client(base_url=url, timeout=20) as api:
        wait(api, submit(api, num_inference_steps=4))
    again = painted_studio(tmp_path, PaintedGenerator())
    with serving(create_app(again)):
        deadline = time.monotonic() + 20
        while not again.rates.measured.keys() >= first.rates.measured.keys() and time.monotonic() < deadline:
            time.sleep(0.02)
    finished = next(work for work in first.rates.measured if work.startswith("finish"))
    assert again.rates.measured[finished] == first.rates.measured[finished]
