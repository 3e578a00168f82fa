"""Bodies of the operators' routes."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from configs.frozen import Frozen


class ReplicaStateBody(Frozen):
    """A replica of a deployment."""

    id: str
    state: str = Field(description="starting, running, stopping, or another word of Ray's", examples=["running"])
    node: str | None = Field(default=None, description="address of its machine; null in one process")
    since: datetime | None = None


class CapacityBody(Frozen):
    """How many replicas a deployment is to have, as was decided, and why."""

    wanted: int
    reason: str = Field(description="a word that stays, such as backlog", examples=["keep-alive"])
    detail: str = Field(description="the same as a sentence")
    kind: str | None = Field(description="of the fleet's GPUs; null without a GPU")
    since: datetime = Field(description="when this was decided first")


class DeploymentStateBody(Frozen):
    """A deployment with its replicas; `gpus` and `cpus` are what each of them reserves."""

    name: str
    status: str = Field(examples=["healthy"])
    detail: str = ""
    target_replicas: int
    gpus: float = Field(description="a share of one, or whole ones")
    cpus: float
    replicas: tuple[ReplicaStateBody, ...]
    capacity: CapacityBody | None = Field(default=None, description="null for what grows with its requests alone")


class WorkBody(Frozen):
    """Unfinished jobs; `seconds` is what drawing the rest of their pictures is predicted to take."""

    jobs: int
    pictures: float
    seconds: float


class ModelLoadBody(Frozen):
    """A placed model: what is to do for it, and whether it is in memory. `model` is null for work of a deployment that
    is placed no longer."""

    deployment: str
    model: str | None
    loras: tuple[str, ...] = Field(default=(), description="fused into its weights")
    queued: WorkBody | None = Field(description="nobody works on it yet; null while the database is away")
    running: WorkBody | None
    cold_start_seconds: float | None = Field(
        description="predicted until it can draw: 0 where it is in memory, null where nobody says"
    )
    last_load_seconds: float | None = Field(description="that loading it took last, where a replica says so")
    memory_gb: float | None = Field(description="predicted, in 10^9 bytes; null where nobody counted it")


class LedgerBody(Frozen):
    """What a deployment has of a GPU, as planned before the start; gigabytes are 10^9 bytes."""

    deployment: str
    predicted_gb: float | None
    share: float
    limit_gb: float | None = Field(description="what the share is worth, where the profile says how large a GPU is")
    replicas_always: int
    replicas_most: int


class GpusBody(Frozen):
    """GPUs as the profile has them, and who has how much of one."""

    count: int | None = Field(description="null on a cluster that grows")
    memory_gb: float | None = Field(description="of each")
    ledger: tuple[LedgerBody, ...]


class StoreStateBody(Frozen):
    """Whether something can be used now."""

    ok: bool
    detail: str = Field(default="", description="what is wrong, and what to do")


class StoresBody(Frozen):
    """The database of jobs, and the place for files."""

    database: StoreStateBody
    files: StoreStateBody


class OperationsBody(Frozen):
    """What runs where, what there is to do, and what is wrong."""

    version: str
    at: datetime
    profile: str
    ready: bool = Field(description="models that are kept running have loaded, and a conductor answers")
    dashboard: str | None = Field(description="Ray's own; null where there is none")
    stores: StoresBody
    deployments: tuple[DeploymentStateBody, ...] | None = Field(description="null while the cluster does not say")
    models: tuple[ModelLoadBody, ...]
    gpus: GpusBody


class GroundBody(Frozen):
    """What a decision was made of, in seconds of work and of waiting."""

    work_seconds: float
    waiting_jobs: int
    oldest_wait_seconds: float
    expected_wait_seconds: float | None = Field(description="of who comes now; null: nothing runs or starts")
    arriving: float = Field(description="work that comes, in seconds per second")
    running: int
    starting: int
    slo_seconds: float
    keep_alive_seconds: float
    start_seconds: float
    correction: float = Field(description="what work takes, per predicted second")


class DecisionBody(CapacityBody):
    """A decision with what it was made of."""

    deployment: str
    replicas: int = Field(description="that there were, or were coming")
    without_limits: int = Field(description="that there would be with GPUs and money enough")
    ground: GroundBody


class CapacityReportBody(Frozen):
    """What was decided of capacity: of each deployment the last, and what went before, newest first."""

    at: datetime
    decisions: tuple[DecisionBody, ...]
    before: tuple[DecisionBody, ...]
    ages: dict[str, float] = Field(description="seconds since each source was heard")
    faults: tuple[str, ...] = Field(description="what is wrong with a source")
