"""What holds for every kind of stage, with real replicas: the same picture twice is the same, also from what was kept
of it; its size is what the plan says; progress only grows; and what is no picture is refused in a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from configs.errors import AtelierError
from deployments.messages import Done, Inputs, Picture, StepDone, Told
from deployments.stages.kind import Stage, StageKind, Work
from deployments.stages.pixels import read_output, write_output
from router.job_request import JobRequest
from router.jobs.model import Job, NewJob
from router.jobs.rows import accepted_job
from router.licences.verdicts import judge_licences
from router.planning.making import make_plan
from router.rates import Rates
from router.recipes import write_recipe
from router.stage_table import STAGES, kind_of
from tests.real_studio import real_studio

EXAMPLES: Mapping[str, Any] = {"palette": {"colours": ["#0f6cbd", "#ffffff"]}}
"""Settings of those kinds that have no usual ones."""
KINDS = tuple(kind.name for kind in STAGES)


@dataclass(frozen=True, slots=True)
class Passage:
    """One stage of one picture: what it began with, and all that it told."""

    stage: Stage
    before: Any
    told: tuple[Told, ...]

    @property
    def done(self) -> Done:
        last = self.told[-1]
        assert isinstance(last, Done)
        return last


class Walk:
    """A picture through every kind of stage, with real replicas."""

    def __init__(self, folder: Path) -> None:
        studio = real_studio(folder)
        installation, self._replicas = studio.installation, studio.replicas
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(studio.store.open())  # where finishers note their files
        stages = {kind.name: EXAMPLES.get(kind.name, {}) for kind in STAGES if kind.settings is not None}
        request = JobRequest.model_validate(
            {"prompt": "a red bicycle", "asset_type": "icon", "seed": 3, "size": "512x512", "stages": stages}
        )
        plan = make_plan(request, installation, Rates(), 0)
        licence = judge_licences(plan, installation.catalog, [])
        new = NewJob("job_conformance", "ana", {}, plan, licence)
        self.job: Job = accepted_job(new, datetime(2026, 1, 1, tzinfo=UTC))
        self.passages: dict[str, Passage] = {}
        picture: Any = None
        for stage in plan.stages:
            passage = self.pass_through(stage, picture)
            self.passages[stage.kind] = passage
            picture = passage.done.picture or picture

    def pass_through(self, stage: Stage, before: Any) -> Passage:
        """Ask a replica for one stage of the picture."""
        return Passage(stage, before, tuple(self._loop.run_until_complete(self._run(stage, before))))

    async def _run(self, stage: Stage, before: Any) -> list[Told]:
        recipe = write_recipe(self.job, 0, "weights")
        work = Work(f"{self.job.id}/0", self.job.plan.seeds[0], recipe, Inputs(), before)
        async with aclosing(self._replicas.run(stage.deployment, kind_of(stage).message(stage, work), before)) as told:
            return [one async for one in told]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return Walk(tmp_path_factory.mktemp("walk"))


_ROUNDING = 2
"""Levels: a row of a batch is added up in another order when another number of rows is in it."""


def assert_alike(passage: Passage, other: Passage) -> None:
    """The same to the last bit; what a generator has drawn, within rounding."""
    one, two = passage.done, other.done
    assert (one.files, one.notes, one.scores) == (two.files, two.notes, two.scores)
    if isinstance(one.picture, Picture) and passage.stage.deployment.startswith("generator"):
        assert (one.picture.width, one.picture.height) == (two.picture.width, two.picture.height)
        levels = (np.frombuffer(picture.rgb, np.uint8).astype(np.int16) for picture in (one.picture, two.picture))
        assert np.abs(next(levels) - next(levels)).max() <= _ROUNDING
    else:
        assert one.picture == two.picture


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_twice_is_the_same(walk: Walk, kind: str) -> None:
    first = walk.passages[kind]
    assert_alike(walk.pass_through(first.stage, first.before), first)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_what_was_kept_of_a_picture_gives_the_same(walk: Walk, kind: str) -> None:
    first = walk.passages[kind]
    kept = read_output(write_output(first.before, "job/0/1"))
    assert kept == first.before
    assert_alike(walk.pass_through(first.stage, kept), first)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_has_the_size_that_the_plan_says(walk: Walk, kind: str) -> None:
    passage = walk.passages[kind]
    after, before = passage.done.picture, passage.before
    if passage.stage.ends_at is not None and after is not None:
        assert (after.width, after.height) == (passage.stage.ends_at.width, passage.stage.ends_at.height)
    elif after is not None:
        assert (after.width, after.height) == (before.width, before.height)
    if isinstance(after, Picture):
        assert len(after.rgb) == after.width * after.height * 3
        assert len(after.alpha) in (0, after.width * after.height)


@pytest.mark.parametrize("kind", KINDS)
def test_progress_only_grows_and_ends_with_what_came_out(walk: Walk, kind: str) -> None:
    told = walk.passages[kind].told
    steps = [one.step / one.steps for one in told if isinstance(one, StepDone)]
    assert steps == sorted(set(steps))
    assert [isinstance(one, Done) for one in told].index(True) == len(told) - 1
    assert told[-1].seconds >= 0  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_what_is_no_picture_is_refused_in_a_sentence(walk: Walk, kind: str) -> None:
    with pytest.raises(AtelierError) as refused:
        walk.pass_through(walk.passages[kind].stage, Picture(64, 64, b"not enough"))
    assert "Traceback" not in refused.value.message


@pytest.mark.parametrize("kind", [one for one in STAGES if one.settings is not None], ids=lambda kind: kind.name)
def test_settings_that_a_stage_has_not_are_refused(kind: StageKind[Any]) -> None:
    assert kind.settings is not None
    with pytest.raises(ValidationError, match="nonsense"):
        kind.settings.model_validate({"nonsense": 1})


def test_every_kind_is_gone_through(walk: Walk) -> None:
    assert set(walk.passages) == set(KINDS)
