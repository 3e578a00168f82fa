"""The vocabulary of experiments that run: phases with frozen arms, events, champions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from pydantic import Field

from configs.experiments import ExperimentConfig, Overlay
from configs.frozen import Frozen
from configs.schema import Identifier
from router.library.pinning import NO_VERSIONS, NamedVersions

SYSTEM = "atelier"
"""Who does what no person has asked for."""


class Status(StrEnum):
    """running ⇄ paused → stopped; a stopped one may be started again, as a new phase."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class EventType(StrEnum):
    """What an experiment's log records."""

    STARTED = "started"
    PHASE_STARTED = "phase_started"
    EXPOSURE_CHANGED = "exposure_changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    GUARDRAIL_TRIPPED = "guardrail_tripped"
    SRM_TRIPPED = "srm_tripped"
    DECIDED = "decided"
    STOPPED = "stopped"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    EXPORTED = "exported"
    OTHER = "other"
    """Of another release; its payload says which."""


class FrozenArm(Frozen):
    """An arm as it was when its phase started. `hashes` are those of what it draws with, by kind/id. `champions` are
    the overlays that were live then, by ASSET_TYPE/QUALITY, of the arm that changes nothing."""

    id: Identifier
    weight: float
    overlay: Overlay
    hashes: dict[str, str] = {}
    champions: dict[str, Overlay] = {}

    def overlay_for(self, asset_type: str, quality: str) -> Overlay:
        """What it lays over requests of a kind."""
        return self.champions.get(f"{asset_type}/{quality}", self.overlay)


@dataclass(frozen=True, slots=True)
class Phase:
    """One run of an experiment, in which nothing but its exposure changes. `number` counts from 1."""

    experiment: str
    number: int
    config: ExperimentConfig
    sha256: str
    arms: tuple[FrozenArm, ...]
    started_at: datetime
    ended_at: datetime | None = None
    decision: str | None = None

    def arm(self, id: str) -> FrozenArm | None:
        """None where it has no such arm."""
        return next((arm for arm in self.arms if arm.id == id), None)


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment that was started at least once, in its last phase."""

    id: str
    status: Status
    exposure: float
    phase: Phase
    last_seq: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ExperimentEvent:
    """One line of an experiment's log. `seq` starts at 1 and has no gaps."""

    experiment: str
    seq: int
    type: EventType
    actor: str
    reason: str
    payload: dict[str, Any]
    at: datetime


class Canary(Frozen):
    """An overlay on its way to champion: it draws for a `share` of the people, and for more with each step. `since` is
    the champion's revision with which it began."""

    overlay: Overlay
    since: int = 1
    share: float = Field(gt=0, le=1)
    hashes: dict[str, str] = {}
    paused: bool = False


MoveKind: TypeAlias = Literal["promote", "canary", "ramp", "pause", "resume", "rollback"]


@dataclass(frozen=True, slots=True)
class Champion:
    """What pictures of an asset type and quality are drawn with. `revision` counts its changes from 1; `actor`,
    `reason` and `experiment` are those of the last one."""

    asset_type: str
    quality: str
    revision: int
    kind: MoveKind
    overlay: Overlay
    canary: Canary | None
    actor: str
    reason: str
    experiment: str | None
    at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What it is champion of."""
        return self.asset_type, self.quality

    @property
    def name(self) -> str:
        """Of its canary, as an experiment is named in assignments."""
        return f"canary:{self.asset_type}/{self.quality}"


@dataclass(frozen=True, slots=True)
class Held:
    """What requests are routed by at this moment: experiments that are not stopped, champions by asset type and
    quality, and the versions that either draws with."""

    experiments: tuple[Experiment, ...] = ()
    champions: Mapping[tuple[str, str], Champion] = field(default_factory=lambda: MappingProxyType({}))
    versions: NamedVersions = NO_VERSIONS

    @property
    def overlays(self) -> Iterator[Overlay]:
        """All that may be laid over a request."""
        for experiment in self.experiments:
            for arm in experiment.phase.arms:
                yield from (arm.overlay, *arm.champions.values())
        for champion in self.champions.values():
            yield champion.overlay
            if champion.canary is not None:
                yield champion.canary.overlay


NO_OVERLAY = Overlay()
