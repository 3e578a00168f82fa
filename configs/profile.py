"""An installation: what runs, where it listens, where its state lives."""

from __future__ import annotations

from datetime import time

from pydantic import Field, model_validator

from configs.capacity import CapacityPolicy
from configs.credentials import CredentialsConfig
from configs.direct_links import DirectLinks
from configs.frozen import Frozen
from configs.openai_door import OpenAIDoor
from configs.placements import (
    CaptionerPlacement,
    GeneratorPlacement,
    ScorerPlacement,
    TrainerPlacement,
    UpscalerPlacement,
)
from configs.replicas import ConductorReplicas, FinisherReplicas, GeneratorReplicas, Replicas, RouterReplicas
from configs.retention import Days, RetentionBounds
from configs.roles import Role, WorkerTerms
from configs.schema import Identifier, Purpose
from configs.service import ROOT_PATH, Address, Limits, Monitoring, NodeBounds
from configs.sharing import SharedReplicas, find_unshared
from configs.sign_in import SignInConfig
from configs.webhooks import WebhookConfig
from configs.windows import Window


class ProfileConfig(Frozen):
    """An installation (`configs/profiles/<id>.yaml`): what runs, where it listens, where its state lives."""

    id: Identifier
    description: str
    role: Role = Field(
        default="all", description="door: accepts jobs, draws none; worker: draws them, has no door; all: both"
    )
    worker: WorkerTerms = WorkerTerms()
    generators: tuple[GeneratorPlacement, ...] = Field(min_length=1)
    shared: dict[Identifier, SharedReplicas] = Field(default={}, description="replicas that several models share")
    upscalers: tuple[UpscalerPlacement, ...] = ()
    scorers: tuple[ScorerPlacement, ...] = ()
    captioners: tuple[CaptionerPlacement, ...] = Field(
        default=(), description="what suggests captions of datasets; the first does where nobody says which"
    )
    trainers: tuple[TrainerPlacement, ...] = ()
    night: Window = Field(
        default=Window(opens=time(20), closes=time(6)), description="hours of UTC of trainings that run overnight"
    )
    cutter: Identifier | None = Field(default=None, description="what cuts out where the ground is not of one colour")
    finisher: FinisherReplicas = FinisherReplicas()
    examiner: Replicas = Field(
        default=Replicas(min_replicas=0, max_ongoing_requests=100, downscale_delay_s=60),
        description="of LoRAs that are uploaded: it loads the models that it tries them with, on the CPU",
    )
    router: RouterReplicas = RouterReplicas()
    conductor: ConductorReplicas = ConductorReplicas()
    default_model: Identifier
    http: Address = Address(port=8000)
    root_path: str = Field(
        default="", pattern=ROOT_PATH, description="/path at which a proxy serves it; X-Forwarded-Prefix if empty"
    )
    dashboard: Address | None = Address(port=8265)
    monitoring: Monitoring = Monitoring()
    state: str = Field(default=".atelier", description="folder for the database, pictures and logs")
    database_url: str | None = Field(default=None, description="postgresql://…; SQLite in the state folder if absent")
    blob_url: str | None = Field(default=None, description="az://… or s3://…; files in the state folder if absent")
    direct_links: DirectLinks = DirectLinks()
    retention_days: dict[Identifier, Days] = Field(
        default={},
        description="by space; older drawn pictures go, but what is starred, collected, shared, or a parent of such",
    )
    retention_bounds: RetentionBounds = Field(
        default=RetentionBounds(), description="of days that leads may say of their spaces themselves"
    )
    lora_cache_gb: float = Field(
        default=20, gt=0, description="of a node's disk, for LoRAs that were added while the studio ran"
    )
    minutes_per_kept_picture: float = Field(
        default=20.0, ge=0, description="of work by hand that a picture that is kept stands for, in /analytics"
    )
    owner: str = Field(default="dev", description="the user that every request belongs to where nobody signs in")
    sign_in: SignInConfig = SignInConfig()
    credentials: CredentialsConfig = CredentialsConfig()
    parallel_jobs: int = Field(default=16, gt=0, description="jobs that one conductor works on at a time")
    object_store_mb: int = Field(default=256, ge=80)
    gpu_memory_gb: float | None = Field(default=None, gt=0, description="of each GPU, in 10^9 bytes")
    gpus: int | None = Field(default=None, gt=0, description="that there are; unknown on a cluster that grows")
    fleet: Identifier | None = Field(
        default=None, description="in configs/fleets: the GPUs that there may be; it goes before gpus, gpu_memory_gb"
    )
    kinds: dict[Identifier, NodeBounds] = Field(default={}, description="of the fleet, with other bounds; max 0: none")
    capacity: CapacityPolicy = CapacityPolicy()
    default_use: Purpose = Field(default="internal", description="of pictures, where a download says none")
    limits: Limits = Limits()
    webhooks: WebhookConfig = WebhookConfig()
    openai: OpenAIDoor = OpenAIDoor()

    @property
    def networks(self) -> tuple[UpscalerPlacement | ScorerPlacement | CaptionerPlacement | TrainerPlacement, ...]:
        """What runs one network each, beside the generators."""
        return (*self.upscalers, *self.scorers, *self.captioners, *self.trainers)

    @model_validator(mode="after")
    def _shares(self) -> ProfileConfig:
        both = {one.share for one in self.generators if one.share and "replicas" in one.model_fields_set}
        if problem := find_unshared([one.share for one in self.generators], self.shared, both):
            raise ValueError(problem)
        return self

    def replicas_of(self, placement: GeneratorPlacement) -> GeneratorReplicas:
        """Its own, or those that it shares."""
        return placement.replicas if placement.share is None else self.shared[placement.share]
