"""What receivers of webhooks are told, as bodies: typed in the API's document, for whoever writes a receiver."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import Field, RootModel

from configs.frozen import Frozen
from router.experiments.model import Status
from router.webhooks.model import DisabledReason

Links = Annotated[dict[str, str], Field(description="to what it is about, in the API")]


class ToldJob(Frozen):
    """A job, or a training (`kind` train)."""

    job_id: str
    kind: str
    seq: int = Field(description="of the line in its log")
    owner: str
    space: str
    batch_id: str | None
    prompt: str | None = Field(default=None, description="to a webhook that has asked for it (`include`)")
    links: Links


class ToldFailure(ToldJob):
    """A job that has failed."""

    failure: str | None = Field(description="the code of the error")


class ToldPicture(ToldJob):
    """A finished picture of a job."""

    asset_id: str
    index: int


class ToldBatch(Frozen):
    """A batch of which nothing is left to do."""

    batch_id: str
    owner: str
    space: str
    jobs: dict[str, int] = Field(description="how many ended how")
    links: Links


class ToldExperiment(Frozen):
    """An experiment, as it is from now on. Whoever may know why asks the studio."""

    experiment_id: str
    phase: int
    status: Status
    seq: int = Field(description="of the line in its log")
    links: Links


class ToldChampion(Frozen):
    """What pictures of an asset type and quality are drawn with was changed."""

    asset_type: str
    quality: str
    revision: int
    links: Links


class ToldWebhook(Frozen):
    """A webhook of yours. Without a reason it is only tested."""

    webhook_id: str
    owner: str
    space: str
    reason: DisabledReason = ""
    links: Links


class Message(Frozen):
    """What all have in common."""

    timestamp: datetime = Field(description="when it happened")


class JobImageMessage(Message):
    """A picture is finished."""

    type: Literal["job.image"]
    data: ToldPicture


class JobCompleteMessage(Message):
    """A job has all its pictures, or a training has ended."""

    type: Literal["job.complete"]
    data: ToldJob


class JobFailedMessage(Message):
    """A job has ended without all its pictures."""

    type: Literal["job.failed"]
    data: ToldFailure


class JobCanceledMessage(Message):
    """A job was canceled."""

    type: Literal["job.canceled"]
    data: ToldJob


class BatchEndedMessage(Message):
    """Nothing of a batch is left to do."""

    type: Literal["batch.ended"]
    data: ToldBatch


class ExperimentStartedMessage(Message):
    """An experiment, or a new phase of it, has begun."""

    type: Literal["experiment.started"]
    data: ToldExperiment


class ExperimentTrippedMessage(Message):
    """A guardrail of an experiment, or the ratio of its arms, has paused it."""

    type: Literal["experiment.tripped"]
    data: ToldExperiment


class ExperimentEndedMessage(Message):
    """An experiment was stopped or decided."""

    type: Literal["experiment.ended"]
    data: ToldExperiment


class ChampionPromotedMessage(Message):
    """Another way to draw is the champion."""

    type: Literal["champion.promoted"]
    data: ToldChampion


class ChampionPausedMessage(Message):
    """A canary draws for nobody for now."""

    type: Literal["champion.paused"]
    data: ToldChampion


class ChampionRolledBackMessage(Message):
    """A canary, or a champion, was taken back."""

    type: Literal["champion.rolled_back"]
    data: ToldChampion


class WebhookDisabledMessage(Message):
    """Another webhook of its owner is told nothing any more."""

    type: Literal["webhook.disabled"]
    data: ToldWebhook


class WebhookTestMessage(Message):
    """Its owner has asked for a test."""

    type: Literal["webhook.test"]
    data: ToldWebhook


class WebhookMessage(
    RootModel[
        Annotated[
            JobImageMessage
            | JobCompleteMessage
            | JobFailedMessage
            | JobCanceledMessage
            | BatchEndedMessage
            | ExperimentStartedMessage
            | ExperimentTrippedMessage
            | ExperimentEndedMessage
            | ChampionPromotedMessage
            | ChampionPausedMessage
            | ChampionRolledBackMessage
            | WebhookDisabledMessage
            | WebhookTestMessage,
            Field(discriminator="type"),
        ]
    ]
):
    """The body of a request to a receiver, as JSON; its headers are those of Standard Webhooks."""


def declare_messages(app: FastAPI) -> None:
    """Have the document say what receivers are sent."""

    def told(body: WebhookMessage) -> None:
        """A receiver of yours is told something, with a signature by Standard Webhooks."""

    app.webhooks.add_api_route(
        "event", told, methods=["POST"], status_code=204, tags=["webhooks"], operation_id="receive"
    )
