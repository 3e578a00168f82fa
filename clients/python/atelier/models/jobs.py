"""Jobs as the studio answers them: how they stand, what went in, and what came out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import model_validator

from atelier.models.body import Body, Licence, Note
from atelier.models.pictures import Image, signed

ENDED = frozenset({"complete", "failed", "canceled"})


class Failure(Body):
    """Why a job failed: a stable code and a sentence for people."""

    code: str
    message: str


class LoraUse(Body):
    """A LoRA that took part in a job; `generate` takes it in this form again."""

    id: str
    strength: float


class Input(Body):
    """A picture that a job began with. `role` is image, mask, reference, control or image_prompt.

    `picture` is its name, which `generate` takes again; `url` its PNG. `kind`, `start` and `end` are those of a
    control, `scale` also that of an image prompt.
    """

    role: str
    picture: str
    url: str
    kind: str | None = None
    scale: float | None = None
    start: float | None = None
    end: float | None = None


class Accepted(Body):
    """A job was accepted. `estimated_time_seconds` is until its last picture, waiting included."""

    job_id: str
    status: str
    estimated_time_seconds: float
    notes: tuple[Note, ...] = ()


class Candidate(Body):
    """A drawing that was scored so that pictures could be chosen; `index` is that of the picture it became, if any."""

    candidate: int
    seed: int
    scores: dict[str, float]
    index: int | None = None


class Cost(Body):
    """What GPUs cost, at the prices of the studio's fleet."""

    amount: float
    currency: str


class Job(Body):
    """A job as it stands. `status` is queued, processing, complete, failed or canceled; `state_detail` says what one
    that is processed waits for, such as `loading model mini`; `strength` is how much of its image is redrawn."""

    job_id: str
    status: str
    state_detail: str | None = None
    progress: float
    images_completed: int
    images_total: int
    estimated_time_seconds: float
    images: tuple[Image, ...]
    candidates: tuple[Candidate, ...] = ()
    prompt: str
    asset_type: str
    model: str
    quality: str
    loras: tuple[LoraUse, ...] = ()
    inputs: tuple[Input, ...] = ()
    strength: float | None = None
    deadline_seconds: float | None = None
    notes: tuple[Note, ...] = ()
    owner: str
    licence: Licence
    error: Failure | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cost: Cost | None = None

    @model_validator(mode="before")
    @classmethod
    def _sign_images(cls, data: Any) -> Any:
        images = data.get("images") if isinstance(data, dict) else None
        return (
            {**data, "images": [signed(one, data.get("job_id")) for one in images]}
            if isinstance(images, list)
            else data
        )

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the pictures that are finished, in order."""
        return tuple(image.seed for image in self.images)


class JobsPage(Body):
    """Jobs, newest first; `next` is where the next page starts, absent on the last."""

    jobs: tuple[Job, ...]
    next: str | None = None
