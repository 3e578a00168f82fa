"""The vocabulary of webhooks, imported by the store, the sender and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from router.storage.documents import Document

WebhookScope: TypeAlias = Literal["own", "space"]
"""Whose jobs are told: the owner's, or all of the space that the webhook was made in."""
Included: TypeAlias = Literal["prompt"]
"""What is told only to who asks for it."""
DeliveryState: TypeAlias = Literal["waiting", "pending", "delivered", "failed"]
"""`waiting` for the end of a batch, `pending` until an attempt succeeds, `failed` when none is left."""
DisabledReason: TypeAlias = Literal["", "asked", "gone", "failing"]
"""Its owner asked for that, it answered 410, or every attempt of days has failed."""


class WebhookEvent(StrEnum):
    """What a webhook may be told: of jobs by the names of their log, a training's included; and of what draws."""

    IMAGE = "job.image"
    COMPLETE = "job.complete"
    FAILED = "job.failed"
    CANCELED = "job.canceled"
    BATCH_ENDED = "batch.ended"
    EXPERIMENT_STARTED = "experiment.started"
    """Or a new phase of one."""
    EXPERIMENT_TRIPPED = "experiment.tripped"
    """A guardrail, or the share of its arms, has paused it."""
    EXPERIMENT_ENDED = "experiment.ended"
    CHAMPION_PROMOTED = "champion.promoted"
    CHAMPION_PAUSED = "champion.paused"
    """Its canary draws for nobody: a guardrail of its own, or a person, has paused it."""
    CHAMPION_ROLLED_BACK = "champion.rolled_back"
    DISABLED = "webhook.disabled"
    """Another webhook of the same owner is told nothing any more."""


TEST = "webhook.test"
"""What is sent when its owner asks for that; nobody subscribes to it."""

DATA: Document[dict[str, Any]] = Document("webhook data", dict[str, Any])


def read_data(text: str) -> dict[str, Any]:
    """As it was written. Raises `UnreadableDocument`."""
    data = DATA.read(text)
    data.pop("document_version", None)
    return data


@dataclass(frozen=True, slots=True)
class Webhook:
    """Whom to tell what. The secret is not part of it: whoever signs asks for that."""

    id: str
    owner: str
    space: str
    scope: WebhookScope
    url: str
    description: str
    events: tuple[WebhookEvent, ...]
    include: tuple[Included, ...]
    created_at: datetime
    old_secret_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason = ""
    failing_since: datetime | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. `status` is None where there was no answer, and `error` then says why; `answer` is how the body of
    an answer begins."""

    number: int
    at: datetime
    seconds: float
    status: int | None
    error: str = ""
    answer: str = ""

    @property
    def succeeded(self) -> bool:
        """An answer of 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one webhook is told of one event. `id` is the event's, and the `webhook-id` of every attempt."""

    webhook: str
    id: str
    type: str
    subject: str
    at: datetime
    state: DeliveryState
    due_at: datetime
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery under a lease, with all that an attempt needs. `number` is that of the attempt, which fences out
    whoever held the delivery before; `tries` counts those since it was made or replayed, this one included."""

    webhook: str
    id: str
    type: str
    at: datetime
    data: dict[str, Any]
    url: str
    secrets: tuple[str, ...]
    number: int
    tries: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an attempt: when to try again (None: never), until when to leave the webhook alone, and why it
    is disabled, where it is."""

    again_at: datetime | None = None
    paused_until: datetime | None = None
    disabled: DisabledReason = ""
