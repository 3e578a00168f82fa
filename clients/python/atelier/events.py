"""What happens in a job, as typed events. Those with a `seq` are in the job's log and are never lost;
progress and previews are sent once, to whoever listens."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import ValidationError, model_validator

from atelier.models import Body, Image, Job, signed
from atelier.sse import Message

TERMINAL = frozenset({"job.complete", "job.failed", "job.canceled"})


class Event(Body):
    """Something happened. Types that this version does not know arrive as this class."""

    type: str
    job_id: str
    cursor: str | None = None
    """Of the events of all jobs, those that are never lost: where to go on behind it."""


class Began(Event):
    """The events of all jobs begin here; `job_id` is empty. `hello`: lists that are read from now on, and what follows,
    have everything. `reset`: too much has happened since it was last heard; read anew what you show."""


class LogEvent(Event):
    """A line of the job's log; `seq` counts from 1 without gaps."""

    seq: int
    at: datetime


class StageStarted(LogEvent):
    """Picture `index` enters a stage; None stands for all of them. In the stage `loading` it waits for its model, in
    `waiting` for the studio's files or database."""

    stage: str
    index: int | None = None
    detail: str | None = None
    eta_seconds: float | None = None


class Scored(LogEvent):
    """A drawing was scored, so that pictures can be chosen."""

    candidate: int
    seed: int
    scores: dict[str, float]


class Chosen(LogEvent):
    """These drawings become pictures, in this order."""

    candidates: tuple[int, ...]


class ImageFinished(LogEvent):
    """A picture is finished and stored."""

    image: Image

    @model_validator(mode="before")
    @classmethod
    def _sign_image(cls, data: Any) -> Any:
        return {**data, "image": signed(data.get("image"), data.get("job_id"))}


class Failed(LogEvent):
    """The job ended without all its pictures."""

    code: str = ""
    message: str = ""


class Progress(Event):
    """How far the job is, 0 to 1; where known, the step of the picture that moved and the seconds that remain. `label`
    says what happens in its `stage`.

    `detail` says what it waits for where it does not move (stage `loading` or `waiting`), `eta_seconds` for how long.
    """

    progress: float
    index: int | None = None
    stage: str | None = None
    label: str | None = None
    step: int | None = None
    steps: int | None = None
    estimated_time_seconds: float | None = None
    detail: str | None = None
    eta_seconds: float | None = None


class Preview(Event):
    """A small picture of what is being drawn, as a data URL."""

    index: int
    image: str


_LOGGED: dict[str, type[LogEvent]] = {
    "job.stage": StageStarted,
    "job.candidate": Scored,
    "job.chosen": Chosen,
    "job.image": ImageFinished,
    "job.failed": Failed,
}
_LIVE: dict[str, type[Event]] = {"progress": Progress, "preview": Preview}


def read_event(message: Message) -> Event | None:
    """The typed event, or None for a message that is not an event of a job."""
    try:
        data = json.loads(message.data)
        fields = {**data.pop("payload", {}), **data, "type": message.event}
        if message.event in _LIVE:
            return _LIVE[message.event].model_validate(fields)
        return _read_logged(message.event, fields)
    except (ValueError, AttributeError, TypeError):
        return None


def _read_logged(name: str, fields: dict[str, object]) -> Event:
    """A log event whose payload has changed shape still counts as a line of the log."""
    for kind in (_LOGGED.get(name, LogEvent), LogEvent):
        try:
            return kind.model_validate(fields)
        except ValidationError:
            continue
    return Event.model_validate(fields)


def progress_of(job: Job) -> Progress:
    """What polling can say in place of a live event."""
    return Progress(
        type="progress",
        job_id=job.job_id,
        progress=job.progress,
        estimated_time_seconds=job.estimated_time_seconds,
        detail=job.state_detail,
    )
