"""Where things lie: jobs, pictures, weights, and the state of Ray's head."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from configs.chart.fields import ChartValue, Labels, ObjectName, Quantity, Resources, SecretKey
from configs.schema import Identifier


class State(ChartValue):
    """The state folder, for a studio of one pod: jobs and pictures are in it unless a database and a blob store are."""

    size: Quantity = "20Gi"
    storage_class: ObjectName = Field(default="", description="the cluster's default if empty")
    existing_claim: ObjectName = Field(default="", description="a claim that is there, instead of one of its own")


class Database(ChartValue):
    """PostgreSQL for jobs."""

    secret_ref: SecretKey = Field(
        default=SecretKey(), description="whose value is postgresql://user:password@host/name"
    )


class Postgres(ChartValue):
    """A PostgreSQL of one pod, for trials: no replica, no backup."""

    enabled: bool = False
    image: str = Field(default="docker.io/library/postgres:17", min_length=1)
    password: SecretKey = SecretKey()
    size: Quantity = "10Gi"
    storage_class: ObjectName = ""
    resources: Resources = Resources(cpu="1", memory="1Gi")


class Blob(ChartValue):
    """Where pictures and LoRAs are kept."""

    url: str = Field(default="", pattern=r"^((az|s3|gs)://[^@?#\s]+)?$", description="az://container, s3://bucket …")
    account: str = Field(default="", pattern=r"^[a-z0-9]{0,24}$", description="of Azure Storage, for az://")
    secret_name: ObjectName = Field(
        default="", description="a Secret whose keys are AZURE_STORAGE_… or AWS_… variables; none with an identity"
    )


class Identity(ChartValue):
    """Who the pods are to the cloud, in place of keys."""

    workload: Literal["azure", "aws", "none"] = "none"
    client_id: str = Field(
        default="", pattern=r"^[A-Za-z0-9:/_+=,.@-]*$", description="azure: of the identity; aws: the role's ARN"
    )


class ServiceAccount(ChartValue):
    create: bool = True
    name: ObjectName = Field(default="", description="the release's if empty")
    annotations: Labels = {}


class FetchedSecret(ChartValue):
    """One Secret that External Secrets makes: keys of it by the names that the vault knows them by."""

    name: ObjectName
    data: dict[str, Annotated[str, StringConstraints(min_length=1)]] = Field(
        min_length=1, description="key -> name in the vault"
    )


class ExternalSecrets(ChartValue):
    """Secrets out of a vault, by the External Secrets operator."""

    enabled: bool = False
    store: ObjectName = Field(default="", description="of a SecretStore")
    store_kind: Literal["SecretStore", "ClusterSecretStore"] = "SecretStore"
    refresh_interval: str = Field(default="1h", pattern=r"^[0-9]+[smh]$")
    secrets: tuple[FetchedSecret, ...] = ()


class Blobfuse(ChartValue):
    """A container with weights, mounted read-only by Azure's driver."""

    account: str = Field(default="", pattern=r"^[a-z0-9]{0,24}$")
    container: str = Field(default="", pattern=r"^[a-z0-9-]{0,63}$")
    resource_group: str = ""


class Models(ChartValue):
    """Where weights lie, and which are fetched before a pod joins the cluster."""

    cache: Literal["emptyDir", "pvc", "hostPath", "blobfuse"] = "emptyDir"
    size: Quantity = "100Gi"
    storage_class: ObjectName = Field(default="", description="pvc: of one that many nodes may mount (azurefile, EFS)")
    existing_claim: ObjectName = ""
    host_path: str = Field(default="/var/lib/atelier-weights", pattern=r"^/[A-Za-z0-9._/-]+$")
    blobfuse: Blobfuse = Blobfuse()
    prefetch: tuple[Identifier, ...] = Field(default=(), description="models by id, fetched by an init container")
    hub_token: SecretKey = Field(default=SecretKey(), description="for repositories that ask who reads them")


class Redis(ChartValue):
    """What Ray's head remembers outside of itself, so that workers outlive it."""

    address: str = Field(
        default="", pattern=r"^((redis|rediss)://)?[A-Za-z0-9.-]*(:[0-9]+)?$", description="host:6379; none if empty"
    )
    password: SecretKey = SecretKey()
    namespace: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$", description="the service's own if empty")
