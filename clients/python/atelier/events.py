"""What happens in a job, as typed events. Those with a `seq` are in the job's log and are never lost;
progress and previews are sent once, to whoever listens."""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import ValidationError

from atelier.models import Body, Job, answers
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


class StageStarted(LogEvent, answers.StageEntered):
    """Picture `index` enters a stage; None stands for all of them. In the stage `loading` it waits for its model, in
    `waiting` for the studio's files or database."""


class Scored(LogEvent, answers.CandidateScored):
    """A drawing was scored, so that pictures can be chosen."""


class Chosen(LogEvent, answers.CandidatesChosen):
    """These drawings become pictures, in this order."""


class Learned(LogEvent, answers.LossNoted):
    """A training has taken a step."""


class Started(LogEvent, answers.WorkerTaken):
    """A worker has taken the job."""


class Retried(LogEvent, answers.Retried):
    """A picture is begun anew (`index`, `reason`), or the job by another worker (`attempt`)."""


class Replayed(LogEvent, answers.Receipt):
    """A replay was compared with the picture that it draws again."""


class Validated(LogEvent, answers.Validated):
    """A training was measured on pictures that were held out."""


class CheckpointKept(LogEvent, answers.CheckpointKept):
    """A training has kept what it learned so far."""


class SamplesKept(LogEvent, answers.SamplesKept):
    """A checkpoint of a training has drawn."""


class CheckpointsJudged(LogEvent, answers.CheckpointsJudged):
    """The checkpoints of a training were compared."""


class AdapterAdopted(LogEvent, answers.AdapterAdopted):
    """What a training has learned is in the library."""


class ImageFinished(LogEvent, answers.PictureFinished):
    """A picture is finished and stored."""


class Failed(LogEvent, answers.FailureTold):
    """The job ended without all its pictures."""


class Progress(Event, answers.LiveProgress):
    """How far the job is, 0 to 1; where known, the step of the picture that moved and the seconds that remain. `label`
    says what happens in its `stage`.

    `detail` says what it waits for where it does not move (stage `loading` or `waiting`), `eta_seconds` for how long.
    """


class Preview(Event, answers.LivePreview):
    """A small picture of what is being drawn, as a data URL."""


_LOGGED: dict[str, type[LogEvent]] = {
    "job.started": Started,
    "job.stage": StageStarted,
    "job.retried": Retried,
    "job.candidate": Scored,
    "job.chosen": Chosen,
    "job.image": ImageFinished,
    "job.replayed": Replayed,
    "job.loss": Learned,
    "job.validated": Validated,
    "job.checkpoint": CheckpointKept,
    "job.samples": SamplesKept,
    "job.judged": CheckpointsJudged,
    "job.adapter": AdapterAdopted,
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
