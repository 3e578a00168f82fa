"""A watcher of a job gets every line of its log once and in order, whatever the conductor manages to tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest
from fastapi.sse import ServerSentEvent
from jsonschema_rs import ValidationError
from starlette.requests import Request

from router.api.jobs.events import happenings
from router.jobs.model import EventType, JobEvent, JobStatus, Lease
from router.live import CHANGED
from router.people.viewer import Viewer
from router.studio import Studio
from tests.contract.job_samples import a_job
from tests.router.event_schema import check_event
from tests.studio import painted_studio

Watching = AsyncIterator[ServerSentEvent]


def watched(folder: Path, test: Callable[[Studio, Lease, Watching], Coroutine[None, None, None]]) -> None:
    """Run `test` with a job in work and a watcher of it who has read the first two events."""

    async def run() -> None:
        studio = painted_studio(folder)
        await studio.store.open()
        accepted, _ = await studio.store.submit(a_job(1))
        lease = await studio.store.lease("worker", 60)
        assert lease is not None
        stream = happenings(Request({"type": "http"}), studio, Viewer(accepted.owner), lease.job)
        assert [await number(stream), await number(stream)] == [1, 2]
        await test(studio, lease, stream)
        await studio.store.close()

    asyncio.run(run())


@pytest.mark.parametrize("after", [3, 4, 9999, 2**31, 2**63, 10**30])
def test_whoever_has_seen_what_this_log_never_had_is_told_all_of_it(tmp_path: Path, after: int) -> None:
    """Another log's number, as after a restored database: the end must be among what comes."""

    async def test(studio: Studio, lease: Lease, _: Watching) -> None:
        stream = happenings(Request({"type": "http"}), studio, Viewer(lease.job.owner), lease.job, after)
        assert [await number(stream), await number(stream)] == [1, 2]
        studio.live.tell(lease.job.id, await studio.store.end(lease, JobStatus.COMPLETE))
        assert await number(stream) == 3
        ended = await studio.store.job(Viewer(lease.job.owner), lease.job.id)
        stream = happenings(Request({"type": "http"}), studio, Viewer(ended.owner), ended, max(after, 4))
        assert [await number(stream) for _ in range(3)] == [1, 2, 3]

    watched(tmp_path, test)


async def number(stream: Watching) -> int:
    """Of the next event with one."""
    return int((await asyncio.wait_for(anext(stream), 60)).id or 0)


async def grow(studio: Studio, lease: Lease) -> JobEvent:
    return await studio.store.append(lease, EventType.STAGE, {"stage": "base"})


def test_what_follows_is_passed_on_without_another_look_at_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(studio: Studio, lease: Lease, stream: Watching) -> None:
        monkeypatch.setattr(studio.store, "events", None)  # whoever reads the log fails
        for seq in (3, 4):
            coming = asyncio.create_task(number(stream))
            studio.live.tell(lease.job.id, await grow(studio, lease))
            assert await coming == seq
        studio.live.tell(lease.job.id, await studio.store.end(lease, JobStatus.COMPLETE))
        assert await number(stream) == 5
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    watched(tmp_path, test)


def test_what_was_missed_is_read_from_the_log_and_nothing_comes_twice(tmp_path: Path) -> None:
    async def test(studio: Studio, lease: Lease, stream: Watching) -> None:
        first, second, third = [await grow(studio, lease) for _ in range(3)]
        for news in (second, first, CHANGED, third):
            studio.live.tell(lease.job.id, news)
        assert [await number(stream) for _ in range(3)] == [3, 4, 5]
        studio.live.tell(lease.job.id, await studio.store.end(lease, JobStatus.CANCELED))
        assert await number(stream) == 6

    watched(tmp_path, test)


def test_each_type_of_the_log_is_in_the_document_and_what_is_not_as_it_says_is_found() -> None:
    line = {"job_id": "j", "seq": 1, "at": "2026-12-01T00:00:00+00:00"}
    for type in EventType:
        with pytest.raises(ValidationError, match="payload"):
            check_event(type, line | {"type": type.value})
    check_event("job.stage", line | {"type": "job.stage", "payload": {"stage": "base"}})
    with pytest.raises(ValidationError, match="stage"):
        check_event("job.stage", line | {"type": "job.stage", "payload": {"stage": 1}})
    with pytest.raises(ValidationError, match="whence"):
        check_event("hello", {"type": "hello", "since": "1-2", "whence": "3"})
