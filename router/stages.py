"""The port through which the conductor reaches the replicas: Ray handles in the cluster, objects in one process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from deployments.messages import (
    Finished,
    FinishRequest,
    Generated,
    GenerateRequest,
    ModelState,
    PictureRef,
    StepDone,
    Upscaled,
)


class Stages(Protocol):
    """Each call is one unit of work on some replica of a deployment.

    Raises `StageUnavailable` when no replica answers or it died on the way (worth another attempt) and other
    `AtelierError`s when the work itself failed. Closing the iterator of `generate`, or canceling the awaiting task,
    cancels the work on the replica within two steps.
    """

    def generate(self, deployment: str, request: GenerateRequest) -> AsyncIterator[StepDone | Generated]:
        """Draw one picture: a `StepDone` after each step, then one `Generated`."""
        ...

    async def upscale(self, deployment: str, picture: PictureRef, passes: int) -> Upscaled:
        """Enlarge a picture by the upscaler's scale, `passes` times."""
        ...

    async def finish(self, deployment: str, picture: PictureRef, request: FinishRequest) -> Finished:
        """Write the files of a picture."""
        ...

    async def model_state(self, deployment: str) -> ModelState:
        """What the deployment's replica says of itself."""
        ...
