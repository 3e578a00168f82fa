"""What the API takes and tells of trainings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from configs.frozen import Frozen
from configs.schema import Strength
from configs.training import TrainingSettings
from router.api.library.licence_schemas import LicenceBody
from router.jobs.model import JobFailure, JobStatus
from router.library.model import MarkName
from router.notes import Note
from router.training.plan import TrainingEstimate
from router.training.record import TrainingState
from router.training.request import DatasetSketch, TrainingRequest


class TrainingOrder(TrainingRequest):
    """A training to begin."""

    dry_run: bool = Field(default=False, description="Answer 200 with the plan and its price, and do nothing")
    sketch: DatasetSketch | None = Field(
        default=None,
        description="With dry_run: what `dataset` would be, where it is not here yet. Its pictures are not looked at",
    )


class TrainingPlanBody(Frozen):
    """What would be learned, and what it would take. Several, where something is swept."""

    dataset: str = Field(description="ID@VERSION")
    model: str
    lora: str
    trigger: str
    pictures: int
    settings: TrainingSettings
    licence: LicenceBody
    estimate: TrainingEstimate
    notes: tuple[Note, ...] = ()


class TrainingPlans(Frozen):
    """The answer to `dry_run`. Trainings of one model go one after another; `finish` is when the last ends, if nothing
    else comes between."""

    trainings: tuple[TrainingPlanBody, ...]
    estimated_time_seconds: float = Field(description="of all, with what is ahead of them")
    finish: datetime


class CheckpointBody(Frozen):
    """What was kept after a step. `held_out` is the loss of pictures that were held back, by share of noise."""

    step: int
    adapter: str = Field(description="SHA-256 of its file")
    held_out: dict[str, float] = {}
    samples: tuple[str, ...] = Field(default=(), description="hashes of pictures that were drawn then")


class AdapterBody(Frozen):
    """The version of a LoRA that a training has made."""

    lora: str
    version: str
    step: int
    strength: float
    sha256: str
    mark: str | None = None
    why: str = Field(default="", description="it has that mark or none: against the judge, or other runs of its sweep")


class TrainingBody(Frozen):
    """A training as it stands: also a job, at `/jobs/{job_id}`."""

    job_id: str
    status: JobStatus
    state: TrainingState
    detail: str | None = Field(default=None, description="what it waits for, or does")
    progress: float
    step: int
    steps: int
    loss: float | None = None
    losses: dict[int, float] = Field(default={}, description="by step; of GET /trainings/{training_id}")
    checkpoints: tuple[CheckpointBody, ...] = ()
    judgement: dict[str, Any] | None = Field(default=None, description="of GET /trainings/{training_id}")
    adapter: AdapterBody | None = Field(default=None, description="what became of it in the library")
    estimated_time_seconds: float = Field(description="that remain; 0 when it has ended")
    dataset: str
    model: str
    lora: str
    trigger: str
    pictures: int
    settings: TrainingSettings
    estimate: TrainingEstimate
    sweep: str | None = None
    notes: tuple[Note, ...] = ()
    owner: str
    licence: LicenceBody
    error: JobFailure | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


class TrainingsPage(Frozen):
    """Trainings, newest first. `next` is the `before` of the next page, absent on the last."""

    trainings: tuple[TrainingBody, ...]
    next: str | None = None


class TrainingsAccepted(Frozen):
    """Trainings that were accepted together, one for each run of a sweep."""

    trainings: tuple[TrainingBody, ...]


class AdoptionBody(Frozen):
    """Which checkpoint is to become a version of the LoRA."""

    step: int = Field(ge=0)
    strength: Strength = Field(default=1.0, description="that it is drawn with as a rule")
    mark: MarkName | None = Field(default="candidate", description="that is moved to it")
