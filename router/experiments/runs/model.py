"""The vocabulary of runs: lines that every arm of an experiment draws, and how far that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from router.job_request import JobRequest
from router.jobs.model import HELD_BACK, JobStatus

RunKind: TypeAlias = Literal["replay", "shadow", "paired"]
"""replay: the prompts of a set. shadow and paired, as their experiments: what people ask for, drawn again."""


class RunStatus(StrEnum):
    """running → complete | stopped | canceled. A run whose experiment is paused is running, and orders nothing."""

    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    """Its budget is used up, or its phase has ended: `reason` says so."""
    CANCELED = "canceled"


class RunLine(Frozen):
    """What each arm draws one picture of, as its own job. `more` is what else the request said."""

    prompt: str
    asset_type: str
    quality: str
    seed: int = Field(ge=0, lt=2**32)
    more: dict[str, Any] = {}

    def as_request(self) -> JobRequest:
        """Raises pydantic's `ValidationError` for one of a release that asked otherwise."""
        said = self.more | self.model_dump(exclude={"more"}) | {"num_variations": 1}
        return JobRequest.model_validate(said)


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to begin."""

    id: str
    experiment: str
    phase: int
    kind: RunKind
    lines: tuple[RunLine, ...] = ()
    prompt_set: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as stored. `next_line` counts those that are settled: ordered, `skipped` since not all arms could draw
    them, or `dropped` since they became too old while others were served. `jobs` are by status."""

    id: str
    experiment: str
    phase: int
    kind: RunKind
    status: RunStatus
    prompt_set: str | None
    next_line: int
    total: int
    skipped: int
    dropped: int
    gpu_seconds: float
    reason: str
    created_at: datetime
    ended_at: datetime | None
    jobs: Mapping[JobStatus, int] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Its lines come while it runs."""
        return self.kind != "replay"

    @property
    def unfinished(self) -> int:
        """Jobs that have not ended."""
        return sum(count for status, count in self.jobs.items() if not status.ended)


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that is running, with what it depends on: whether its phase is still the one of its experiment, whether
    that is paused, and what all runs of the phase have used of its budget."""

    run: Run
    is_current: bool
    is_paused: bool
    used_seconds: float


@dataclass(frozen=True, slots=True)
class Load:
    """`others_wait`: somebody's job could be worked on and is not. `in_flight` are jobs of runs that have not ended."""

    others_wait: bool
    in_flight: int


def owner_of_runs(experiment: str) -> str:
    """Who has the jobs of an experiment: nobody, so that they are in no history, and are held back."""
    return f"{HELD_BACK}{experiment}"
