"""Bodies of webhooks, and of what they were told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, StrictBool, StringConstraints

from configs.frozen import Frozen
from configs.text import Line
from router.webhooks.addresses import MOST_URL_CHARS
from router.webhooks.model import (
    Delivery,
    DeliveryState,
    DisabledReason,
    Included,
    Webhook,
    WebhookEvent,
    WebhookScope,
)

Url = Annotated[str, StringConstraints(min_length=1, max_length=MOST_URL_CHARS)]
Events = Annotated[tuple[WebhookEvent, ...], Field(min_length=1, max_length=len(WebhookEvent))]
Include = Annotated[tuple[Included, ...], Field(max_length=1)]


class NewWebhookBody(Frozen):
    """Where to tell what. It is made in the space that you work for."""

    url: Url = Field(description="https, to a public address", examples=["https://hooks.example/atelier"])
    events: Events = Field(description="that it is told of", examples=[["job.complete", "job.failed"]])
    scope: WebhookScope = Field(default="own", description="own: of your jobs; space: of all jobs of the space")
    description: Line = Field(default="", max_length=200, description="by which you know it again")
    include: Include = Field(default=(), description="prompt: it is told the prompts of jobs, too")


class WebhookChangeBody(Frozen):
    """What is left out stays as it is."""

    url: Url | None = None
    events: Events | None = None
    description: Line | None = Field(default=None, max_length=200)
    include: Include | None = None
    enabled: StrictBool | None = Field(
        default=None, description="False: it is told nothing; True: again, after whatever has disabled it"
    )


class WebhookBody(Frozen):
    """A webhook, all but its secret."""

    id: str
    url: str
    events: tuple[WebhookEvent, ...]
    scope: WebhookScope
    space: str
    description: str
    include: tuple[Included, ...]
    enabled: bool
    disabled_reason: DisabledReason = Field(
        default="", description="gone: it answered 410; failing: every attempt of three days has failed"
    )
    disabled_at: datetime | None = None
    failing_since: datetime | None = Field(default=None, description="no attempt since then was answered well")
    paused_until: datetime | None = Field(default=None, description="it has asked to be left alone until then")
    old_secret_until: datetime | None = Field(default=None, description="the secret before signs, too, until then")
    created_at: datetime


class WebhookSecretBody(WebhookBody):
    """A webhook, and what verifies that it is the studio that calls. It is told now and never again."""

    secret: str = Field(
        description="for a library of Standard Webhooks", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )


class WebhooksBody(Frozen):
    """All of yours."""

    webhooks: tuple[WebhookBody, ...]


class AttemptBody(Frozen):
    """One request to a receiver."""

    at: datetime
    seconds: float
    status: int | None = Field(default=None, description="absent where there was no answer")
    error: str = Field(default="", description="why there was none")
    answer: str = Field(default="", description="how the answer begins")


class DeliveryBody(Frozen):
    """What a webhook is told of an event."""

    id: str = Field(description="the header webhook-id of each attempt")
    type: str
    subject: str = Field(description="the job, the batch or the webhook")
    at: datetime = Field(description="the event's")
    state: DeliveryState = Field(description="waiting: for the end of a batch; failed: no attempt is left")
    due_at: datetime = Field(description="of the next attempt, where it is pending")
    attempts: tuple[AttemptBody, ...]


class DeliveriesBody(Frozen):
    """A page, the newest event first."""

    deliveries: tuple[DeliveryBody, ...]
    next: str | None = Field(default=None, description="`before` of the page after it; absent on the last")


def _in_utc(said: datetime) -> datetime:
    try:
        return said.astimezone(UTC)
    except OverflowError:
        raise ValueError("no such time can be told in UTC") from None


class ReplayWish(Frozen):
    """What is to be sent again."""

    since: Annotated[AwareDatetime, AfterValidator(_in_utc)] = Field(
        description="of what happened since then, all that has failed"
    )


class ReplayedBody(Frozen):
    """How many deliveries are sent again."""

    replayed: int


def webhook_body(one: Webhook) -> WebhookBody:
    """As its owner sees it."""
    return WebhookBody(**_told(one))


def secret_body(one: Webhook, secret: str) -> WebhookSecretBody:
    """The same with its secret."""
    return WebhookSecretBody(**_told(one), secret=secret)


def delivery_body(one: Delivery) -> DeliveryBody:
    """With all attempts so far."""
    attempts = tuple(
        AttemptBody(at=it.at, seconds=it.seconds, status=it.status, error=it.error, answer=it.answer)
        for it in one.attempts
    )
    return DeliveryBody(
        id=one.id,
        type=one.type,
        subject=one.subject,
        at=one.at,
        state=one.state,
        due_at=one.due_at,
        attempts=attempts,
    )


def _told(one: Webhook) -> dict[str, Any]:
    names = WebhookBody.model_fields.keys() - {"enabled"}
    return {name: getattr(one, name) for name in names} | {"enabled": one.disabled_at is None}
