"""What Ray Serve's controller says of this application: `Replicas.survey` in the cluster."""

from __future__ import annotations

from datetime import UTC, datetime

import ray
from ray import serve as ray_serve
from ray.serve.context import _get_global_client
from ray.serve.schema import DeploymentDetails, ReplicaDetails, ServeInstanceDetails

from configs.errors import StageUnavailable
from router.operations.survey import DeploymentSurvey, NodeSurvey, ReplicaSurvey, Survey


def survey_application(name: str | None = None) -> Survey:
    """Of this replica's application, or the one of this `name`. Blocks. Raises `StageUnavailable`.

    The public `serve.status()` counts replicas and does not say where they are; this reads what it is made from, which
    is what the dashboard's REST API shows.
    """
    client = _get_global_client(raise_if_no_controller_running=False)
    application = name or ray_serve.get_replica_context().app_name
    details = None if client is None else ServeInstanceDetails(**client.get_serve_details())
    found = None if details is None else details.applications.get(application)
    if found is None:
        raise StageUnavailable("Serve's controller does not know this application")
    return Survey(tuple(_deployment(one) for one in found.deployments.values()), on_ray=True, nodes=_nodes())


def _nodes() -> tuple[NodeSurvey, ...]:
    alive = (node for node in ray.nodes() if node["Alive"])  # type: ignore[no-untyped-call]
    return tuple(NodeSurvey(node.get("Resources", {}).get("GPU", 0.0), node.get("Labels") or {}) for node in alive)


def _deployment(details: DeploymentDetails) -> DeploymentSurvey:
    options = details.deployment_config.ray_actor_options
    return DeploymentSurvey(
        name=details.name,
        status=details.status.value.lower(),
        target=details.target_num_replicas,
        replicas=tuple(_replica(one) for one in details.replicas),
        gpus=getattr(options, "num_gpus", None) or 0.0,
        cpus=getattr(options, "num_cpus", None) or 0.0,
        detail=details.message,
    )


def _replica(details: ReplicaDetails) -> ReplicaSurvey:
    since = None if details.start_time_s is None else datetime.fromtimestamp(details.start_time_s, UTC)
    return ReplicaSurvey(details.replica_id, details.state.value.lower(), details.node_ip, since)
