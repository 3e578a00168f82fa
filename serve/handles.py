"""The stages over Ray Serve handles; errors come out as the router's own, without Ray's wrapping."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any

import ray
from ray.exceptions import ObjectLostError, RayActorError, RayError, RayTaskError
from ray.serve.exceptions import BackPressureError, RayServeException
from ray.serve.handle import DeploymentHandle

from configs.errors import AtelierError, StageError, StageUnavailable
from configs.sharing import split_name
from deployments.messages import EXAMINER, LoraFile, LoraReport, Message, ModelState, Picture, PictureRef, Told
from router.capacity.report import Report
from router.jobs.model import WaitingJobs
from router.live import Bulletin
from router.operations.survey import Survey
from serve.capacity_notice import CapacityNotice
from serve.queue_depth import QueueDepth
from serve.starts import Starts
from serve.survey import survey_application

_log = logging.getLogger("atelier.handles")
_ASK_SECONDS = 2.0  # for an estimate, which nobody should wait for


class RayReplicas:
    """`Replicas` over one handle per deployment."""

    def __init__(
        self,
        handles: Mapping[str, DeploymentHandle[Any]],
        starts: Starts | None = None,
        queue_depth: QueueDepth | None = None,
        capacity: CapacityNotice | None = None,
    ) -> None:
        """With `starts`, who waits for a deployment that has no replica is told; with `queue_depth`, the
        autoscaler is told of what waits in the queue; with `capacity`, of what was decided."""
        self._methods: dict[tuple[str, str, bool], Any] = {}
        self._handles, self._starts, self._queue_depth = handles, starts or Starts({}), queue_depth
        self._capacity = capacity

    async def put(self, picture: Picture) -> PictureRef:
        """A Ray object, which is there for as long as somebody holds a reference to it."""
        try:
            return await asyncio.to_thread(ray.put, picture)
        except RayError as error:
            _log.warning("a picture cannot be handed over: %s", error)
            raise StageUnavailable("the cluster has no room for a picture that the job begins with") from None

    async def run(
        self, deployment: str, message: Message, picture: PictureRef | None = None
    ) -> AsyncGenerator[Told, None]:
        name, variant = split_name(deployment)
        answer = self._method(name, message).remote(*([picture] if message.takes_picture else []), message, *variant)
        try:
            with _own_errors(deployment):
                if not message.streams:
                    yield await answer
                    return
                async with aclosing(self._starts.announce(deployment, answer)) as told:
                    async for each in told:
                        yield each
        finally:
            _leave(answer)

    async def model_state(self, deployment: str) -> ModelState:
        with _own_errors(deployment):
            name, variant = split_name(deployment)
            state: ModelState = await self._handle(name).state.remote(*variant)
        return state

    async def examine(self, lora: LoraFile) -> LoraReport:
        """Waits while a replica starts for it."""
        with _own_errors(EXAMINER):
            report: LoraReport = await self._handle(EXAMINER).examine.remote(lora)
        return report

    async def cold_start(self, deployment: str) -> float:
        """A replica is asked only where one runs: the question would start one."""
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                away = await self._starts.ahead(deployment)
                if away or not self._starts.loads_on_demand(deployment):
                    return away
                state = await self.model_state(deployment)
        except (StageError, TimeoutError):
            return 0.0
        return 0.0 if state.loaded else state.load_seconds

    async def publish_queue_depth(self, waiting: Sequence[WaitingJobs]) -> None:
        if self._queue_depth is not None:
            await self._queue_depth.write(waiting)

    async def publish_capacity(self, report: Report) -> None:
        if self._capacity is not None:
            await self._capacity.write(report)

    async def capacity(self) -> Report | None:
        return None if self._capacity is None else await self._capacity.read()

    async def survey(self) -> Survey:
        """As the controller says; a controller that does not answer is none."""
        with _own_errors("Serve's controller"):
            return await asyncio.to_thread(survey_application)

    def _method(self, deployment: str, message: Message) -> Any:
        """What takes a message: making such a handle costs about as much as calling it."""
        key = (deployment, message.method, message.streams)
        if key not in self._methods:
            self._methods[key] = getattr(self._handle(deployment).options(stream=message.streams), message.method)
        return self._methods[key]

    def _handle(self, deployment: str) -> DeploymentHandle[Any]:
        if deployment not in self._handles:
            raise StageError(f"this installation no longer has {deployment}; submit the job again")
        return self._handles[deployment]


class RayConductor:
    """`ConductorLink` over the handle of the conductor's deployment."""

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle

    async def wake(self) -> None:
        with _own_errors("the conductor"):
            await self._handle.wake.remote()

    async def cancel(self, job_id: str) -> None:
        with _own_errors("the conductor"):
            await self._handle.cancel.remote(job_id)

    async def follow(self) -> AsyncGenerator[Bulletin, None]:
        followed: Any = self._handle.options(stream=True).follow.remote()
        try:
            with _own_errors("the conductor"):
                async for bulletin in followed:
                    yield bulletin
        finally:
            _leave(followed)


def _leave(answer: Any) -> None:
    """Cancel what was asked for: the consumer may have left early; nothing happens when all has been answered. A call
    that has come to no replica says here again why, which whoever waited for it has been told."""
    with suppress(RayError, RayServeException):
        answer.cancel()


@contextmanager
def _own_errors(deployment: str) -> Iterator[None]:
    """Translate what Ray raises. A domain error crosses as a mix of its class and Ray's: the cause is the original."""
    try:
        yield
    except RayTaskError as error:
        cause = error.cause
        if isinstance(cause, AtelierError):
            raise cause from None
        if isinstance(cause, (RayActorError, ObjectLostError)):
            raise StageUnavailable(f"a replica on the way to {deployment} was lost") from None
        _log.error("%s failed: %s", deployment, error)
        raise StageError(f"{deployment} failed unexpectedly; the log has details") from None
    except BackPressureError:
        raise StageUnavailable(f"{deployment} has too much to do") from None
    except (RayServeException, RayError) as error:
        _log.warning("%s is away: %s", deployment, type(error).__name__)
        raise StageUnavailable(f"a replica of {deployment} was lost or is starting") from None
