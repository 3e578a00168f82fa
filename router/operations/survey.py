"""What runs where, as whoever runs it says: Ray Serve in the cluster, the process itself where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReplicaSurvey:
    """A replica. `state` is starting, running or stopping, or another word of Ray's; `node` an address."""

    id: str
    state: str
    node: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeploymentSurvey:
    """A deployment. `target` is how many replicas there are to be; `gpus` and `cpus` what each reserves."""

    name: str
    status: str
    target: int
    replicas: tuple[ReplicaSurvey, ...]
    gpus: float = 0.0
    cpus: float = 0.0
    detail: str = ""

    @property
    def running(self) -> int:
        return sum(one.state == "running" for one in self.replicas)

    @property
    def starting(self) -> int:
        return sum(one.state == "starting" for one in self.replicas)


@dataclass(frozen=True, slots=True)
class NodeSurvey:
    """A node that is there, with its GPUs and the labels by which replicas are pinned to it."""

    gpus: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Survey:
    """All deployments, and the nodes. `on_ray`: there is a cluster, with a dashboard where the profile has one."""

    deployments: tuple[DeploymentSurvey, ...]
    on_ray: bool = False
    nodes: tuple[NodeSurvey, ...] = ()

    def running(self, deployment: str) -> int:
        """Replicas of a deployment that work now."""
        return sum(one.running for one in self.deployments if one.name == deployment)
