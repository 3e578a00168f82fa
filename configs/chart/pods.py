"""What the pods of the cluster are: their image, their size, and what they may do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from configs.chart.fields import ChartValue, Labels, ObjectName, Quantity, Resources
from configs.fleet import Toleration


class Image(ChartValue):
    """Built from the project's Containerfile."""

    repository: str = Field(default="", pattern=r"^[a-z0-9._:/-]*$", description="where you pushed it; required")
    tag: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", description="the chart's appVersion if empty")
    digest: str = Field(default="", pattern=r"^(sha256:[0-9a-f]{64})?$", description="sha256:…, in place of the tag")
    pull_policy: Literal["IfNotPresent", "Always", "Never"] = "IfNotPresent"
    pull_secrets: tuple[ObjectName, ...] = Field(default=(), description="names of Secrets for the registry")


class Nodes(ChartValue):
    """Which nodes of Kubernetes a pod may run on."""

    node_selector: Labels = {}
    tolerations: tuple[Toleration, ...] = ()
    priority_class_name: ObjectName = ""


class Head(Nodes):
    """The pod that leads: Ray's head, its autoscaler and, without other pods, the whole studio."""

    resources: Resources = Resources(cpu="2", memory="8Gi")
    shm_gb: int = Field(default=1, ge=1, le=64, description="of memory, for Ray's object store")
    cpus: int = Field(
        default=0, ge=0, le=256, description="that replicas may take there; 0 keeps what asks for cores off it"
    )


class CpuWorkers(Nodes):
    """Pods without a GPU: front door, conductor, finisher, upscalers."""

    min: int = Field(default=0, ge=0, le=1000, description="pods that always run")
    max: int = Field(default=0, ge=0, le=1000, description="pods that may run; 0: there are none")
    resources: Resources = Resources(cpu="4", memory="12Gi")
    shm_gb: int = Field(default=2, ge=1, le=64, description="of memory, for Ray's object store")


class KindPods(Nodes):
    """What differs from the fleet for the pods of one kind of GPU."""

    min: Annotated[int, Field(ge=0, le=1000)] | Literal["fleet"] = "fleet"
    max: Annotated[int, Field(ge=0, le=1000)] | Literal["fleet"] = "fleet"
    cpu: Quantity | Literal["fleet"] = "fleet"
    memory: Quantity | Literal["fleet"] = "fleet"
    shm_gb: int = Field(default=4, ge=1, le=64, description="of memory, for Ray's object store")
    priority: int = Field(
        default=0, ge=-100, le=100, description="of its pods before other kinds', for Ray's autoscaler"
    )
    gpu_resource: str = Field(default="nvidia.com/gpu", min_length=1, description="as the device plugin calls it")


class PodSecurity(ChartValue):
    """What Kubernetes calls restricted, always; here is what may differ."""

    run_as_user: int = Field(default=10001, ge=1, description="the image's user")
    fs_group: int = Field(default=10001, ge=1, description="whose volumes are")
    tmp_size: Quantity = Field(default="10Gi", description="of the only folder beside volumes that can be written")
    allow_host_path: bool = Field(default=False, description="for models.cache: hostPath, which restricted forbids")
