"""All that may be written in the chart's values. Closed at every level: what is mistyped is refused by name."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, create_model

from configs.chart.fields import ChartValue, Labels, ObjectName, SecretKey
from configs.chart.network import Gateway, Ingress, Monitoring, NetworkPolicy
from configs.chart.pods import CpuWorkers, Head, Image, KindPods, PodSecurity
from configs.chart.storage import (
    Blob,
    Database,
    ExternalSecrets,
    Identity,
    Models,
    Postgres,
    Redis,
    ServiceAccount,
    State,
)
from configs.frozen import Frozen
from configs.profile import ProfileConfig
from configs.schema import Identifier

OF_THE_CHART = frozenset(
    ("id", "description", "http", "dashboard", "state", "database_url", "blob_url", "object_store_mb")
    + ("fleet", "kinds", "gpus", "gpu_memory_gb", "role", "worker", "monitoring")
)
"""What of a profile the chart says itself. A RayService has all roles: its workers are Ray's."""


def _settings() -> type[Frozen]:
    """A profile of which nothing must be said, and nothing can be that the chart says."""
    optional: dict[str, Any] = {}
    for name, field in ProfileConfig.model_fields.items():
        if name not in OF_THE_CHART:
            kind: Any = field.annotation
            optional[name] = (kind | None, Field(default=None, description=field.description))
    return create_model("Settings", __base__=Frozen, **optional)


Settings = _settings()


class Autoscaler(ChartValue):
    """Ray's, which asks Kubernetes for pods."""

    idle_timeout_seconds: int = Field(default=60, ge=0, description="that a worker stays without anything to do")
    upscaling_mode: Literal["Default", "Aggressive", "Conservative"] = "Default"


class Upgrade(ChartValue):
    """What a change of the cluster itself does; changes of the profile alone are always made in place."""

    type: Literal["None", "NewCluster", "NewClusterWithIncrementalUpgrade"] = Field(
        default="None", description="NewCluster doubles the GPUs while it lasts; the last one shifts by steps"
    )
    gateway_class_name: ObjectName = Field(default="", description="for incremental upgrades")
    step_size_percent: int = Field(default=10, ge=1, le=100)
    interval_seconds: int = Field(default=60, ge=1)
    max_surge_percent: int = Field(default=50, ge=1, le=100)
    deletion_delay_seconds: int = Field(default=60, ge=0, description="that the old cluster stays after it")


class DisruptionBudget(ChartValue):
    """Keeps the head where it is: while it is there, no node under it can be drained."""

    head: bool = False
    cpu_workers_min_available: int = Field(default=0, ge=0, description="a number: no percentage works here; 0: none")


class Values(ChartValue):
    """The chart's values."""

    fullname_override: str = Field(
        default="", pattern=r"^([a-z]([a-z0-9-]{0,45}[a-z0-9])?)?$", description="at most 47 characters"
    )
    image: Image = Image()
    ray_version: str = Field(default="2.60.0", pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$", description="the image's")
    profile: Identifier = Field(default="local", description="what runs: one of files/profiles")
    settings: Settings = Field(  # type: ignore[valid-type]
        default=Settings(), description="what differs from the profile, in its own spelling: sign_in …"
    )
    fleet: Identifier = Field(default="local", description="which GPUs there can be: one of files/fleets")
    kinds: dict[Identifier, KindPods] = Field(default={}, description="what differs from the fleet, by kind of GPU")
    head: Head = Head()
    cpu_workers: CpuWorkers = CpuWorkers()
    drain_seconds: int = Field(default=600, ge=0, description="for what a replica has begun when its pod has to go")
    state: State = State()
    database: Database = Database()
    postgres: Postgres = Postgres()
    blob: Blob = Blob()
    models: Models = Models()
    redis: Redis = Redis()
    identity: Identity = Identity()
    service_account: ServiceAccount = ServiceAccount()
    external_secrets: ExternalSecrets = ExternalSecrets()
    environment: Labels = Field(default={}, description="variables of all pods; secrets by secretEnvironment")
    secret_environment: dict[str, SecretKey] = Field(default={}, description="variables whose values lie in a Secret")
    annotations: Labels = Field(default={}, description="of all pods")
    labels: Labels = Field(default={}, description="of all pods")
    ingress: Ingress = Ingress()
    gateway: Gateway = Gateway()
    network_policy: NetworkPolicy = NetworkPolicy()
    monitoring: Monitoring = Monitoring()
    autoscaler: Autoscaler = Autoscaler()
    upgrade: Upgrade = Upgrade()
    pdb: DisruptionBudget = DisruptionBudget()
    pod_security: PodSecurity = PodSecurity()
