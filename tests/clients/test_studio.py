"""Both clients against the real API."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from atelier import AsyncAtelier, Atelier, errors, events
from PIL import Image as Pictures

from tests.clients.held import HeldGenerator
from tests.studio import running_studio

WHOLE_ICONS = True


def test_pictures_are_drawn_followed_and_saved(url: str, tmp_path: Path) -> None:
    with Atelier(url) as studio:
        seen: list[events.Event] = []
        job = studio.wait(studio.generate("a red bicycle", num_variations=2, seed=41), seen.append)
        paths = studio.save(job, tmp_path / "out")
    assert job.seeds == (41, 42)
    assert [path.name for path in paths] == [
        f"red-bicycle-{seed}.{format}" for seed in (41, 42) for format in ("png", "webp", "svg")
    ]
    with Pictures.open(paths[0]) as picture:
        assert picture.size == (512, 512)
    assert sum(isinstance(event, events.ImageFinished) for event in seen) == 2
    numbers = [event.seq for event in seen if isinstance(event, events.LogEvent)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert seen[-1].type == "job.complete"


def test_steps_and_previews_arrive_while_a_picture_is_drawn(tmp_path: Path) -> None:
    generator = HeldGenerator(step_seconds=0.15)  # a draft of nearly two seconds: one that is worth previews
    generator.held = True
    seen: set[type[events.Event]] = set()

    def watch(event: events.Event) -> None:
        seen.add(type(event))
        if isinstance(event, events.Progress):
            assert (event.stage, event.steps, event.index) in {("base", 12, 0), (event.stage, 0, 0)}
        generator.held = not {events.Progress, events.Preview} <= seen

    with running_studio(tmp_path, generator) as url, Atelier(url) as studio:
        studio.health()  # asked again while the studio starts; then it knows how long a picture takes
        studio.wait(studio.generate("a lamp", quality="draft"), watch)
    assert {events.Progress, events.Preview, events.ImageFinished} <= seen


def test_the_async_client_does_the_same(url: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncAtelier(url) as studio:
            seen: list[events.Event] = []
            job = await studio.wait(await studio.generate("a red bicycle", quality="draft", seed=7), seen.append)
            (path,) = await studio.save(job, tmp_path, formats=["svg"])
            assert path.read_text().lstrip().startswith("<")
            assert seen[-1].type == "job.complete"
            assert (await studio.job(job.job_id)) == job
            assert job.job_id in [one.job_id async for one in studio.jobs(page_size=1)]
            assert (await studio.plan("a lamp")).plan.prompt == "a lamp"
            mini = next(model for model in await studio.models() if model.id == "mini")
            assert mini.capabilities is not None
            assert (mini.capabilities.modes[0], mini.capabilities.steps.most) == ("txt2img", 100)
            with pytest.raises(errors.Unsupported, match="takes no negative prompt"):
                await studio.generate("a lamp", negative_prompt="dust")
            assert (await studio.asset_types()).qualities[0].id == "draft"
            assert (await studio.health()).status == "ok"
            with pytest.raises(errors.NotFound):
                await studio.wait("nothing")

    asyncio.run(main())


def test_replay_begins_after_the_event_that_was_seen_last(url: str) -> None:
    with Atelier(url) as studio:
        job = studio.wait(studio.generate("a lamp", quality="draft"))
        everything = [event for event in studio.events(job) if isinstance(event, events.LogEvent)]
        rest = [event for event in studio.events(job, last_event_id=2) if isinstance(event, events.LogEvent)]
        assert rest == everything[2:]
        assert list(studio.events(job, last_event_id=everything[-1].seq)) == []


def test_the_same_key_is_the_same_job_and_another_wish_with_it_a_conflict(url: str) -> None:
    with Atelier(url) as studio:
        first = studio.submit("a lamp", idempotency_key="k1", quality="draft")
        assert studio.submit("a lamp", idempotency_key="k1", quality="draft").job_id == first.job_id
        with pytest.raises(errors.IdempotencyConflict):
            studio.submit("a chair", idempotency_key="k1", quality="draft")


def test_pages_of_jobs_are_walked_newest_first(url: str) -> None:
    with Atelier(url) as studio:
        made = [studio.submit(f"lamp {number}", quality="draft").job_id for number in range(5)]
        assert [job.job_id for job in itertools.islice(studio.jobs(page_size=2), 5)] == made[::-1]


def test_a_canceled_job_is_raised_from_wait(
    url: str, generator: HeldGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "step_seconds", 1.0)
    with Atelier(url) as studio:
        job = studio.submit("a slow lamp", quality="high")
        studio.cancel(job)
        with pytest.raises(errors.JobCanceled):
            studio.wait(job)


def test_a_failed_job_says_why(url: str) -> None:
    with Atelier(url) as studio, pytest.raises(errors.JobFailed, match="cannot be drawn") as caught:
        studio.wait(studio.generate("poison"))
    assert caught.value.job.error is not None


def test_refusals_name_the_field_and_what_is_allowed(url: str) -> None:
    with Atelier(url) as studio:
        with pytest.raises(errors.UnknownName) as caught:
            studio.plan("a lamp", asset_type="icn")
        assert caught.value.field == "asset_type"
        assert "icon" in (caught.value.allowed or ())
        with pytest.raises(errors.TooLarge):
            studio.plan("x" * 100_000)


def test_one_file_can_be_downloaded_to_a_path_or_into_a_folder(url: str, tmp_path: Path) -> None:
    with Atelier(url) as studio:
        (image,) = studio.wait(studio.generate("a lamp", quality="draft", seed=3)).images
        assert (
            studio.download(image, "png", tmp_path / "my" / "lamp.png").stat().st_size == image.file("png").size_bytes
        )
        assert studio.download(image, "webp", f"{tmp_path}/folder/").name == "picture-3.webp"
        with pytest.raises(ValueError, match="png, webp, svg"):
            studio.content(image, "gif")
