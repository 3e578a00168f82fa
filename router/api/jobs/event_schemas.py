"""What event streams tell, as bodies: an envelope for each type of a line of the log, and what is told live."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, RootModel

from configs.frozen import Frozen
from router.api.schemas import ImageBody
from router.jobs import payloads
from router.jobs.payloads import Payload
from router.replays.receipt import Receipt


class LogEvent(Frozen):
    """A line of a job's log."""

    job_id: str
    seq: int = Field(ge=1, description="within the job, without gaps")
    at: datetime


class ImageFinished(Payload):
    """A picture is finished and stored."""

    image: ImageBody


class JobQueued(LogEvent):
    """The job was accepted."""

    type: Literal["job.queued"]
    payload: Payload


class JobStarted(LogEvent):
    """A worker has taken the job."""

    type: Literal["job.started"]
    payload: payloads.Attempt


class JobStage(LogEvent):
    """A stage begins, or is waited in."""

    type: Literal["job.stage"]
    payload: payloads.StageEntered


class JobImage(LogEvent):
    """A picture is finished. Its licence is what held when it was drawn."""

    type: Literal["job.image"]
    payload: ImageFinished


class JobRetried(LogEvent):
    """A picture, or the job, is begun anew."""

    type: Literal["job.retried"]
    payload: payloads.Retried


class JobCandidate(LogEvent):
    """A drawing was scored."""

    type: Literal["job.candidate"]
    payload: payloads.CandidateScored


class JobChosen(LogEvent):
    """It is known which drawings become pictures."""

    type: Literal["job.chosen"]
    payload: payloads.CandidatesChosen


class JobReplayed(LogEvent):
    """A replay was compared with the picture that it draws again."""

    type: Literal["job.replayed"]
    payload: Receipt


class JobLoss(LogEvent):
    """A training has taken a step."""

    type: Literal["job.loss"]
    payload: payloads.LossNoted


class JobValidated(LogEvent):
    """A training was measured on pictures that were held out."""

    type: Literal["job.validated"]
    payload: payloads.Validated


class JobCheckpoint(LogEvent):
    """A training has kept what it learned so far."""

    type: Literal["job.checkpoint"]
    payload: payloads.CheckpointKept


class JobSamples(LogEvent):
    """A checkpoint of a training has drawn."""

    type: Literal["job.samples"]
    payload: payloads.SamplesKept


class JobJudged(LogEvent):
    """The checkpoints of a training were compared."""

    type: Literal["job.judged"]
    payload: payloads.Judged


class JobAdapter(LogEvent):
    """What a training has learned is in the library."""

    type: Literal["job.adapter"]
    payload: payloads.AdapterAdopted


class JobComplete(LogEvent):
    """The job has all its pictures; nothing follows."""

    type: Literal["job.complete"]
    payload: Payload


class JobFailed(LogEvent):
    """The job has ended without all its pictures; nothing follows."""

    type: Literal["job.failed"]
    payload: payloads.Failure


class JobCanceled(LogEvent):
    """The job was canceled; nothing follows."""

    type: Literal["job.canceled"]
    payload: Payload


class JobOther(LogEvent):
    """A line of the log that a newer release has written."""

    type: Literal["job.other"]
    payload: payloads.OtherType


class Progress(Frozen):
    """How far a job is, told live and never again; seconds and shares are the whole job's."""

    type: Literal["progress"]
    job_id: str
    progress: float = Field(ge=0, le=1)
    index: int = Field(description="of the picture that moved")
    stage: str = Field(description="that the picture is in")
    label: str = Field(description="what happens in that stage, in words")
    step: int
    steps: int = Field(description="of the stage; 0 where it has none")
    estimated_time_seconds: float = Field(description="that remain")
    detail: str | None = Field(default=None, description="what it waits for, where it does not move")
    eta_seconds: float | None = Field(default=None, description="for how long; of a training, until it has learned")
    loss: float | None = Field(default=None, description="of a training's step")
    seconds: float | None = Field(default=None, description="that a training's step took")
    cached_seconds: float | None = None
    parameters: int | None = Field(default=None, description="that a training learns")
    memory_bytes: int | None = Field(default=None, description="of the GPU that a training takes")


class Preview(Frozen):
    """What a picture looks like at this step, told live and never again."""

    type: Literal["preview"]
    job_id: str
    index: int
    image: str = Field(description="a small WebP file, as a data URL")


class Hello(Frozen):
    """A stream begins: lists that are read from now on, and what follows, have everything."""

    type: Literal["hello"]
    since: str = Field(description="where it begins: its own id")


class Reset(Frozen):
    """A stream cannot go on where it was asked to: read anew what you show."""

    type: Literal["reset"]
    since: str = Field(description="where it begins: its own id")


class Replaced(Frozen):
    """A newer stream of yours has taken this one's place; nothing follows."""

    type: Literal["replaced"]
    detail: str


_Logged: TypeAlias = (
    JobQueued
    | JobStarted
    | JobStage
    | JobImage
    | JobRetried
    | JobCandidate
    | JobChosen
    | JobReplayed
    | JobLoss
    | JobValidated
    | JobCheckpoint
    | JobSamples
    | JobJudged
    | JobAdapter
    | JobComplete
    | JobFailed
    | JobCanceled
    | JobOther
)


class JobStreamEvent(RootModel[Annotated[_Logged | Progress | Preview, Field(discriminator="type")]]):
    """The data of an event of GET /jobs/{job_id}/events, as JSON. `event` of the stream is its `type`."""


class OwnStreamEvent(
    RootModel[Annotated[_Logged | Progress | Preview | Hello | Reset | Replaced, Field(discriminator="type")]]
):
    """The data of an event of GET /events, as JSON. `event` of the stream is its `type`."""
