"""The world as it is now, out of an installation and what its feeds say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

from configs.catalog import Installation
from configs.replicas import GeneratorReplicas
from configs.sharing import deployment_of, split_name
from router.capacity.feeds.jobs import Demand
from router.capacity.feeds.past_days import Foreseen
from router.capacity.start_times import StartTimes
from router.capacity.world import DeploymentState, KindState, Source, World
from router.operations.survey import DeploymentSurvey, NodeSurvey, Survey

GB = 1e9
ANY = "gpu"
"""The kind of all GPUs where the profile names no fleet."""
_UNBOUND = 100_000  # GPUs of a cluster of which nobody says how large it may become


@dataclass(frozen=True, slots=True)
class Heard:
    """What the feeds said last."""

    demand: Mapping[str, Demand]
    survey: Survey
    foreign: Mapping[str, float]
    ages: Mapping[Source, float]
    foreseen: Mapping[str, Foreseen] | None = None
    """None where nobody is to look ahead."""


def assemble(installation: Installation, heard: Heard, starts: StartTimes, now: float) -> World:
    """Of all deployments that draw, which are those that work is predicted for."""
    surveyed = {one.name: one for one in heard.survey.deployments}
    states, waited = [], {}
    for name, replicas in _deployments(installation).items():
        there = surveyed.get(name) or DeploymentSurvey(name, "", 0, ())
        state = _state(name, replicas, installation, heard, there, starts, now)
        states.append(state)
        waited[name] = max(starts.waited(there, now), default=0.0)
    kinds = tuple(_kinds(installation, heard.survey, states, waited))
    return World(now, tuple(states), kinds, heard.ages)


def _deployments(installation: Installation) -> dict[str, GeneratorReplicas]:
    profile = installation.profile
    own = {one.name: one.replicas for one in profile.generators if one.share is None}
    return own | {deployment_of(id): replicas for id, replicas in profile.shared.items()}


def _state(
    name: str,
    replicas: GeneratorReplicas,
    installation: Installation,
    heard: Heard,
    there: DeploymentSurvey,
    starts: StartTimes,
    now: float,
) -> DeploymentState:
    kind, share, running = _kind(replicas, installation), replicas.gpu_share, there.running
    loaded = max((one.predicted_gb or 0.0 for one in installation.ledger if one.deployment == name), default=0.0) * GB
    expected = starts.expect(name, loaded)
    demand = [one for placement, one in heard.demand.items() if split_name(placement)[0] == name]
    state = DeploymentState(
        name,
        running=running,
        starting=tuple(max(expected - waited, 0.0) for waited in starts.waited(there, now)),
        start_seconds=expected,
        bytes=min(share, 1.0) * (1.0 if kind is None else _size(installation, kind)),
        gpus=max(math.ceil(share), 1),
        kinds=(kind,) if kind is not None else (),
        least=replicas.min_replicas,
        most=replicas.max_replicas,
        slo_seconds=replicas.target_backlog_seconds,
        keep_alive_seconds=replicas.downscale_delay_s,
        seconds_per_job=_usual_seconds(name, installation),
    )
    state = _loaded(state, demand, heard.foreign.get(name, 0.0), _parallel(installation))
    return state if heard.foreseen is None else _ahead(state, heard.foreseen)


def _ahead(state: DeploymentState, foreseen: Mapping[str, Foreseen]) -> DeploymentState:
    """With what the coming hour may bring to all placements that it draws for."""
    mine = [one for placement, one in foreseen.items() if split_name(placement)[0] == state.name]
    arriving, jobs = sum(one.arriving for one in mine), sum(one.jobs_per_hour for one in mine)
    return replace(state, foreseen=arriving, foreseen_jobs_per_hour=jobs)


def _loaded(state: DeploymentState, demand: list[Demand], foreign: float, parallel: int) -> DeploymentState:
    """With the work of all placements that it draws for."""
    predicted = sum(one.predicted_seconds for one in demand)
    taken = sum(one.taken_seconds for one in demand) * max(state.running, 1)
    told = [one.seconds_per_job for one in demand if one.seconds_per_job]
    requests = math.ceil(sum(one.pictures for one in demand) - 1e-9)
    at_a_time = math.ceil(parallel * max((one.at_a_time for one in demand if one.jobs), default=1.0))
    return replace(
        state,
        waiting_seconds=sum(one.waiting_seconds for one in demand),
        waiting_jobs=sum(one.waiting_jobs for one in demand),
        jobs=sum(one.jobs for one in demand),
        oldest_wait_seconds=max((one.oldest_wait_seconds for one in demand), default=0.0),
        in_hand_seconds=sum(one.in_hand_seconds for one in demand) + foreign,
        at_once=max(min(requests, at_a_time), int(foreign > 0)),
        arriving=sum(one.arriving for one in demand),
        seconds_per_job=sum(told) / len(told) if told else state.seconds_per_job,
        correction=taken / predicted if predicted > 0 and taken > 0 else 1.0,
    )


def _usual_seconds(deployment: str, installation: Installation) -> float:
    models = installation.catalog.models
    placed = (models[one.model] for one in installation.profile.generators if split_name(one.name)[0] == deployment)
    return median(median(model.steps.values()) * model.seconds_per_step for model in placed)


def _parallel(installation: Installation) -> int:
    """Jobs that all conductors together work on at a time."""
    profile = installation.profile
    conductors = profile.conductor.replicas if profile.conductor.apart else max(profile.router.min_replicas, 1)
    return profile.parallel_jobs * conductors


def _kind(replicas: GeneratorReplicas, installation: Installation) -> str | None:
    if not replicas.gpu_share:
        return None
    return ANY if installation.fleet is None else replicas.kind


def _size(installation: Installation, kind: str) -> float:
    """Bytes of a GPU; where nobody says, it is one, and replicas have their shares of it."""
    return 1.0 if installation.fleet is None else installation.fleet.kinds[kind].memory_gb * GB


def _kinds(
    installation: Installation, survey: Survey, states: list[DeploymentState], waited: Mapping[str, float]
) -> list[KindState]:
    fleet = installation.fleet
    if fleet is None:
        there = sum(node.gpus for node in survey.nodes) or installation.profile.gpus or 0
        most = installation.profile.gpus or _UNBOUND
        return [_coming(KindState(ANY, 1.0, there=int(there), most=max(most, int(there))), states, waited)]
    kinds = []
    for name, kind in fleet.kinds.items():
        there = int(sum(node.gpus for node in survey.nodes if _is_of(node, kind.labels)))
        bounds = {"least": kind.min * kind.gpus_per_node, "most": max(kind.gpus, there)}
        state = KindState(name, kind.memory_gb * GB, kind.gpus_per_node, there, price=kind.price_per_gpu_hour, **bounds)
        kinds.append(_coming(replace(state, start_seconds=kind.start_seconds, speed=kind.speed), states, waited))
    return kinds


def _is_of(node: NodeSurvey, labels: Mapping[str, str]) -> bool:
    return labels.items() <= node.labels.items()


def _coming(kind: KindState, states: list[DeploymentState], waited: Mapping[str, float]) -> KindState:
    """With the GPUs that its replicas need and that are not there: their nodes have been asked for."""
    here = [state for state in states if kind.name in state.kinds]
    needed = math.ceil(sum(state.current * state.bytes * state.gpus for state in here) / kind.bytes - 1e-9)
    pending = max(needed - kind.there, 0)
    patience = max((waited[state.name] for state in here if state.starting), default=0.0)
    return replace(kind, pending=pending, pending_seconds=patience if pending else 0.0)
