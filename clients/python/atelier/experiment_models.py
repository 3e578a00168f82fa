"""What the studio answers of experiments: how they stand, what was done to them, and who is in which arm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from atelier.batches import Counts
from atelier.models import Body


class OverlayLora(Body):
    """A LoRA that an arm draws with; strength 0 takes one of the asset type's away."""

    id: str
    strength: float | None = None


class Overlay(Body):
    """What is changed of how a request is drawn; the rest stays as it is. Fields that a newer studio adds are kept, so
    that an overlay can be sent back."""

    model_config = ConfigDict(extra="allow")

    model: str | None = None
    loras: tuple[OverlayLora, ...] = ()
    asset_type: str | None = None
    brand_kit: str | None = None
    steps: dict[str, int] = {}
    guidance_scale: float | None = None
    sampler: str | None = None
    schedule: str | None = None
    stages: dict[str, Any] = {}
    best_of: int | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """What it says, by field, without what it leaves open."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value not in (None, [], {})}


class Arm(Body):
    """One way of drawing. `down` is why it cannot draw now, where it cannot: the champion does then."""

    id: str
    weight: float
    overlay: Overlay
    down: str | None = None


class Scope(Body):
    """Which requests take part; empty means all."""

    asset_types: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()


class StopRule(Body):
    """When enough is known: never before `min_votes` of `min_raters`, and never after `max_votes`."""

    alpha: float
    min_votes: int
    max_votes: int
    min_raters: int


class Guardrail(Body):
    """What pauses an arm: failing in more than `max` of its jobs, or `max_ratio` times the champion's seconds."""

    metric: str
    max: float | None = None
    max_ratio: float | None = None


class Definition(Body):
    """What an experiment is, as its phase began; `mode` is replay, shadow, paired or split."""

    description: str = ""
    mode: str
    unit: str = "user"
    scope: Scope = Scope()
    criteria: tuple[str, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    stop: StopRule
    prompt_set: str | None = None


class Experiment(Body):
    """An experiment, and how it stands. `state` is ready, running, paused or stopped; `phase` counts its starts."""

    id: str
    name: str
    version: str
    state: str
    phase: int
    exposure: float
    definition: Definition
    arms: tuple[Arm, ...]
    decision: str | None = None
    changed_at: datetime | None = None


class ExperimentList(Body):
    """Every experiment of the library."""

    experiments: tuple[Experiment, ...]


class ExperimentEvent(Body):
    """A line of an experiment's log: who did what, why, and what was before. `told` is what a guardrail read, or what
    was decided."""

    seq: int
    type: str
    actor: str
    reason: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    told: dict[str, Any] = {}
    at: datetime


class ExperimentLog(Body):
    """What happened to an experiment, in order."""

    events: tuple[ExperimentEvent, ...]


class Assignment(Body):
    """The arm that a unit is in, None where it takes no part; `reason` says why. It takes part while the exposure is
    above its `bucket`."""

    experiment: str
    unit: str
    bucket: float
    assigned: str | None = None
    reason: str


class Run(Body):
    """Prompts that every arm draws, each with the same seed. Of its `lines` so many are `settled`, `skipped` since not
    all arms could draw them, or `dropped` since they became too old; `reason` says why it ended early."""

    run_id: str
    experiment: str
    phase: int
    kind: str
    status: str
    prompt_set: str | None = None
    lines: int
    settled: int
    skipped: int = 0
    dropped: int = 0
    gpu_seconds: float
    reason: str = ""
    jobs: Counts
    created_at: datetime
    ended_at: datetime | None = None


class RunList(Body):
    """Runs of an experiment, newest first."""

    runs: tuple[Run, ...]
