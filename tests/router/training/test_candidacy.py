"""What a training has learned becomes the candidate where its judge recommends it, and of a sweep the best does."""

from __future__ import annotations

import pytest

from configs.judgement import JudgedAdapter, Mark
from configs.training import TrainingSettings
from router.jobs.model import EventType, Job, JobStatus
from router.studio import Studio
from router.training.candidacy import Run, beats, read_judgement, stand
from router.training.record import RECORDED, Record
from tests.router.training.conftest import World, finished, submit


def a_mark(value: float, error: float = 0.02) -> Mark:
    return Mark(value=value, error=error)


def a_run(style: float, rank: int = 8, cautions: tuple[str, ...] = ()) -> Run:
    return Run(
        "job", "1.0.0", rank, JudgedAdapter(step=5, strength=1, marks={"style": a_mark(style)}, cautions=cautions)
    )


@pytest.mark.parametrize(
    ("new", "holder", "is_better"),
    [
        (a_run(0.95), a_run(0.90), True),
        (a_run(0.90), a_run(0.95), False),
        (a_run(0.91), a_run(0.90), False),
        (a_run(0.90, rank=4), a_run(0.91), True),
        (a_run(0.91, rank=16), a_run(0.90), False),
        (a_run(0.90), a_run(0.91, cautions=("it drifts",)), True),
        (a_run(0.90, rank=4, cautions=("it drifts",)), a_run(0.90), False),
    ],
)
def test_a_look_beats_another_by_more_than_chance_and_else_by_cautions_and_rank(
    new: Run, holder: Run, is_better: bool
) -> None:
    assert beats(new, holder) is is_better


async def swept(studio: Studio, count: int) -> list[Job]:
    """Runs of one sweep, one after the other, to their ends."""
    jobs = []
    for seed in range(count):
        settings = TrainingSettings(rank=4, steps=20, checkpoint_every=5, seed=seed)
        jobs.append(await finished(studio, await submit(studio, is_judged=True, sweep="s1", settings=settings)))
    return jobs


async def adopted(studio: Studio, job: Job) -> tuple[str, str | None, str]:
    told = Record.read(await studio.store.log(job.id, *RECORDED)).adapter
    assert told is not None
    return told["version"], told["mark"], told["why"]


async def candidate(studio: Studio) -> str | None:
    found = (await studio.library.store.versions("loras", "peregrine")).find("candidate")
    return None if found is None else found.version


async def test_of_a_sweep_the_best_judged_is_the_candidate_and_each_run_says_why(world: World) -> None:
    world.judge.styles = [a_mark(0.80), None, a_mark(0.81), a_mark(0.90), a_mark(0.70)]
    async with world.conducted() as studio:
        jobs = await swept(studio, 5)
        assert [job.status for job in jobs] == [JobStatus.COMPLETE] * 5
        assert [await adopted(studio, job) for job in jobs] == [
            ("1.0.0", "candidate", ""),
            ("1.0.1", None, "the judge recommends none of its checkpoints: draw more pictures"),
            ("1.0.2", None, "1.0.0 of its sweep is the candidate: style 0.81 beside 0.80 of 1.0.0 (rank 4)"),
            ("1.0.3", "candidate", "the best of its sweep so far: style 0.90 beside 0.80 of 1.0.0 (rank 4)"),
            ("1.0.4", None, "1.0.3 of its sweep is the candidate: style 0.70 beside 0.90 of 1.0.3 (rank 4)"),
        ]
        assert await candidate(studio) == "1.0.3"


async def test_a_sweep_that_nobody_recommends_has_no_candidate(world: World) -> None:
    world.judge.styles = [None]
    async with world.conducted() as studio:
        for job in await swept(studio, 2):
            assert (await adopted(studio, job))[1] is None
        assert await candidate(studio) is None


async def test_a_run_that_failed_is_no_rival(world: World) -> None:
    world.judge.styles = [a_mark(0.5)]
    world.trainer.diverge_at = 12
    async with world.conducted() as studio:
        (first,) = await swept(studio, 1)
        assert first.status is JobStatus.FAILED
        world.trainer.diverge_at = None
        (second,) = await swept(studio, 1)
        assert await adopted(studio, second) == ("1.0.0", "candidate", "")


async def test_a_mark_that_somebody_moved_meanwhile_stays_where_it_is(world: World) -> None:
    world.judge.styles = [a_mark(0.5), a_mark(0.9)]
    async with world.conducted() as studio:
        await swept(studio, 1)
        await studio.library.move("loras", "peregrine", "candidate", None, "ana", "not this one")
        (later,) = await swept(studio, 1)
        assert (await adopted(studio, later))[1:] == (None, "the mark was moved since another run of its sweep had it")
        assert await candidate(studio) is None


async def test_a_run_that_stopped_before_it_said_that_it_has_the_mark_keeps_it(world: World) -> None:
    world.judge.styles = [a_mark(0.5), a_mark(0.9)]
    async with world.conducted() as studio:
        _, winner = await swept(studio, 2)
        judgement = read_judgement(Record.read(await studio.store.log(winner.id, *RECORDED)))
        assert (await stand(studio, winner, judgement)).mark == "candidate"


async def test_trainings_of_no_sweep_follow_each_other(world: World) -> None:
    world.judge.styles = [a_mark(0.9), a_mark(0.5)]
    async with world.conducted() as studio:
        for _ in range(2):
            job = await finished(studio, await submit(studio, is_judged=True))
            assert not await studio.store.log(job.id, EventType.FAILED)
        assert await candidate(studio) == "1.0.1"
