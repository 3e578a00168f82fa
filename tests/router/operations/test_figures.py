"""The last day in numbers: waits of people, outcomes, seconds and what these cost, from the job table alone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from router.api.app import create_app
from router.ids import new_job_id
from router.operations.figures import HOURS, Waits, first_hour, first_id, read_figures
from tests.router.calls import submit, wait
from tests.studio import painted_studio, serving

NOW = datetime(2026, 11, 30, 15, 40, tzinfo=UTC)
PLAIN = {"quality": "draft", "formats": ["png"], "stages": {"clean": False, "score": False, "check": False}}


def row(minutes_ago: float, waited: float | None, **other: Any) -> Any:
    created = NOW - timedelta(minutes=minutes_ago)
    started = None if waited is None else created + timedelta(seconds=waited)
    told = {"deployment": "generator-mini", "owner": "dev", "batch": "", "status": "complete", "drawn_seconds": 2.0}
    return SimpleNamespace(created_at=created, started_at=started, **told | other)


def test_waits_are_of_people_by_the_nearest_rank() -> None:
    rows = [row(5, float(second)) for second in range(1, 21)]
    rows += [row(5, 900, batch="batch_1"), row(5, 900, owner="experiment:x"), row(5, None, status="queued")]
    seen = read_figures(rows, NOW)
    assert seen.waits == Waits(10.0, 19.0)
    assert seen.hours[-1].waits == Waits(10.0, 19.0)
    assert seen.hours[-1].outcomes == Counter(complete=22, queued=1)


def test_each_hour_has_its_own_jobs_and_empty_ones_are_told() -> None:
    seen = read_figures([row(39, 1), row(41, 1, status="failed"), row(23 * 60, 1, drawn_seconds=0.0)], NOW)
    assert [sum(hour.outcomes.values()) for hour in seen.hours] == [1, *[0] * 21, 1, 1]
    assert [hour.at for hour in seen.hours] == [first_hour(NOW) + timedelta(hours=number) for number in range(HOURS)]
    assert seen.hours[5].waits == Waits()
    assert (seen.drawn, seen.partial) == ({"generator-mini": 4.0}, False)


def test_ids_of_the_day_s_jobs_come_after_the_first_and_older_ones_before(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = first_hour(NOW)
    for ahead, inside in ((timedelta(milliseconds=-1), False), (timedelta(0), True), (timedelta(hours=20), True)):
        at = round((begin + ahead).timestamp() * 1000) * 1_000_000
        monkeypatch.setattr("router.ids.time.time_ns", lambda at=at: at)
        assert (new_job_id() >= first_id(NOW)) is inside


def test_what_was_drawn_is_told_of_the_hour_under_way(tmp_path: Path) -> None:
    with serving(create_app(painted_studio(tmp_path))) as url, httpx.Client(base_url=url, timeout=30) as api:
        assert wait(api, submit(api, **PLAIN))["status"] == "complete"
        assert wait(api, submit(api, prompt="poison", **PLAIN))["status"] == "failed"
        seen = api.get("/operations/figures").raise_for_status().json()
    assert len(seen["hours"]) == HOURS
    assert sum(hour["complete"] for hour in seen["hours"][-2:]) == 1
    assert sum(hour["failed"] for hour in seen["hours"][-2:]) == 1
    assert seen["wait_p95"] >= seen["wait_p50"] >= 0
    assert [(one["deployment"], one["cost"]) for one in seen["drawn"]] == [("generator-mini", None)]
