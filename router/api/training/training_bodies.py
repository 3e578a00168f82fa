"""How a training is told: its plan, its log, and what is heard of it live."""

from __future__ import annotations

from router.api.library.licence_schemas import licence_body
from router.api.training.training_schemas import AdapterBody, CheckpointBody, TrainingBody
from router.jobs.model import Job
from router.live import LiveEvent
from router.studio import Studio
from router.training.record import Record


def training_body(studio: Studio, job: Job, record: Record, brief: bool = False) -> TrainingBody:
    """A training; a `brief` one without its losses, checkpoints and judgement."""
    plan, live = job.training, _live(studio, job)
    step, loss = _newest(record, live)
    pin = plan.dataset
    return TrainingBody(
        job_id=job.id,
        status=job.status,
        state=record.state(job),
        detail=None if job.status.ended else record.detail or None,
        progress=max(job.progress, 0.0 if live is None else live.data["progress"]),
        step=step,
        steps=plan.settings.steps,
        loss=loss,
        losses={} if brief else record.losses,
        checkpoints=() if brief else tuple(_checkpoint(record, step) for step in record.checkpoints),
        judgement=None if brief else record.judgement,
        adapter=None if record.adapter is None else AdapterBody.model_validate(record.adapter),
        estimated_time_seconds=_left(job, record, live),
        dataset=f"{pin.id}@{pin.version}",
        model=plan.model,
        lora=plan.lora,
        trigger=plan.trigger,
        pictures=len(plan.pictures),
        settings=plan.settings,
        estimate=plan.estimate,
        sweep=plan.sweep or None,
        notes=plan.notes,
        owner=job.owner,
        licence=licence_body(job.licence, studio.installation.catalog),
        error=job.failure,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )


def _live(studio: Studio, job: Job) -> LiveEvent | None:
    """What was told last, where it runs in this process, or one that it follows."""
    if job.status.ended:
        return None
    told = (event for id, event in studio.live.latest() if id == job.id and event.type == "progress")
    return next(told, None)


def _newest(record: Record, live: LiveEvent | None) -> tuple[int, float | None]:
    """The last step that is known of, and its loss."""
    step = max(record.losses, default=0)
    if live is not None and live.data["step"] >= step and "loss" in live.data:
        return live.data["step"], live.data["loss"]
    return step, record.losses.get(step)


def _left(job: Job, record: Record, live: LiveEvent | None) -> float:
    """Seconds, as they are measured once it learns."""
    if job.status.ended:
        return 0.0
    if live is not None:
        return float(live.data["estimated_time_seconds"])
    return record.eta_seconds if record.eta_seconds is not None else job.planned_seconds * (1 - job.progress)


def _checkpoint(record: Record, step: int) -> CheckpointBody:
    kept = record.checkpoints[step]
    return CheckpointBody(step=step, adapter=kept.adapter, held_out=kept.held_out, samples=kept.samples)
