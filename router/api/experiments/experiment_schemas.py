"""Bodies of experiments and champions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from configs.experiments import ExperimentConfig, Overlay
from configs.frozen import Frozen
from configs.text import Line
from router.experiments.model import Canary, EventType

State = Literal["ready", "running", "paused", "stopped"]


class StartBody(Frozen):
    """Of an experiment that is in the library."""

    version: str | None = Field(default=None, max_length=64, description="of its entry; the live one if absent")
    exposure: float | None = Field(default=None, ge=0, le=1, description="share of the units; its own if absent")
    reason: Line = ""


class ReasonBody(Frozen):
    reason: Line = Field(default="", description="for its log")


class StopBody(Frozen):
    """`decision` is prefer:ARM, equal or undecided, where something was decided."""

    decision: str | None = Field(default=None, pattern=r"^(prefer:[a-z0-9][a-z0-9._-]{0,63}|equal|undecided)$")
    reason: Line = ""


class ExposureBody(Frozen):
    """All that can be changed while a phase goes on."""

    exposure: float = Field(ge=0, le=1, allow_inf_nan=False)
    reason: Line = ""


class ArmBody(Frozen):
    """An arm, and why it cannot draw now, where it cannot."""

    id: str
    weight: float
    overlay: Overlay
    down: str | None = None


class ExperimentBody(Frozen):
    """An experiment of the library, and how it stands."""

    id: str
    name: str
    version: str
    state: State
    phase: int = Field(description="how often it was started")
    exposure: float
    definition: ExperimentConfig = Field(description="of its phase; the live one before it was started")
    arms: tuple[ArmBody, ...]
    decision: str | None = None
    changed_at: datetime | None = None
    open_ballots: int = Field(default=0, description="that you hold and have not answered; told by GET alone")


class ExperimentsBody(Frozen):
    experiments: tuple[ExperimentBody, ...]
    notes: tuple[str, ...] = Field(default=(), description="on those that this release cannot read")


class ExperimentEventBody(Frozen):
    seq: int
    type: EventType
    actor: str
    reason: str
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    told: dict[str, Any] = Field(default={}, description="what a guardrail read, or what was decided")
    at: datetime


class ExperimentEventsBody(Frozen):
    events: tuple[ExperimentEventBody, ...]


class AssignmentBody(Frozen):
    """What a unit is drawn with, and why."""

    experiment: str
    unit: str
    bucket: float = Field(description="takes part while the exposure is above it")
    assigned: str | None
    reason: str


class PromoteBody(Frozen):
    """What is to be champion: an arm of an experiment, or an overlay. By a canary, unless `at_once`."""

    experiment: str | None = Field(default=None, max_length=64)
    arm: str | None = Field(default=None, max_length=64, description="of the experiment's last phase")
    overlay: Overlay | None = None
    reason: Line = Field(min_length=1, description="for the history")
    at_once: bool = False


class ChampionBody(Frozen):
    """What pictures of an asset type and quality are drawn with. Without a revision: as the configs say."""

    asset_type: str
    quality: str
    revision: int
    kind: str
    overlay: Overlay
    canary: Canary | None
    by: str
    reason: str
    experiment: str | None
    at: datetime | None
    warnings: tuple[str, ...] = ()


class ChampionsBody(Frozen):
    champions: tuple[ChampionBody, ...]
    notes: tuple[str, ...] = Field(default=(), description="on those that this release cannot read")
