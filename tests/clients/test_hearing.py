"""What all of one's jobs do is heard once and in order, over drops, and what was missed is said."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from atelier import AsyncAtelier, Atelier, errors
from atelier.events import Began, Event, ImageFinished
from atelier.hearing import Hearing


def told(cursor: str, seq: int, type: str = "job.stage") -> bytes:
    data = {"job_id": "j", "seq": seq, "type": type, "at": "2026-01-01T00:00:00Z", "payload": {}}
    return f"id: {cursor}\nevent: {type}\ndata: {json.dumps(data)}\n\n".encode()


HELLO = b'id: 7.a\nevent: hello\ndata: {"since": "7.a"}\n\n'
LIVE = b'event: progress\ndata: {"job_id": "j", "progress": 0.5}\n\n'


def test_it_begins_where_the_studio_says_and_goes_on_behind_what_was_heard_last() -> None:
    hearing = Hearing()
    assert "Last-Event-ID" not in hearing.headers()
    began, line, progress = hearing.feed(HELLO + told("8.b", 1) + LIVE)
    assert isinstance(began, Began)
    assert [one.cursor for one in (began, line, progress)] == ["7.a", "8.b", None]
    hearing.closed()
    assert hearing.headers()["Last-Event-ID"] == "8.b"


def test_what_was_missed_is_said() -> None:
    hearing = Hearing("3.x")
    (reset,) = hearing.feed(b'id: 9.c\nevent: reset\ndata: {"since": "9.c"}\n\n')
    assert isinstance(reset, Began)
    assert (reset.type, hearing.since) == ("reset", "9.c")


def test_a_stream_whose_place_was_taken_does_not_come_back() -> None:
    with pytest.raises(errors.NoStreams, match="five newer streams"):
        Hearing().feed(b'event: replaced\ndata: {"detail": "another"}\n\n')


def test_a_busy_studio_is_waited_for_and_a_refusal_is_raised() -> None:
    hearing = Hearing(draw=lambda low, high: low)
    busy = httpx.Response(503, headers={"Retry-After": "4"}, json={"error": {"code": "not_ready", "message": "later"}})
    assert not hearing.opened(busy)
    hearing.refused(busy)
    hearing.closed()
    assert hearing.pause() == 4
    with pytest.raises(errors.NotSignedIn):
        hearing.refused(httpx.Response(401, json={"error": {"code": "not_signed_in", "message": "sign in"}}))
    with pytest.raises(errors.NoStreams):
        hearing.refused(httpx.Response(200, text="<html>"))


def test_a_studio_that_stays_away_is_given_up() -> None:
    now = [0.0]
    hearing = Hearing(patience=10, clock=lambda: now[0])
    hearing.headers()
    now[0] = 9
    hearing.check()
    now[0] = 11
    with pytest.raises(errors.Unreachable):
        hearing.check()


def test_all_jobs_are_heard_and_gone_on_from(url: str) -> None:
    with Atelier(url) as studio:
        stream = studio.events()
        assert isinstance(next(stream), Began)
        jobs = {studio.submit(prompt, quality="draft").job_id for prompt in ("a lamp", "a fox")}
        heard: list[Event] = []
        while {one.job_id for one in heard if one.type == "job.complete"} != jobs:
            heard.append(next(stream))
        assert {one.job_id for one in heard if isinstance(one, ImageFinished)} == jobs
        logged = [one for one in heard if one.cursor]
        stream = studio.events(last_event_id=logged[0].cursor or "")
        again = [next(stream) for _ in logged[1:]]
        assert [one.cursor for one in again if one.cursor] == [one.cursor for one in logged[1:]]


def test_the_asynchronous_client_hears_the_same(url: str) -> None:
    async def hear() -> list[str]:
        async with AsyncAtelier(url) as studio:
            types: list[str] = []
            async for event in studio.events():
                types.append(event.type)
                if event.type == "hello":
                    await studio.submit("a lamp", quality="draft")
                if event.type == "job.complete":
                    return types
            return types

    types = asyncio.run(hear())
    assert types[0] == "hello"
    assert "job.image" in types
