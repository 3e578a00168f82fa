"""/webhooks: programs elsewhere that are told what jobs do, signed as Standard Webhooks has it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from configs.errors import InvalidRequest
from router.api.deps import Before, PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.links import link
from router.api.webhooks.webhook_schemas import (
    DeliveriesBody,
    DeliveryBody,
    NewWebhookBody,
    ReplayedBody,
    ReplayWish,
    WebhookBody,
    WebhookChangeBody,
    WebhooksBody,
    WebhookSecretBody,
    delivery_body,
    secret_body,
    webhook_body,
)
from router.people.tables import HOME
from router.webhooks.model import DeliveryState
from router.webhooks.transactions import NewWebhook, WebhookChange

routes = APIRouter(prefix="/webhooks", tags=["webhooks"], responses=error_responses(404, 422))

WebhookId = Annotated[str, Path(min_length=1, max_length=64, pattern="^[!-~]+$")]
DeliveryId = Annotated[str, Path(min_length=1, max_length=100, pattern="^[!-~]+$")]


@routes.get("")
async def list_webhooks(studio: StudioDep, principal: PrincipalDep) -> WebhooksBody:
    """Your webhooks, the oldest first."""
    return WebhooksBody(webhooks=tuple(map(webhook_body, await studio.webhooks.of(principal.id))))


@routes.post("", status_code=201, responses=error_responses(409))
async def create_webhook(
    request: Request,
    response: Response,
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    body: NewWebhookBody,
) -> WebhookSecretBody:
    """Have a program told what jobs do. The secret in the answer is told now and never again."""
    if body.scope == "space" and viewer.space == HOME:
        raise InvalidRequest("home is no team: say with X-Atelier-Space whose jobs it is to be told of", "scope")
    await studio.courier.check(body.url)
    new = NewWebhook(body.url, body.events, body.scope, body.description, body.include)
    made, secret = await studio.webhooks.create(viewer, new, studio.audit.sign(principal))
    response.headers["Location"] = link(request, "read_webhook", webhook_id=made.id).path
    response.headers["Cache-Control"] = "no-store"
    return secret_body(made, secret)


@routes.get("/{webhook_id}")
async def read_webhook(studio: StudioDep, viewer: ViewerDep, webhook_id: WebhookId) -> WebhookBody:
    """One webhook of yours."""
    return webhook_body(await studio.webhooks.webhook(viewer, webhook_id))


@routes.patch("/{webhook_id}")
async def change_webhook(
    studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, webhook_id: WebhookId, body: WebhookChangeBody
) -> WebhookBody:
    """Change where it goes or what it is told, or take it into use again."""
    if body.url is not None:
        await studio.courier.check(body.url)
    change = WebhookChange(body.url, body.events, body.description, body.include, body.enabled)
    return webhook_body(await studio.webhooks.change(viewer, webhook_id, change, studio.audit.sign(principal)))


@routes.delete("/{webhook_id}", status_code=204)
async def delete_webhook(studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, webhook_id: WebhookId) -> None:
    """Have it told nothing more, and forget what it was told."""
    await studio.webhooks.remove(viewer, webhook_id, studio.audit.sign(principal))


@routes.post("/{webhook_id}/secret")
async def rotate_secret(
    response: Response, studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, webhook_id: WebhookId
) -> WebhookSecretBody:
    """Another secret in place of the one before, which signs, too, for a day: each request then has two signatures."""
    changed, secret = await studio.webhooks.rotate(viewer, webhook_id, studio.audit.sign(principal))
    response.headers["Cache-Control"] = "no-store"
    return secret_body(changed, secret)


@routes.post("/{webhook_id}/test", status_code=202, responses=error_responses(409))
async def test_webhook(studio: StudioDep, viewer: ViewerDep, webhook_id: WebhookId) -> DeliveryBody:
    """Send a `webhook.test`, on the way that everything takes; its deliveries say what became of it."""
    return delivery_body(await studio.webhooks.test(viewer, webhook_id))


@routes.get("/{webhook_id}/deliveries")
async def list_deliveries(
    studio: StudioDep,
    viewer: ViewerDep,
    webhook_id: WebhookId,
    state: Annotated[DeliveryState | None, Query(description="those alone")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Before = None,
) -> DeliveriesBody:
    """What it was told and is to be, with each attempt; for 30 days."""
    found = await studio.webhooks.deliveries(viewer, webhook_id, limit, before, state)
    following = found[-1].id if len(found) == limit else None
    return DeliveriesBody(deliveries=tuple(map(delivery_body, found)), next=following)


@routes.post("/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202, responses=error_responses(409))
async def replay_delivery(
    studio: StudioDep, viewer: ViewerDep, webhook_id: WebhookId, delivery_id: DeliveryId
) -> DeliveryBody:
    """Send something again, with the same id."""
    return delivery_body(await studio.webhooks.replay(viewer, webhook_id, delivery_id))


@routes.post("/{webhook_id}/replay", status_code=202, responses=error_responses(409))
async def replay_failed(studio: StudioDep, viewer: ViewerDep, webhook_id: WebhookId, body: ReplayWish) -> ReplayedBody:
    """Send again all that has failed of what happened since a time, as after an outage of the receiver."""
    return ReplayedBody(replayed=await studio.webhooks.replay_failed(viewer, webhook_id, body.since))
