"""What a studio has drawn: read back as a trace, and priced."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from configs.errors import InvalidRequest
from configs.fleet import Fleet, GpuKind, Price
from configs.ledger import Entry
from router.api.app import create_app
from router.capacity.cost import cost_of_job
from router.capacity.simulation.past import read_past
from router.files import connect_jobs
from router.people.viewer import Viewer
from router.studio import Studio
from tests.router.calls import submit, wait
from tests.studio import painted_studio, serving

FLEET = Fleet(
    id="ours",
    description="one kind",
    kinds={
        "t4": GpuKind(
            memory_gb=16, price=Price(per_hour=3.6, currency="EUR", source="a test", read_on=date(2026, 11, 30))
        )
    },
)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return painted_studio(tmp_path)


@pytest.fixture
def api(studio: Studio) -> Iterator[httpx.Client]:
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def drawn(api: httpx.Client, **request: Any) -> dict[str, Any]:
    told: dict[str, Any] = wait(api, submit(api, **request))
    return told


def entry(studio: Studio, share: float) -> Entry:
    deployment = studio.installation.profile.generators[0].name
    return Entry(deployment=deployment, predicted_gb=8, share=share, limit_gb=8, always=0, most=1, kind="t4")


def test_a_past_is_read_from_the_job_table(studio: Studio, api: httpx.Client) -> None:
    first, second = drawn(api, num_variations=2), drawn(api)
    trace = asyncio.run(read_past(connect_jobs(studio.installation).database))
    assert [one.pictures for one in trace.arrivals] == [2, 1]
    assert {one.model for one in trace.arrivals} == {studio.installation.profile.generators[0].name}
    assert trace.arrivals[0].seconds > 0
    assert trace.arrivals[0].at <= trace.arrivals[1].at == trace.seconds
    assert trace.began.hour == 0
    assert first["created_at"] <= second["created_at"]


def test_a_studio_that_nobody_has_asked_for_anything_has_no_past(studio: Studio, api: httpx.Client) -> None:
    with pytest.raises(InvalidRequest, match="no jobs in the database yet"):
        asyncio.run(read_past(connect_jobs(studio.installation).database))


def test_a_job_costs_the_seconds_of_its_pictures_on_their_share_of_a_gpu(studio: Studio, api: httpx.Client) -> None:
    told = drawn(api, num_variations=2)
    job = asyncio.run(studio.store.job(Viewer(told["owner"]), told["job_id"]))
    drawing = sum(image.seconds["base"] for image in job.images)
    for share in (1.0, 0.5):
        priced = studio.installation.model_copy(update={"fleet": FLEET, "ledger": (entry(studio, share),)})
        cost = cost_of_job(job, priced)
        assert cost is not None
        assert cost.amount == pytest.approx(drawing * 0.001 * share)
        assert cost.currency == "EUR"


def test_where_nothing_has_a_price_no_cost_is_told(studio: Studio, api: httpx.Client) -> None:
    assert drawn(api)["cost"] is None
