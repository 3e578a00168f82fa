"""The port through which the conductor reaches the replicas: Ray handles in the cluster, objects in one process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from configs.errors import StageUnavailable
from configs.sharing import split_name
from deployments.messages import EXAMINER, LoraFile, LoraReport, Message, ModelState, Picture, PictureRef, Told
from router.capacity.report import Report
from router.jobs.model import WaitingJobs
from router.operations.survey import DeploymentSurvey, ReplicaSurvey, Survey


class Replicas(Protocol):
    """Each call is one unit of work on some replica of a deployment.

    Raises `StageUnavailable` when no replica answers or it died on the way (worth another attempt) and other
    `AtelierError`s when the work itself failed. Closing the iterator of `run` cancels the work on the replica within
    two steps. A generator is called by the name of its placement.
    """

    async def put(self, picture: Picture) -> PictureRef:
        """Put a picture where every replica gets at it, once for all requests that refer to it. It is let go with the
        last reference."""
        ...

    def run(self, deployment: str, message: Message, picture: PictureRef | None = None) -> AsyncGenerator[Told, None]:
        """Have one stage done for one picture, which `picture` is so far: a `Loading` where a model has to be loaded
        first; a `StepDone` after the first step, the last and as often as is worth it between, where there are steps;
        then one `Done`."""
        ...

    async def model_state(self, deployment: str) -> ModelState:
        """What the deployment's replica says of itself."""
        ...

    async def examine(self, lora: LoraFile) -> LoraReport:
        """Have a LoRA's file in the file store looked at. Raises `BadLora`, too, for one that is not to be taken in."""
        ...

    async def cold_start(self, deployment: str) -> float:
        """Seconds until the model of a generator can draw, if it is not in memory; 0 if it is, or nobody knows. Starts
        nothing."""
        ...

    async def publish_queue_depth(self, waiting: Sequence[WaitingJobs]) -> None:
        """Say what will be asked of the generators later, so that there are replicas enough in time."""
        ...

    async def survey(self) -> Survey:
        """What runs where."""
        ...

    async def publish_capacity(self, report: Report) -> None:
        """Have it come true that there are as many replicas as was decided, and tell it to every front door."""
        ...

    async def capacity(self) -> Report | None:
        """What was decided last; None before the first time."""
        ...


class DirectReplicas:
    """The same replica classes as in the cluster, called in this process: for tests and single-process use."""

    def __init__(self, deployments: Mapping[str, Any]) -> None:
        self._deployments = deployments
        self._report: Report | None = None

    async def put(self, picture: Picture) -> PictureRef:
        return picture

    async def run(
        self, deployment: str, message: Message, picture: PictureRef | None = None
    ) -> AsyncGenerator[Told, None]:
        replica, variant = self._placed(deployment)
        method = getattr(replica, message.method)
        arguments = ([picture] if message.takes_picture else []) + [message, *variant]
        if message.streams:
            async with aclosing(method(*arguments)) as answers:
                async for told in answers:
                    yield told
        else:
            yield await method(*arguments)

    async def model_state(self, deployment: str) -> ModelState:
        replica, variant = self._placed(deployment)
        state: ModelState = replica.state(*variant)
        return state

    async def examine(self, lora: LoraFile) -> LoraReport:
        report: LoraReport = await self._replica(EXAMINER).examine(lora)
        return report

    async def cold_start(self, deployment: str) -> float:
        name, variant = split_name(deployment)
        if name not in self._deployments:
            return 0.0
        state: ModelState = self._deployments[name].state(*variant)
        return 0.0 if state.loaded else state.load_seconds

    async def publish_queue_depth(self, waiting: Sequence[WaitingJobs]) -> None:
        """What runs here does not grow."""

    async def survey(self) -> Survey:
        """Each of them once, in this process."""
        here = (ReplicaSurvey(name, "running") for name in self._deployments)
        return Survey(tuple(DeploymentSurvey(one.id, "healthy", 1, (one,)) for one in here))

    async def publish_capacity(self, report: Report) -> None:
        """What runs here does not grow."""
        self._report = report

    async def capacity(self) -> Report | None:
        return self._report

    def _placed(self, placement: str) -> tuple[Any, tuple[str, ...]]:
        deployment, variant = split_name(placement)
        return self._replica(deployment), variant

    def _replica(self, deployment: str) -> Any:
        if deployment not in self._deployments:
            raise StageUnavailable(f"no replica of {deployment} runs")
        return self._deployments[deployment]
