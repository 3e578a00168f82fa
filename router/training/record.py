"""What a training's log says of it: where it stands, how it learns, what it kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from router.jobs.model import EventType, Job, JobEvent, JobStatus

TrainingState: TypeAlias = Literal[
    "queued", "loading", "caching", "training", "paused", "judging", "complete", "failed", "canceled"
]
STEPS_LOGGED = 200
"""About so many steps of a training are lines of its log; of the others live events tell."""
RECORDED = (
    EventType.STAGE,
    EventType.RETRIED,
    EventType.LOSS,
    EventType.VALIDATED,
    EventType.CHECKPOINT,
    EventType.SAMPLES,
    EventType.JUDGED,
    EventType.ADAPTER,
)


@dataclass(slots=True)
class Checkpoint:
    """What was kept after a step: the adapter by its hash, the held-out loss by share of noise, samples by hash."""

    step: int
    adapter: str
    held_out: dict[str, float] = field(default_factory=dict)
    samples: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """Read from a log, in its order. `losses` are by step: one that was taken again after a crash counts once."""

    stage: str = ""
    detail: str = ""
    losses: dict[int, float] = field(default_factory=dict)
    eta_seconds: float | None = None
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    held_out: dict[int, dict[str, float]] = field(default_factory=dict)
    judgement: dict[str, Any] | None = None
    adapter: dict[str, Any] | None = None
    attempts: int = 1
    """Leases since it last came further."""

    @classmethod
    def read(cls, log: Sequence[JobEvent]) -> Record:
        record = cls()
        for event in log:
            record._take(event.type, event.payload)
        return record

    @property
    def pictures(self) -> frozenset[str]:
        """Hashes of all that was drawn to look at it by: samples, and the judge's sheet."""
        samples = (sha256 for kept in self.checkpoints.values() for sha256 in kept.samples)
        sheet = (self.judgement or {}).get("sheet")
        return frozenset([*samples, *([sheet] if sheet else [])])

    def state(self, job: Job) -> TrainingState:
        """In one word."""
        if job.status.ended:
            ended: dict[JobStatus, TrainingState] = {
                JobStatus.COMPLETE: "complete",
                JobStatus.FAILED: "failed",
                JobStatus.CANCELED: "canceled",
            }
            return ended[job.status]
        known: dict[str, TrainingState] = {
            "loading": "loading",
            "caching": "caching",
            "training": "training",
            "paused": "paused",
            "judging": "judging",
        }
        return known.get(self.stage, "queued")

    def _take(self, type: EventType, told: dict[str, Any]) -> None:
        match type:
            case EventType.RETRIED:
                self.attempts += 1
            case EventType.STAGE:
                self.stage, self.detail = str(told.get("stage", "")), str(told.get("detail", ""))
                self.attempts = 0 if self.stage == "paused" else self.attempts
            case EventType.LOSS:
                self.losses[told["step"]], self.eta_seconds = told["loss"], told["eta_seconds"]
            case EventType.VALIDATED:
                self.held_out[told["step"]] = told["loss_by_noise"]
                if told["step"] in self.checkpoints:
                    self.checkpoints[told["step"]].held_out = told["loss_by_noise"]
            case EventType.CHECKPOINT:
                self.attempts = 1
                step = told["step"]
                self.checkpoints[step] = Checkpoint(step, told["adapter"], self.held_out.get(step, {}))
            case EventType.SAMPLES if told["step"] in self.checkpoints:
                self.checkpoints[told["step"]].samples = tuple(told["sha256"])
            case EventType.JUDGED:
                self.judgement = told
            case EventType.ADAPTER:
                self.adapter = told
            case _:
                pass
