"""What the lines of a job's log say, by their type: whoever writes one makes these; the API's document tells them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from configs.frozen import Frozen
from router.jobs.model import JobFailure


class Payload(Frozen):
    """What a line of the log says beside its type: nothing."""

    def told(self) -> dict[str, Any]:
        """As JSON, with what was said and nothing else."""
        return self.model_dump(mode="json", exclude_unset=True)


class Attempt(Payload):
    """A worker has taken the job."""

    attempt: int = Field(description="from 1: how often one has")


class StageEntered(Payload):
    """A stage begins, or is waited in."""

    stage: str = Field(description="a kind of stage; `loading`, `waiting`, `paused`; or what a training goes through")
    index: int | None = Field(default=None, description="of the picture; absent for all of them")
    detail: str | None = Field(default=None, description="what is waited for, in words")
    eta_seconds: float | None = Field(default=None, description="for how long")
    model: str | None = Field(default=None, description="that is being loaded")
    step: int | None = Field(default=None, description="that a training goes on from")
    steps: int | None = Field(default=None, description="of a training")
    cached_seconds: float | None = Field(default=None, description="that a training has spent on encoding")
    parameters: int | None = Field(default=None, description="that a training learns")
    memory_bytes: int | None = Field(default=None, description="of the GPU that it takes")


class Retried(Payload):
    """A picture is begun anew (`index`, `reason`), or the job by another worker (`attempt`)."""

    index: int | None = None
    reason: str | None = None
    attempt: int | None = None


class CandidateScored(Payload):
    """A drawing was scored, so that pictures can be chosen."""

    candidate: int = Field(description="from 0, in the order of the seeds")
    seed: int
    scores: dict[str, float]


class CandidatesChosen(Payload):
    """These drawings become pictures, in this order."""

    candidates: tuple[int, ...]


class LossNoted(Payload):
    """A training has taken a step: one of about two hundred that are written down."""

    step: int
    steps: int
    loss: float
    eta_seconds: float


class Validated(Payload):
    """The loss on pictures that were held out."""

    step: int
    loss_by_noise: dict[str, float] = Field(description="by the share of noise")


class CheckpointKept(Payload):
    """What was learned so far is kept."""

    step: int
    adapter: str = Field(description="its SHA-256")


class SamplesKept(Payload):
    """Pictures that a checkpoint has drawn, to look at it by."""

    step: int
    sha256: tuple[str, ...]


class Judged(Payload):
    """Which checkpoint is the best, at which strength, and why."""

    step: int
    strength: float
    reasons: tuple[str, ...]
    sheet: str = Field(description="a picture of it, by its SHA-256")
    judgement: dict[str, Any] = Field(description="the whole document")


class AdapterAdopted(Payload):
    """What was learned is a version in the library."""

    lora: str
    version: str
    step: int
    strength: float
    sha256: str
    mark: str | None = None
    why: str = Field(default="", description="it has that mark or none: against the judge, or other runs of its sweep")


class Failure(Payload, JobFailure):
    """Why the job ended without all its pictures."""


class OtherType(Payload):
    """A line of a type that this release does not know."""

    type: str = ""
