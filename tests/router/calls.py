"""What the tests of the REST API say to it: submit, wait for the end, listen to events."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.router.event_schema import check_event


def submit(api: httpx.Client, **body: object) -> str:
    answer = api.post("/generate", json={"prompt": "a red bicycle", **body})
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def wait(api: httpx.Client, job_id: str, seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job: dict[str, Any] = api.get(f"/jobs/{job_id}").json()
        if job["status"] in ("complete", "failed", "canceled"):
            return job
        time.sleep(0.02)
    raise AssertionError(f"job {job_id} did not end: {job}")


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait for it, however busy the machine is."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.02)


def follow(api: httpx.Client, job_id: str, after: int = 0) -> list[tuple[str, str | None, dict[str, Any]]]:
    """All events of a job until its stream ends: (event, id, data)."""
    headers = {"Last-Event-ID": str(after)} if after else {}
    with api.stream("GET", f"/jobs/{job_id}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        return parse("".join(stream.iter_text()))


def parse(text: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Every one of them is as the API's document says."""
    events = []
    for block in filter(None, text.split("\n\n")):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in lines:
            events.append((lines["event"], lines.get("id"), json.loads(lines["data"])))
            check_event(events[-1][0], events[-1][2], "JobStreamEvent")
    return events
