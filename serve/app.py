"""The Serve application: the one place that knows every concrete class and binds them to deployments.

No postponed annotations here: Serve reads the builder's raw annotation to parse its arguments.
"""

from typing import Any

import ray
from pydantic import BaseModel, ConfigDict
from ray import serve as ray_serve
from ray.serve.handle import DeploymentHandle

from configs.catalog import Installation
from configs.load import load_installation
from configs.schema import Replicas
from deployments.families.family import FusedLora
from deployments.generator import Generator
from deployments.stages.finish import Finisher
from deployments.stages.upscale import Upscaler
from router.api.app import create_app
from router.planning import FINISHER
from router.studio import Studio
from serve.handles import RayStages

FRONT_DOOR = "front-door"
_DRAIN_SECONDS = 120.0  # how long a replica that is scaled down may finish what it has begun


class BuildArgs(BaseModel):
    """Arguments of `serve run serve.app:build profile=gpu`."""

    model_config = ConfigDict(extra="forbid")

    profile: str = "local"


@ray_serve.ingress()
class FrontDoor:
    """The ingress: REST, the page and the conductor, over handles to every other deployment."""

    def __init__(self, installation: Installation, handles: dict[str, DeploymentHandle[Any]]) -> None:
        self._studio = Studio.assemble(installation, RayStages(handles))

    def __serve_build_asgi_app__(self) -> Any:
        return create_app(self._studio)


def build(args: BuildArgs) -> ray_serve.Application:
    """The application of a profile, for `serve run`, a Serve config file and the launcher. Raises `ConfigError`."""
    return bind(load_installation(args.profile))


def bind(installation: Installation) -> ray_serve.Application:
    """One deployment per model (+ LoRA combination) and upscaler, the finisher, and the front door over them."""
    profile = installation.profile
    deployments = {**_generators(installation), **_upscalers(installation)}
    deployments[FINISHER] = _deploy(Finisher, FINISHER, profile.finisher).bind()
    return _deploy(FrontDoor, FRONT_DOOR, profile.router).bind(installation, deployments)


def _generators(installation: Installation) -> dict[str, ray_serve.Application]:
    catalog = installation.catalog
    bound = {}
    for placement in installation.profile.generators:
        loras = tuple(FusedLora(catalog.loras[one.lora], one.strength) for one in placement.loras)
        replica = _deploy(Generator, placement.name, placement.replicas)
        bound[placement.name] = replica.bind(catalog.models[placement.model], loras, ray.put)
    return bound


def _upscalers(installation: Installation) -> dict[str, ray_serve.Application]:
    bound = {}
    for placement in installation.profile.upscalers:
        replica = _deploy(Upscaler, placement.name, placement.replicas)
        bound[placement.name] = replica.bind(installation.catalog.upscalers[placement.upscaler], ray.put)
    return bound


def _deploy(replica: type, name: str, replicas: Replicas) -> ray_serve.Deployment:
    """A plain class as a deployment, within the bounds and resources of the profile."""
    deploy: Any = ray_serve.deployment(
        name=name,
        max_ongoing_requests=replicas.max_ongoing_requests,
        graceful_shutdown_timeout_s=_DRAIN_SECONDS,
        health_check_period_s=5.0,
        max_constructor_retry_count=2,  # what keeps a replica from starting does not go away by itself
        ray_actor_options={"num_cpus": replicas.num_cpus, "num_gpus": replicas.num_gpus},
        autoscaling_config={
            "min_replicas": replicas.min_replicas,
            "max_replicas": replicas.max_replicas,
            "target_ongoing_requests": replicas.target_ongoing_requests,
            "downscale_delay_s": replicas.downscale_delay_s,
        },
    )
    deployment: ray_serve.Deployment = deploy(replica)
    return deployment
