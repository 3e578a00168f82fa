"""Whatever breaks the connections, each event of a job's log arrives once and in order, or a sentence says that not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Literal

import httpx
import pytest
from atelier import AsyncAtelier, Atelier, Retry, errors
from atelier.events import Event, ImageFinished, LogEvent
from atelier.follow import Follow
from atelier.models import Job
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clients.breaking import Break, BreakingStudio, Fault, log, served, written
from tests.clients.test_requests import JOB
from tests.short_form import examples

pytestmark = pytest.mark.slow

IMPATIENT = Retry(attempts=1, draw=lambda low, high: 0.0)
Way = Literal["events", "wait", "async events", "async wait"]
WAYS: tuple[Way, ...] = ("events", "wait", "async events", "async wait")
HOWS = ("cut", "clean", "reset", "long")
LENGTH = len(written(log(3)))

faults = st.lists(
    st.one_of(
        st.builds(Break, st.integers(0, LENGTH + 50), st.sampled_from(HOWS)), st.sampled_from([429, 500, 502, 503, 504])
    ),
    max_size=12,
)


@pytest.fixture(autouse=True, scope="module")
def _at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Follow, "pause", lambda self: 0.0)
        yield


def follow(way: Way, url: str, seen: int = 0, patience: float = 90.0) -> list[Event]:
    """Every event that a program hears which follows the job in this way."""
    heard: list[Event] = []

    async def main() -> None:
        async with AsyncAtelier(url, retry=IMPATIENT, patience=patience) as studio:
            if way == "async wait":
                assert (await studio.wait("j1", heard.append)).status == "complete"
            else:
                heard.extend([event async for event in studio.events("j1", seen)])

    if way.startswith("async"):
        asyncio.run(main())
        return heard
    with Atelier(url, retry=IMPATIENT, patience=patience) as studio:
        if way == "wait":
            assert studio.wait("j1", heard.append).status == "complete"
        else:
            heard.extend(studio.events("j1", seen))
    return heard


def check_whole(heard: list[Event], images: int, seen: int = 0) -> None:
    logged = [event for event in heard if isinstance(event, LogEvent)]
    assert [event.seq for event in logged] == list(range(seen + 1, images + 4))
    assert [event.image.index for event in logged if isinstance(event, ImageFinished)] == list(range(images))[
        max(0, seen - 2) :
    ]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(WAYS), st.integers(0, 3), faults, st.lists(st.sampled_from([502, 503, 504]), max_size=3),
    st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["complete", "processing"]),
)  # fmt: skip
def test_every_event_arrives_once_and_in_order_whatever_breaks(
    way: Way, images: int, faults: list[Fault], polls: list[int], newline: str, status: str
) -> None:
    # A job that polling finds running never ends for `wait`, which asks until it has.
    status = "complete" if way.endswith("wait") else status
    with served(BreakingStudio(log(images), [*faults], [*polls], newline, status)) as studio:
        check_whole(follow(way, studio.url), images)


@pytest.mark.parametrize("how", HOWS)
def test_no_byte_is_a_bad_one_to_break_after(how: str) -> None:
    """Each number of bytes once, over one server; the catch-up connection breaks at its first byte as well."""
    studio = BreakingStudio(log(1))
    with served(studio), Atelier(studio.url, retry=IMPATIENT) as client:
        for after in range(0, len(written(log(1))) + 1, 3):
            studio.faults = [Break(after, how), Break(0, how), Break(1, how), 502]
            check_whole(list(client.events("j1")), 1)


def test_the_state_alone_is_not_ended_by_any_byte_but_the_last() -> None:
    whole = written(log(3)[-1:]).index(b"\n\n") + 2
    for after in range(whole + 1):
        state = Follow(last_event_id=5)
        state.headers()
        state.polled(Job.model_validate(JOB))
        state.feed(written(log(3)[-1:])[:after])
        state.closed()
        assert state.ended == (after == whole)


@given(st.lists(st.integers(0, LENGTH), max_size=12), st.integers(0, 6))
def test_the_state_alone_ends_with_the_end_only(breaks: list[int], seen: int) -> None:
    studio, state, heard = BreakingStudio(log(3)), Follow(last_event_id=seen), list[Event]()
    for after in [*breaks, LENGTH]:
        body = studio.after(int(state.headers().get("Last-Event-ID", 0)))
        assert state.opened(httpx.Response(200, headers={"Content-Type": "text/event-stream"}))
        heard += state.feed(body[:after])
        state.closed()
        if state.ended:
            break
        state.polled(Job.model_validate(JOB))
        assert not state.ended
    assert state.ended
    check_whole(heard, 3, seen)


@pytest.mark.parametrize("way", ["events", "async events"])
@pytest.mark.parametrize("seen", range(7))
def test_who_has_seen_some_or_all_of_it_is_told_the_rest(way: Way, seen: int) -> None:
    with served(BreakingStudio(log(3), [Break(0, "clean"), Break(60), 503])) as studio:
        check_whole(follow(way, studio.url, seen), 3, seen)


@pytest.mark.parametrize("way", WAYS)
def test_last_events_that_never_arrive_are_said_to_be_missing(way: Way) -> None:
    """One picture gets through at most; the rest breaks for longer than the client's patience."""
    length = len(written(log(1)[:2]))
    with (
        served(BreakingStudio(log(1), [Break(length, "clean"), *[Break(10, "clean")] * 100_000])) as studio,
        pytest.raises(errors.EventsLost, match=r"j1 has ended.*within 0.3 s.*from event 2"),
    ):
        follow(way, studio.url, patience=0.3)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_studio_that_stays_away_is_said_to(way: Way, status: int) -> None:
    with (
        served(BreakingStudio(log(1), [status] * 100_000, [status] * 100_000)) as studio,
        pytest.raises(errors.Unavailable, match=str(status)),
    ):
        follow(way, studio.url, patience=0.3)


@pytest.mark.parametrize("way", ["events", "async events"])
def test_streams_that_are_refused_are_no_end_of_events(way: Way) -> None:
    with (
        served(BreakingStudio(log(1), [404] * 100_000)) as studio,
        pytest.raises(errors.NoStreams, match="refused on the way"),
    ):
        follow(way, studio.url)


def test_without_a_listener_the_end_of_a_job_is_enough() -> None:
    with served(BreakingStudio(log(1), [Break(10)] * 100_000)) as studio, Atelier(studio.url) as client:
        assert client.wait("j1").status == "complete"


def test_the_time_that_a_caller_takes_is_not_the_studios_silence() -> None:
    now = 0.0
    state = Follow(clock=lambda: now)
    state.headers()
    assert state.feed(written(log(0)[:1]))
    now = 1000.0
    state.resumed()
    state.closed()
    assert not state.given_up
