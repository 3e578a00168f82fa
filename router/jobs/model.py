"""The vocabulary of durable jobs, imported by the store, the conductor and the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import Field

from configs.environment import Environment
from configs.errors import UnreadablePlan
from configs.formats import Format
from configs.frozen import Frozen
from configs.schema import Size, Verdict
from router.people.tables import HOME
from router.plan import Plan, Routed
from router.storage.documents import UnreadableDocument
from router.training.plan import TrainingPlan

P = TypeVar("P", Plan, TrainingPlan)

HELD_BACK = "experiment:"
"""Owners whose names begin so are nobody: their jobs let those of all others go first."""

JobKind: TypeAlias = Literal["generate", "train"]
"""What is to be done. Each kind has a plan of its own; a worker takes the kinds that it knows."""


class JobStatus(StrEnum):
    """queued → processing → complete | failed | canceled; a job whose worker died is leased again as it stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        return self in (JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELED)


class EventType(StrEnum):
    """What a job's log records. Step progress and previews are sent live and never stored."""

    QUEUED = "job.queued"
    STARTED = "job.started"
    STAGE = "job.stage"
    IMAGE = "job.image"
    RETRIED = "job.retried"
    CANDIDATE = "job.candidate"
    CHOSEN = "job.chosen"
    REPLAYED = "job.replayed"
    LOSS = "job.loss"
    VALIDATED = "job.validated"
    CHECKPOINT = "job.checkpoint"
    SAMPLES = "job.samples"
    JUDGED = "job.judged"
    ADAPTER = "job.adapter"
    COMPLETE = "job.complete"
    FAILED = "job.failed"
    CANCELED = "job.canceled"
    OTHER = "job.other"
    """What a newer release has logged; `payload` holds its `type`."""


class StoredFile(Frozen):
    """One file of a picture in the blob store; `sha256` is its key there. `size` is that of a further size, and None
    for the picture's own."""

    format: Format
    media_type: str
    sha256: str
    size_bytes: int = Field(ge=0)
    size: Size | None = None

    @property
    def rendition(self) -> str:
        """Its name among the files of its picture: `png`, or `png@256x256` for a further size."""
        return self.format if self.size is None else f"{self.format}@{self.size}"


UNREADABLE = "unreadable"
"""In place of a licence, where nobody can read what took part."""


class LicensedPart(Frozen):
    """What took part in a picture: a part of a component (a model, a LoRA, a network), and its licence as it was then.
    `picture` is the id of an upload, whose licence is what was last said of it; `through` that of one which only looks
    like a picture that it was part of, until somebody has looked at both."""

    component: str
    part: str
    licence: str
    picture: str = ""
    through: str = ""


class Uses(Frozen):
    """What may be done, per purpose."""

    reference: Verdict
    internal: Verdict
    product: Verdict


class LicenceVerdict(Uses):
    """What a picture may be used for, per purpose, and which licence parts decide it. `accepted` is what held when it
    was ordered, where that differs by now."""

    licences: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    parts: tuple[LicensedPart, ...] = ()
    accepted: Uses | None = None


class Parent(Frozen):
    """A picture that another was made from, and in which role."""

    asset_id: str
    role: str


class ImageRecord(Frozen):
    """A finished picture of a job. `index` counts from 0, the best first where they are chosen; `asset_id` names it
    among all."""

    asset_id: str = ""
    index: int = Field(ge=0)
    seed: int
    width: int
    height: int
    files: tuple[StoredFile, ...]
    licence: LicenceVerdict
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict, description="device seconds per stage")
    colours: tuple[str, ...] = Field(default=(), description="of most of it, as #rrggbb, as it is added")
    parents: tuple[Parent, ...] = Field(default=(), description="as it is added; read by the picture's id")
    scores: dict[str, float] = Field(default_factory=dict, description="what was measured of it, by name")


@dataclass(frozen=True, slots=True)
class StageOutput:
    """What picture `index` of a job was after the stage at `position` of its plan, of this `kind`: pixels in the blob
    store under `sha256`. `seconds` and `notes` are those of all stages so far; `weights` is the hash of what drew it,
    and `environment` what that was done in, where it is known.
    """

    index: int
    position: int
    kind: str
    sha256: str
    seconds: dict[str, float]
    notes: tuple[str, ...]
    weights: str
    scores: dict[str, float] = field(default_factory=dict)
    environment: Environment | None = None


class JobFailure(Frozen):
    """Why a job failed: a stable code and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to accept. `request` is the body as it was understood, kept for history and 'more like this'. Its kind is
    that of its plan; nobody works on it before `not_before`."""

    id: str
    owner: str
    request: dict[str, Any]
    plan: Plan | TrainingPlan
    licence: LicenceVerdict
    space: str = HOME
    batch: str = ""
    line: int = 0
    not_before: datetime | None = None

    @property
    def kind(self) -> JobKind:
        """What is to be done."""
        return "generate" if isinstance(self.plan, Plan) else "train"

    @property
    def routed(self) -> Routed | None:
        """As which arm its pictures are drawn."""
        return self.plan.routed if isinstance(self.plan, Plan) else None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as stored. `progress` is 0…1 over all pictures; `attempt` counts leases.

    `stored_plan` is why it cannot be read, where it was written by a release that this one does not understand. `batch`
    is empty for a job of its own; else `line` is that of the batch's list or file that it comes from.
    """

    id: str
    owner: str
    space: str
    kind: JobKind
    status: JobStatus
    request: dict[str, Any]
    stored_plan: Plan | TrainingPlan | UnreadableDocument
    licence: LicenceVerdict
    progress: float
    images: tuple[ImageRecord, ...]
    attempt: int
    cancel_requested: bool
    failure: JobFailure | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    batch: str = ""
    line: int = 0

    @property
    def readable_plan(self) -> Plan | None:
        """Of its pictures: None where this release cannot read it, and where none are drawn."""
        return self.stored_plan if isinstance(self.stored_plan, Plan) else None

    @property
    def plan(self) -> Plan:
        """Of its pictures. Raises `UnreadablePlan`; a job that is leased has one that can be read."""
        return _read_as(self.stored_plan, Plan, "draws no pictures")

    @property
    def readable_training(self) -> TrainingPlan | None:
        """None where this release cannot read it, and where pictures are drawn."""
        return self.stored_plan if isinstance(self.stored_plan, TrainingPlan) else None

    @property
    def training(self) -> TrainingPlan:
        """What is learned. Raises `UnreadablePlan`, also for a job that draws pictures."""
        return _read_as(self.stored_plan, TrainingPlan, "is no training")

    @property
    def planned_seconds(self) -> float:
        """That all of it was to take, waiting excluded; 0 where its plan cannot be read."""
        return 0.0 if isinstance(self.stored_plan, UnreadableDocument) else self.stored_plan.estimated_seconds


def _read_as(stored: Plan | TrainingPlan | UnreadableDocument, kind: type[P], otherwise: str) -> P:
    if isinstance(stored, UnreadableDocument):
        raise UnreadablePlan(f"{stored}; use the release that accepted the job, or order anew")
    if not isinstance(stored, kind):
        raise UnreadablePlan(f"this job {otherwise}")
    return stored


@dataclass(frozen=True, slots=True)
class Kin:
    """That job `job_id` comes from another job or from a picture: by a `call` (regenerate, like, tweak …), or with
    the picture in a role (image, reference …). `parent_job` is absent of an upload, and of what is gone; `is_there`
    says whether the picture is."""

    job_id: str
    call: str
    parent_job: str | None
    parent_index: int | None
    parent_asset: str | None
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class JobBrief:
    """A job in a line."""

    id: str
    status: JobStatus
    request: dict[str, Any]
    seeds: tuple[int, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until `until`; every write must carry it. `token` grows with every lease (fencing)."""

    job: Job
    worker: str
    token: int
    until: datetime


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One line of a job's log. `seq` starts at 1 and has no gaps within a job."""

    job_id: str
    seq: int
    type: EventType
    payload: dict[str, Any]
    at: datetime


class Asset(Frozen):
    """Any picture, drawn or uploaded, by its id. `licence` is the verdict on it as it was accepted, `place` the job of
    one that was drawn and its index there, and `parents` are what it was made from."""

    id: str
    owner: str
    space: str
    kind: Literal["drawn", "uploaded"]
    width: int
    height: int
    files: tuple[StoredFile, ...]
    licence: LicenceVerdict
    place: tuple[str, int] | None = None
    parents: tuple[Parent, ...] = ()


@dataclass(frozen=True, slots=True)
class UploadedPicture:
    """A picture that `owner` brought: pixels each way, and its PNG in the blob store, whose key is `sha256`. `right` is
    what they say of it (own, bought, unknown), `source` where it comes from; `licence` what it may be used for, where
    more is known than that. One that came as the input of one call is `kept_until` then."""

    id: str
    owner: str
    sha256: str
    width: int
    height: int
    size_bytes: int
    space: str = HOME
    colours: tuple[str, ...] = ()
    right: str = "unknown"
    source: str = ""
    licence: LicenceVerdict | None = None
    kept_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key for one submission and the hash of the body it came with."""

    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work ahead of a new job: unfinished jobs, and the plan seconds that remain of them. Jobs of batches let a job of
    its own go first, and count for batches only. `own_jobs` are its owner's outside of batches, `own_batch_jobs`
    those in them."""

    jobs: int
    own_jobs: int
    seconds: float
    own_batch_jobs: int = 0


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """Jobs that nobody works on, of one `deployment`: what remains of their pictures, and the seconds to draw these."""

    deployment: str
    jobs: int
    pictures: float
    seconds: float
