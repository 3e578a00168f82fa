"""The Serve application: the one place that knows every concrete class and binds them to deployments.

No postponed annotations here: Serve reads the builder's raw annotation to parse its arguments.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from statistics import median
from typing import Any

import ray
from pydantic import BaseModel, ConfigDict
from ray import serve as ray_serve
from ray.serve.handle import DeploymentHandle

from configs.catalog import Installation
from configs.load import load_installation
from configs.memory import GB
from configs.metrics import Metrics
from configs.placements import GeneratorPlacement
from configs.replicas import Bounds, GeneratorReplicas, Replicas
from configs.schema import ModelConfig
from configs.sharing import deployment_of, split_name
from deployments.blobs.node_cache import CachedStore
from deployments.captioners.replica import captioner_deployments
from deployments.exchange import Exchange
from deployments.families.family import FusedLora
from deployments.families.registry import FAMILIES
from deployments.generator import Generator
from deployments.loras.examiner import Examiner
from deployments.messages import EXAMINER
from deployments.sharing.generator import ModelVariant, SharedGenerator
from deployments.sharing.model_cache import CachePolicy
from deployments.stages.pixels import FINISHER
from router.absent_conductor import AbsentConductor
from router.api.app import create_app
from router.conductor import Conductor
from router.door_replicas import DoorReplicas
from router.files import blob_folder, connect_jobs, open_files, training_folder
from router.live import Bulletin
from router.operations.wake import Wake
from router.remote_conductor import ConductorPort, RemoteConductor
from router.replicas import Replicas as ReplicasPort
from router.stage_table import STAGES
from router.studio import Studio
from serve.capacity_notice import CapacityNotice
from serve.departures import Departures
from serve.handles import RayConductor, RayReplicas
from serve.held import held_metrics, kinds_of
from serve.metrics import RayMetrics
from serve.preflight import check_reach
from serve.queue_depth import QueueDepth
from serve.starts import Starts, on_demand
from training.lora.comparison import judge_adapters
from training.lora.replica import TrainerReplica

FRONT_DOOR, CONDUCTOR = "front-door", "conductor"
_SETTLE_SECONDS = 10.0  # that fewer replicas are wanted, before one goes
_REPORT_SECONDS = 2.0  # how often a generator tells the router what it holds and how busy it is


class BuildArgs(BaseModel):
    """Arguments of `serve run serve.app:build profile=gpu`, or of a Serve config: an id, a path or a whole profile."""

    model_config = ConfigDict(extra="forbid")

    profile: str | dict[str, Any] = "local"


@ray_serve.ingress()
class FrontDoor:
    """The ingress: REST and the page, over handles to every other deployment; and the conductor, where there is no
    deployment of its own for it."""

    async def __init__(  # type: ignore[misc]
        self,
        installation: Installation,
        handles: dict[str, DeploymentHandle[Any]],
        conductor: DeploymentHandle[Any] | None = None,
    ) -> None:
        """Raises `ConfigError`, for people to read, here: Serve tells nothing of what the application's own start
        raises."""
        self._studio = _studio(installation, handles)
        await self._studio.store.open()
        self._conductor: ConductorPort | None = None
        if installation.profile.role == "door":
            self._conductor = AbsentConductor(self._studio)
        elif conductor is not None:
            link = RayConductor(conductor)
            self._conductor = RemoteConductor(self._studio, link, installation.profile.conductor.replicas)

    def __serve_build_asgi_app__(self) -> Any:
        app = create_app(self._studio, self._conductor)
        app.add_middleware(Departures)
        return app


class ConductorReplica:
    """The conductor as a deployment of its own, over the same studio as a front door's."""

    async def __init__(  # type: ignore[misc]
        self, installation: Installation, handles: dict[str, DeploymentHandle[Any]]
    ) -> None:
        """Raises `ConfigError`."""
        self._studio = _studio(installation, handles)
        await self._studio.store.open()
        self._conductor = Conductor(self._studio)
        self._conductor.start()

    async def wake(self) -> None:
        """There is a new job."""
        self._conductor.wake()

    async def cancel(self, job_id: str) -> None:
        """The cancel flag of a job was set."""
        self._conductor.cancel(job_id)

    async def follow(self) -> AsyncIterator[Bulletin]:
        """What its jobs tell."""
        async for bulletin in self._conductor.follow():
            yield bulletin

    def check_health(self) -> None:
        """Raise StageUnavailable if it leases no jobs any more."""
        self._conductor.check()

    async def __del__(self) -> None:
        """By this name Serve lets a replica end: running jobs are given back."""
        await self._conductor.stop()
        await self._studio.store.close()


def _studio(installation: Installation, handles: dict[str, DeploymentHandle[Any]]) -> Studio:
    """What a front door and a conductor are made of, in a replica."""
    profile = installation.profile
    apart = profile.conductor.apart or profile.role == "worker"
    conductors = profile.conductor.replicas if apart else max(profile.router.min_replicas, 1)
    application = ray_serve.get_replica_context().app_name
    queue_depth = QueueDepth(application, profile.parallel_jobs * conductors)
    replicas: ReplicasPort = RayReplicas(
        handles, Starts(on_demand(installation)), queue_depth, CapacityNotice(application)
    )
    if profile.role == "door":
        wake = Wake(connect_jobs(installation).database)
        replicas = DoorReplicas(RayReplicas(handles), handles.keys(), wake.is_drawn, profile.worker.start_seconds)
    return Studio.assemble(installation, replicas, RayMetrics())


def build(args: BuildArgs) -> ray_serve.Application:
    """The application of a profile, for `serve run`, a Serve config file and the launcher. Raises `ConfigError`."""
    return bind(load_installation(args.profile, FAMILIES.table()))


def bind(installation: Installation) -> ray_serve.Application:
    """One deployment per model (+ LoRA combination), those of the stages, and the front door over them; of these what
    the profile's role needs: a door writes sheets itself, a worker has no door."""
    profile = installation.profile
    check_reach(profile)
    door = _deploy(FrontDoor, FRONT_DOOR, profile.router, **_by_number(profile.router))
    if profile.role == "door":
        return door.bind(installation, {FINISHER: _stages(installation)[FINISHER]})
    deployments = {**_generators(installation), **_shared(installation), **_stages(installation)}
    deployments |= _trainers(installation) | {EXAMINER: _examiner(installation)}
    if profile.role == "all" and not profile.conductor.apart:
        return door.bind(installation, deployments)
    conductor = _deploy(ConductorReplica, CONDUCTOR, profile.conductor.bounds, num_replicas=profile.conductor.replicas)
    conducted = conductor.bind(installation, deployments)
    return conducted if profile.role == "worker" else door.bind(installation, deployments, conducted)


def _generators(installation: Installation) -> dict[str, ray_serve.Application]:
    bound = {}
    for placement in (one for one in installation.profile.generators if one.share is None):
        variant, options = _variant(placement, installation), placement.replicas
        replica = _deploy(Generator, placement.name, options, **_by_backlog(variant.config, options))
        bound[placement.name] = replica.bind(
            variant.config,
            variant.fused,
            variant.loras,
            ray.put,
            _metrics(placement.name, options, installation),
            get=ray.get,
            stored=_stored(installation),
        )
    return bound


def _shared(installation: Installation) -> dict[str, ray_serve.Application]:
    """One deployment for each group of placements that share replicas."""
    bound = {}
    for id, replicas in installation.profile.shared.items():
        name = deployment_of(id)
        placements = [one for one in installation.profile.generators if one.share == id]
        variants = {one.variant_id: _variant(one, installation) for one in placements}
        per_request = median(_seconds(variant.config) for variant in variants.values())
        replica = _deploy(SharedGenerator, name, replicas, **_by_seconds(per_request, replicas))
        memory = replicas.memory_gb or _limit(name, installation)
        terms = CachePolicy(replicas.keep_alive_seconds, None if memory is None else memory * GB)
        metrics = _metrics(name, replicas, installation)
        bound[name] = replica.bind(variants, terms, ray.put, metrics, get=ray.get, stored=_stored(installation))
    return bound


def _metrics(name: str, replicas: Bounds, installation: Installation) -> Callable[[], Metrics]:
    """Made in each replica of a deployment."""
    return partial(held_metrics, name, replicas.gpu_share, kinds_of(installation.fleet))


def _variant(placement: GeneratorPlacement, installation: Installation) -> ModelVariant:
    catalog, predicted = installation.catalog, installation.memory.get(placement.model)
    model = _within(catalog.models[placement.model], split_name(placement.name)[0], installation)
    fused = tuple(FusedLora(catalog.loras[one.lora], one.strength) for one in placement.loras)
    loras = tuple(lora for lora in catalog.loras.values() if lora.fits(model))
    return ModelVariant(model, fused, loras, None if predicted is None else predicted.total)


def _stored(installation: Installation) -> CachedStore:
    """Where a replica finds LoRAs that are added while it runs."""
    profile = installation.profile
    return CachedStore(profile.blob_url, blob_folder(installation), round(profile.lora_cache_gb * GB))


def _within(model: ModelConfig, deployment: str, installation: Installation) -> ModelConfig:
    """`model` limited to the memory that the ledger has for it, so that what shares its GPU keeps its own."""
    limit = _limit(deployment, installation)
    if model.runtime.memory_gb is not None or limit is None:
        return model
    return model.model_copy(update={"runtime": model.runtime.model_copy(update={"memory_gb": limit})})


def _limit(deployment: str, installation: Installation) -> float | None:
    """Gigabytes of a GPU that a replica may take, where the ledger knows."""
    return next((entry.limit_gb for entry in installation.ledger if entry.deployment == deployment), None)


def _stages(installation: Installation) -> dict[str, ray_serve.Application]:
    """What each kind of stage brings, and what suggests captions."""
    bound = {}
    stages = (placed for kind in STAGES for placed in kind.deployments(installation))
    for placed in (*stages, *captioner_deployments(installation)):
        replica = _deploy(placed.replica, placed.name, placed.replicas, **_by_number(placed.replicas))
        exchange = Exchange(ray.put, ray.get, partial(open_files, installation))
        bound[placed.name] = replica.bind(*placed.arguments, exchange, **placed.options)
    return bound


def _trainers(installation: Installation) -> dict[str, ray_serve.Application]:
    """What trains LoRAs, a deployment for each model that the profile has one for."""
    bound = {}
    for placed in installation.profile.trainers:
        model = installation.catalog.models[placed.model]
        if placed.threads is not None:
            runtime = model.runtime.model_copy(update={"threads": placed.threads})
            model = model.model_copy(update={"runtime": runtime})
        replica = _deploy(TrainerReplica, placed.name, placed.replicas, **_by_number(placed.replicas))
        files = partial(open_files, installation)
        judge = partial(judge_adapters, scorer=installation.catalog.scorers.get(model.scorer or ""))
        folder = training_folder(installation)
        bound[placed.name] = replica.bind(model, files, folder, judge=judge, nice=placed.nice)
    return bound


def _examiner(installation: Installation) -> ray_serve.Application:
    """What looks at LoRAs that people bring, with the models that are placed."""
    replicas, catalog = installation.profile.examiner, installation.catalog
    placed = {one.model: catalog.models[one.model] for one in installation.profile.generators}
    replica = _deploy(Examiner, EXAMINER, replicas, **_by_number(replicas))
    return replica.bind(catalog.model_copy(update={"models": placed}), _stored(installation))


def _by_number(replicas: Replicas) -> dict[str, Any]:
    """Options of a deployment whose requests are much alike."""
    target = {"target_ongoing_requests": replicas.target_ongoing_requests}
    return {"autoscaling_config": _bounds(replicas) | target}


def _by_backlog(model: ModelConfig, replicas: GeneratorReplicas) -> dict[str, Any]:
    """Options of a deployment with an engine: grown by predicted seconds, fed where its LoRAs are."""
    return _by_seconds(_seconds(model), replicas)


def _seconds(model: ModelConfig) -> float:
    """What a request takes, typically."""
    return median(model.steps.values()) * model.seconds_per_step


def _by_seconds(per_request: float, replicas: GeneratorReplicas) -> dict[str, Any]:
    policy = {
        "policy_function": "serve.autoscaling:BacklogPolicy",
        "policy_kwargs": {"seconds_per_request": per_request, "target_seconds": replicas.target_backlog_seconds},
    }
    router = {
        "request_router_class": "serve.routing:LoraRouter",
        "request_router_kwargs": {
            "ceiling_seconds": replicas.target_backlog_seconds,
            "seconds_per_request": per_request,
            "report_seconds": 2 * _REPORT_SECONDS,
        },
        "request_routing_stats_period_s": _REPORT_SECONDS,
    }
    # How long a replica stays without work is the planner's; Serve waits but for a decision that comes and goes.
    bounds = _bounds(replicas) | {"downscale_delay_s": min(replicas.downscale_delay_s, _SETTLE_SECONDS)}
    return {"autoscaling_config": bounds | {"policy": policy}, "request_router_config": router}


def _bounds(replicas: Bounds) -> dict[str, Any]:
    return {
        "min_replicas": replicas.min_replicas,
        "max_replicas": replicas.max_replicas,
        "upscale_delay_s": replicas.upscale_delay_s,
        "downscale_delay_s": replicas.downscale_delay_s,
    }


def _deploy(replica: type, name: str, replicas: Bounds, **options: Any) -> ray_serve.Deployment:
    """A plain class as a deployment, within the bounds and resources of the profile."""
    deploy: Any = ray_serve.deployment(
        name=name,
        max_ongoing_requests=replicas.max_ongoing_requests,
        graceful_shutdown_timeout_s=replicas.drain_seconds,
        health_check_period_s=5.0,
        max_constructor_retry_count=2,  # what keeps a replica from starting does not go away by itself
        ray_actor_options=_resources(replicas),
        **options,
    )
    deployment: ray_serve.Deployment = deploy(replica)
    return deployment


def _resources(replicas: Bounds) -> dict[str, Any]:
    """Pinned by labels to nodes of one kind: the share of a GPU is another size on another."""
    needed: dict[str, Any] = {"num_cpus": replicas.num_cpus, "num_gpus": replicas.gpu_share}
    return needed | {"label_selector": replicas.labels} if replicas.labels else needed
