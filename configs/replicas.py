"""How many replicas a deployment has, on what, and what makes them more: requests, or predicted seconds of work."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from configs.frozen import Frozen


class Bounds(Frozen):
    """Bounds and resources of one deployment."""

    min_replicas: int = Field(default=1, ge=0)
    max_replicas: int = Field(default=1, ge=1)
    num_cpus: float = Field(default=0.0, ge=0)
    num_gpus: Annotated[float, Field(ge=0)] | Literal["auto"] = Field(
        default="auto", description="auto: what the model is predicted to take of a GPU; none for what runs without"
    )
    kind: str | None = Field(
        default=None, description="of the fleet's, to run on; the cheapest that holds it if absent"
    )
    labels: dict[str, str] = Field(default={}, description="of the nodes that it may run on, as Ray has them")
    max_ongoing_requests: int = Field(default=8, ge=1, description="that one replica is given at a time")
    upscale_delay_s: float = Field(default=30.0, ge=0)
    downscale_delay_s: float = Field(default=600.0, ge=0)
    drain_seconds: float = Field(default=120.0, ge=0, description="for what a replica has begun when it has to go")

    @property
    def gpu_share(self) -> float:
        """Of a GPU, or whole ones; 0 while `auto` is not settled."""
        return 0.0 if self.num_gpus == "auto" else self.num_gpus

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if self.min_replicas > self.max_replicas:
            raise ValueError("min_replicas is larger than max_replicas")
        return self


class Replicas(Bounds):
    """A deployment whose requests are much alike: it grows with their number."""

    target_ongoing_requests: float = Field(default=2.0, gt=0)


class FinisherReplicas(Replicas):
    """What writes files: encoded on two threads, they wait there while the file store is away, so there is room for all
    that conductors have under way."""

    max_ongoing_requests: int = Field(default=128, ge=1, description="that one replica is given at a time")


class RouterReplicas(Replicas):
    """A front door. Each tab keeps a stream of events open, which costs next to nothing: it grows with hundreds."""

    max_ongoing_requests: int = Field(default=1000, ge=1, description="that one replica is given at a time")
    target_ongoing_requests: float = Field(default=200.0, gt=0)


class ConductorReplicas(Frozen):
    """Who leads jobs through their stages: part of each front door or, where `apart`, deployments of their own, so that
    a front door needs the database alone to accept a job, and either may be replaced without the other."""

    apart: bool = False
    replicas: int = Field(default=1, ge=1, le=8, description="where apart; each works on `parallel_jobs` at a time")
    num_cpus: float = Field(default=0.0, ge=0)

    @property
    def bounds(self) -> Bounds:
        """As every deployment has them."""
        return Bounds(
            min_replicas=self.replicas,
            max_replicas=self.replicas,
            num_cpus=self.num_cpus,
            num_gpus=0,
            max_ongoing_requests=1000,
            drain_seconds=20,
        )


class GeneratorReplicas(Bounds):
    """A deployment with an engine, which works on many requests at once: it grows with their predicted seconds."""

    target_backlog_seconds: float = Field(default=10.0, gt=0, description="of work that one replica should have")
    max_ongoing_requests: int = Field(default=16, ge=1, description="that one replica is given at a time")
    drain_seconds: float = Field(default=600.0, ge=0, description="for what a replica has begun when it has to go")
