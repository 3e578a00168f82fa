"""GET /events over HTTP: what a tab hears of all jobs, across reconnects, front doors and the death of one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from configs.load import ROOT
from tests.router.calls import submit, wait
from tests.router.event_schema import check_event
from tests.studio import PaintedGenerator, running_studio

Event = tuple[str, str | None, dict[str, Any]]


@contextmanager
def listening(url: httpx.URL | str, since: str | None = None) -> Iterator[Iterator[Event]]:
    """The events of one stream, as they come: name, id, data."""
    headers = {} if since is None else {"Last-Event-ID": since}
    with (
        httpx.Client(base_url=url, timeout=60) as client,
        client.stream("GET", "/events", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _parsed(answer.iter_lines())


def _parsed(lines: Iterator[str]) -> Iterator[Event]:
    found: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            found[name] = value
        elif found:
            data = json.loads(found["data"])
            check_event(found["event"], data)
            yield found["event"], found.get("id"), data
            found = {}


def until(events: Iterator[Event], name: str) -> list[Event]:
    """What comes, up to the first of this name."""
    heard = []
    for event in events:
        heard.append(event)
        if event[0] == name:
            return heard
    raise AssertionError(f"the stream ended without {name}: {heard}")


def durable(events: list[Event], job_id: str) -> list[tuple[int, str]]:
    return [(data["seq"], name) for name, id, data in events if id is not None and data.get("job_id") == job_id]


def test_a_new_stream_says_where_it_begins_and_tells_what_follows(api: httpx.Client) -> None:
    wait(api, submit(api, quality="draft"))  # before it: not told
    with listening(api.base_url) as events:
        name, id, data = next(events)
        assert (name, data) == ("hello", {"type": "hello", "since": id})
        job = submit(api, quality="draft", num_variations=2)
        heard = until(events, "job.complete")
    assert {data["job_id"] for _, _, data in heard} == {job}
    log = api.get(f"/jobs/{job}/events").text
    assert durable(heard, job) == [(data["seq"], name) for name, id, data in _parsed(iter(log.split("\n"))) if id]
    pictures = [data["payload"]["image"] for name, _, data in heard if name == "job.image"]
    told = {one["index"]: one["files"] for one in pictures}
    assert told == {one["index"]: one["files"] for one in api.get(f"/jobs/{job}").json()["images"]}


def test_from_the_last_id_a_stream_tells_what_was_missed_and_nothing_twice(api: httpx.Client) -> None:
    with listening(api.base_url) as events:
        _, since, _ = next(events)
        job = submit(api, quality="draft")
        whole = until(events, "job.complete")
    for name, id, _ in [("hello", since, {}), *[event for event in whole if event[1] is not None]]:
        if name == "job.complete":
            continue
        with listening(api.base_url, id) as events:
            missed = until(events, "job.complete")
        place = [event[1] for event in whole].index(id) + 1 if name != "hello" else 0
        assert [event for event in missed if event[1]] == [event for event in whole[place:] if event[1]]
    assert durable(whole, job)[-1][1] == "job.complete"


def test_jobs_of_batches_are_told_and_others_may_be_asked_for_by_query(api: httpx.Client) -> None:
    with listening(api.base_url) as events:
        _, since, _ = next(events)
    order = {"prompts": ["a lamp", "a cup"], "asset_types": ["icon"], "qualities": ["draft"]}
    batch = api.post("/batches", json=order).json()["batch_id"]
    jobs = {job["job_id"] for job in api.get("/jobs", params={"batch": batch}).json()["jobs"]}
    for job in jobs:
        wait(api, job)
    heard = list(_parsed(iter(api.get("/events", params={"since": since, "seconds": 0}).text.split("\n"))))
    assert {data["job_id"] for _, _, data in heard} == jobs
    assert [name for name, _, _ in heard].count("job.complete") == len(jobs)


@pytest.mark.parametrize("id", ["3", "nonsense", "999999999-00000000", "1-00000000", "0-12345678", "é"])
def test_an_id_that_this_studio_never_gave_is_answered_with_a_reset(api: httpx.Client, id: str) -> None:
    wait(api, submit(api, quality="draft"))
    answer = api.get("/events", params={"seconds": 0}, headers=[(b"Last-Event-ID", id.encode())])
    ((name, now, data),) = _parsed(iter(answer.text.split("\n")))
    assert (name, data) == ("reset", {"type": "reset", "since": now})
    again = api.get("/events", params={"seconds": 0, "since": now})
    assert (again.status_code, again.text) == (200, "")


@pytest.mark.parametrize("query", [{"seconds": -1}, {"seconds": 601}, {"seconds": "long"}, {"since": "x" * 65}])
def test_what_is_no_wish_of_a_stream_is_refused(api: httpx.Client, query: dict[str, Any]) -> None:
    answer = api.get("/events", params=query)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, next(iter(query)))


@contextmanager
def another_front_door(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "tests.router.streams.front_door", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.slow
def test_a_front_door_that_is_killed_costs_no_event_and_doubles_none(tmp_path: Path) -> None:
    """Its client goes on at another one with the last id that it heard, in the middle of a job."""
    generator = PaintedGenerator(step_seconds=0.05)
    with running_studio(tmp_path, generator) as url, another_front_door(tmp_path) as (process, other):
        with listening(other) as events, httpx.Client(base_url=other, timeout=30) as api:
            heard = [next(events)]
            job = submit(api, quality="draft", num_variations=4)
            heard += until(events, "job.started")
            process.kill()
            with suppress(httpx.TransportError):
                heard += [*events]
        last = [id for _, id, _ in heard if id is not None][-1]
        with listening(url, last) as events:
            heard += until(events, "job.complete")
        with httpx.Client(base_url=url) as api:
            log = api.get(f"/jobs/{job}/events").text
        told = durable(heard, job)
        assert told == [(data["seq"], name) for name, id, data in _parsed(iter(log.split("\n"))) if id]
        assert [name for _, name in told].count("job.image") == 4
        assert [name for name, _, _ in heard].count("hello") == 1
