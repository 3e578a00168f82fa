"""A studio whose experiments can be started and fed by hand, without a conductor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pytest

from configs.experiments import ArmConfig, BudgetConfig, ExperimentConfig, Overlay, ScopeConfig
from configs.prompt_sets import PromptSetConfig, SetPrompt
from router.experiments.model import Experiment, FrozenArm, Phase
from router.experiments.runs.feeder import Feeder
from router.job_request import JobRequest
from router.jobs.model import Job
from router.library.drafts import read_draft
from router.library.kinds import PROMPT_SETS
from router.people.viewer import Viewer
from router.studio import Studio
from router.submission import submit
from tests.studio import painted_studio

T = TypeVar("T")
ARMS = (ArmConfig(id="champion"), ArmConfig(id="fewer", overlay=Overlay(steps={"standard": 3})))
PROMPTS = ("a red bicycle", "a blue umbrella", "a green tree")


@dataclass
class Bench:
    """A studio, and a feeder that is asked by hand. `woken` counts what it has ordered."""

    studio: Studio
    woken: int = 0

    def __post_init__(self) -> None:
        self.feeder = self.new_feeder()

    def new_feeder(self) -> Feeder:
        """As of another conductor."""

        def wake() -> None:
            self.woken += 1

        return Feeder(self.studio, wake)

    async def start(self, mode: str = "replay", again: bool = False, **said: Any) -> Experiment:
        arms: tuple[ArmConfig, ...] = said.pop("arms", ARMS)
        budget = said.pop("gpu_seconds", None)
        config = ExperimentConfig(
            id="steps",
            name="Steps",
            mode=mode,  # type: ignore[arg-type]
            arms=arms,
            prompt_set=said.pop("prompt_set", "three" if mode == "replay" else None),
            scope=ScopeConfig(asset_types=("icon",)),
            budget=None if budget is None else BudgetConfig(gpu_seconds=budget),
        )
        frozen = tuple(FrozenArm(id=arm.id, weight=arm.weight, overlay=arm.overlay) for arm in arms)
        store = self.studio.experiments.store
        phase = Phase("steps", 1, config, "0" * 64, frozen, store.clock())
        experiment = await store.start(phase, said.pop("exposure", 1.0), "ana", "", lambda _: None, again)
        await self.studio.experiments.refresh()
        return experiment

    async def add_prompts(self, id: str, *prompts: SetPrompt) -> None:
        config = PromptSetConfig(id=id, name=id, prompts=prompts)
        body = config.model_dump(mode="json", exclude={"id", "version"})
        await self.studio.library.add(read_draft(PROMPT_SETS, id, "1.0.0", body, "ana", ""), "live")

    async def ask(self, **said: Any) -> Job:
        accepted = await submit(self.studio, Viewer("ana"), JobRequest.model_validate({"prompt": "a cup"} | said), None)
        return accepted.job

    async def jobs(self, owner: str = "experiment:steps") -> tuple[Job, ...]:
        return await self.studio.store.jobs(Viewer(owner), 200)

    async def finish_all(self) -> None:
        """End all jobs that there are, as if they had been drawn."""
        from router.jobs.model import JobStatus

        while (lease := await self.studio.store.lease("w", 60)) is not None:
            await self.studio.store.end(lease, JobStatus.COMPLETE)


Trial: TypeAlias = Callable[[Callable[[Bench], Coroutine[Any, Any, T]]], T]


@pytest.fixture
def trial(tmp_path: Path) -> Callable[[Callable[[Bench], Awaitable[Any]]], Any]:
    """Runs a test's coroutine over a studio of its own, with three prompts."""

    def run(test: Callable[[Bench], Awaitable[Any]]) -> Any:
        async def opened() -> Any:
            studio = painted_studio(tmp_path)
            await studio.store.open()
            await studio.library.open()
            bench = Bench(studio)
            await bench.add_prompts("three", *(SetPrompt(prompt=one) for one in PROMPTS))
            try:
                return await test(bench)
            finally:
                await studio.store.close()

        return asyncio.run(opened())

    return run
