"""The streams of one process: woken by what is told and by what others write, five a person, previews in lots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.sse import ServerSentEvent
from sqlalchemy import Engine, event
from starlette.requests import Request

from router.api.jobs.own_events import Start, happenings
from router.jobs.model import EventType, JobStatus
from router.live import CHANGED, LiveEvent
from router.people.viewer import Viewer
from router.streams import streams as room
from router.streams.cursor import BEGINNING, Cursor
from router.streams.streams import MOST_STREAMS, Stream
from router.studio import Studio
from tests.contract.job_samples import a_job
from tests.studio import painted_studio

Watching = AsyncGenerator[ServerSentEvent, None]


@pytest.fixture
def followed(tmp_path: Path) -> Callable[[Callable[[Studio], Coroutine[None, None, None]]], None]:
    """Run a test with a studio whose streams are followed, and which has no conductor."""

    def run(test: Callable[[Studio], Coroutine[None, None, None]]) -> None:
        async def running() -> None:
            studio = painted_studio(tmp_path)
            await studio.store.open()
            following = asyncio.create_task(studio.streams.follow())
            await test(studio)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await studio.store.close()

        asyncio.run(running())

    return run


FROM_THE_BEGINNING = Start(BEGINNING, None)


def watch(studio: Studio, owner: str = "ana", start: Start = FROM_THE_BEGINNING) -> Watching:
    return happenings(Request({"type": "http"}), studio, owner, start)


async def following(stream: Watching, count: int) -> list[ServerSentEvent]:
    async with asyncio.timeout(60):
        return [await anext(stream) for _ in range(count)]


def progress(job: int, index: int, step: int) -> LiveEvent:
    return LiveEvent("progress", {"job_id": a_job(job).id, "index": index, "step": step})


def test_a_stream_hears_at_once_what_is_told_here_and_soon_what_others_write(followed: Callable[..., None]) -> None:
    async def test(studio: Studio) -> None:
        stream = watch(studio)
        await studio.store.submit(a_job(1))
        (queued,) = await following(stream, 1)
        assert (queued.event, queued.data["job_id"]) == ("job.queued", a_job(1).id)
        lease = await studio.store.lease("elsewhere", 60)  # nobody in this process tells of it
        assert lease is not None
        (started,) = await following(stream, 1)
        assert started.event == "job.started"
        studio.live.tell(lease.job.id, await studio.store.end(lease, JobStatus.CANCELED))
        (ended,) = await following(stream, 1)
        assert (ended.event, ended.data["seq"]) == ("job.canceled", 3)
        await stream.aclose()

    followed(test)


def test_nobody_hears_what_is_told_of_others_jobs(followed: Callable[..., None]) -> None:
    async def test(studio: Studio) -> None:
        for number, owner in ((1, "ben"), (2, "ana")):
            await studio.store.submit(a_job(number, owner))
        stream = watch(studio)
        (first,) = await following(stream, 1)
        assert first.data["job_id"] == a_job(2).id
        for number in (1, 2):
            studio.live.tell(a_job(number).id, progress(number, 0, 1))
        (heard,) = await following(stream, 1)
        assert (heard.event, heard.data["job_id"]) == ("progress", a_job(2).id)
        await stream.aclose()

    followed(test)


def test_who_comes_late_is_told_how_far_each_picture_is(followed: Callable[..., None]) -> None:
    async def test(studio: Studio) -> None:
        await studio.store.submit(a_job(1))
        for step in (1, 2, 3):
            studio.live.tell(a_job(1).id, progress(1, 0, step))
        stream = watch(studio, start=Start(await studio.streams.store.now("ana"), "hello"))
        hello, now = await following(stream, 2)
        assert hello.event == "hello"
        assert (now.id, now.data["step"]) == (None, 3)
        await stream.aclose()

    followed(test)


def test_of_what_is_told_live_only_the_newest_of_a_picture_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        stream = Stream("ana")
        await stream.next(0)
        for step in range(100):
            for index in (0, 1):
                stream.hear("job_1", progress(1, index, step))
        heard = await stream.next(60)
        assert [(one.data["index"], one.data["step"]) for one in heard.live] == [(0, 99), (1, 99)]
        monkeypatch.setattr(room, "_LOT_SECONDS", 3600.0)
        stream.hear("job_1", progress(1, 0, 100))
        assert (await stream.next(0)).live == ()  # some was told just now: this waits, and more may take its place
        monkeypatch.setattr(room, "_LOT_SECONDS", 0.1)
        stream.hear("job_1", progress(1, 0, 101))
        assert [one.data["step"] for one in (await stream.next(60)).live] == [101]

    asyncio.run(test())


def test_a_line_of_the_log_makes_old_what_was_told_live_before_it() -> None:
    async def test() -> None:
        stream = Stream("ana")
        await stream.next(0)
        stream.hear("job_1", progress(1, 0, 1))
        stream.hear("job_2", progress(2, 0, 1))
        stream.hear("job_1", CHANGED)
        heard = await stream.next(60)
        assert heard.grown
        assert [one.data["job_id"] for one in heard.live] == [a_job(2).id]

    asyncio.run(test())


def test_one_stream_more_than_five_ends_the_oldest_and_says_so(followed: Callable[..., None]) -> None:
    async def test(studio: Studio) -> None:
        await studio.store.submit(a_job(1))
        streams = [watch(studio) for _ in range(MOST_STREAMS + 1)]
        never_begun = watch(studio)
        for stream in streams:
            await following(stream, 1)
        (last,) = await following(streams[0], 1)
        assert (last.event, last.id) == ("replaced", None)
        with pytest.raises(StopAsyncIteration):
            await anext(streams[0])
        for number in (2, 3):
            await studio.store.submit(a_job(number))
            for stream in streams[1:]:
                assert [one.data["job_id"] for one in await following(stream, 1)] == [a_job(number).id]
        others = watch(studio, "ben", Start(BEGINNING, "hello"))
        assert [one.event for one in await following(others, 1)] == ["hello"]
        for stream in (*streams, others, never_begun):
            await stream.aclose()

    followed(test)


def test_a_hundred_idle_streams_of_many_people_ask_the_database_once_a_second_together(
    followed: Callable[..., None],
) -> None:
    async def test(studio: Studio) -> None:
        with ExitStack() as opened:
            for number in range(100):
                opened.enter_context(studio.streams.open(f"user-{number}"))
            said: list[str] = []

            def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
                said.append(statement)

            event.listen(Engine, "before_cursor_execute", note)
            async with asyncio.timeout(60):
                while len(said) < 3:
                    await asyncio.sleep(0.05)
            event.remove(Engine, "before_cursor_execute", note)
        assert all("event_streams" in statement for statement in said[:3])

    followed(test)


def test_a_stream_that_begins_again_from_its_last_id_goes_on_there(followed: Callable[..., None]) -> None:
    async def test(studio: Studio) -> None:
        for number in range(1, 4):
            await studio.store.submit(a_job(number))
        stream = watch(studio)
        first = (await following(stream, 2))[-1]
        await stream.aclose()
        cursor = Cursor.read(first.id or "")
        assert cursor is not None
        await studio.store.request_cancel(Viewer("ana"), a_job(1).id)
        again = watch(studio, start=Start(cursor, None))
        rest = await following(again, 2)
        assert [(one.event, one.data["job_id"]) for one in rest] == [
            (EventType.QUEUED, a_job(3).id),
            (EventType.CANCELED, a_job(1).id),
        ]
        await again.aclose()

    followed(test)


def test_whoever_leaves_makes_room_and_ends_nobody_else(followed: Callable[..., None]) -> None:
    async def test(studio: Studio) -> None:
        opened: list[Stream] = []
        with ExitStack() as all_of_them:
            for number in range(MOST_STREAMS):
                opened.append(all_of_them.enter_context(studio.streams.open("ana")))
                assert not any(stream.replaced for stream in opened), number
            for _ in range(3):
                with studio.streams.open("ben"):
                    pass
        for _ in range(MOST_STREAMS):
            with studio.streams.open("ana") as stream:
                assert not stream.replaced
        assert not any(stream.replaced for stream in opened)

    followed(test)
