"""Webhooks: programs elsewhere that are told what jobs do; the questions, for both clients.

What comes in at a receiver is verified by any library of Standard Webhooks, with the secret of the answer that made it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from atelier.calls import Call, reader, segment
from atelier.models.answers import AnyMessage as AnyMessage
from atelier.models.answers import Attempt as Attempt
from atelier.models.answers import Delivery as Delivery
from atelier.models.answers import DeliveryPage as DeliveryPage
from atelier.models.answers import Replayed as Replayed
from atelier.models.answers import Webhook as Webhook
from atelier.models.answers import WebhookList as WebhookList
from atelier.models.answers import WebhookWithSecret as WebhookWithSecret
from atelier.values import to_json, to_text

_MESSAGE: TypeAdapter[AnyMessage] = TypeAdapter(AnyMessage)


def read_message(body: bytes | str) -> AnyMessage:
    """What a receiver was told, typed. Verify its signature first: this only reads. Raises `ValueError` for what is no
    message."""
    return _MESSAGE.validate_json(body)


def _listed() -> Call[tuple[Webhook, ...]]:
    read = reader(WebhookList)
    return Call("GET", "/webhooks", lambda response: read(response).webhooks)


def _made(url: str, events: Sequence[str], scope: str, description: str, include: Sequence[str]) -> Call[Any]:
    said = _said(url=url, events=list(events), scope=scope, description=description, include=list(include))
    return Call("POST", "/webhooks", reader(WebhookWithSecret), body=said)


def _got(id: str) -> Call[Webhook]:
    return Call("GET", _path(id), reader(Webhook))


def _changed(id: str, **said: Any) -> Call[Webhook]:
    return Call("PATCH", _path(id), reader(Webhook), body=_said(**said))


def _removed(id: str) -> Call[None]:
    return Call("DELETE", _path(id), lambda _: None)


def _rotated(id: str) -> Call[WebhookWithSecret]:
    return Call("POST", f"{_path(id)}/secret", reader(WebhookWithSecret))


def _tested(id: str) -> Call[Delivery]:
    return Call("POST", f"{_path(id)}/test", reader(Delivery))


def _delivered(id: str, state: str | None, limit: int, before: str | None) -> Call[DeliveryPage]:
    params = {"limit": str(limit)}
    params |= {name: to_text(value, name) for name, value in {"state": state, "before": before}.items() if value}
    return Call("GET", f"{_path(id)}/deliveries", reader(DeliveryPage), params=params)


def _replayed(id: str, delivery: str) -> Call[Delivery]:
    return Call("POST", f"{_path(id)}/deliveries/{segment(delivery)}/replay", reader(Delivery))


def _replayed_since(id: str, since: datetime) -> Call[int]:
    read = reader(Replayed)
    said = {"since": since.astimezone().isoformat()}
    return Call("POST", f"{_path(id)}/replay", lambda response: read(response).replayed, body=said)


def _said(**said: Any) -> dict[str, Any]:
    return {name: to_json(value, name) for name, value in said.items() if value is not None}


def _path(id: str) -> str:
    return f"/webhooks/{segment(id)}"


class AsyncWebhooks:
    """Your webhooks at a studio."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def list(self) -> tuple[Webhook, ...]:
        """All of yours, the oldest first."""
        found: tuple[Webhook, ...] = await self._run(_listed())
        return found

    async def create(
        self,
        url: str,
        events: Sequence[str] = ("job.complete", "job.failed", "job.canceled"),
        *,
        scope: str = "own",
        description: str = "",
        include: Sequence[str] = (),
    ) -> WebhookWithSecret:
        """Have a program told of `job.image`, `job.complete`, `job.failed`, `job.canceled`, `batch.ended`,
        `webhook.disabled`, `experiment.started`, `.tripped`, `.ended`, `champion.promoted`, `.paused` or
        `.rolled_back`. `scope` is own, or space: all jobs of the space that you work for; `include=["prompt"]` has
        it told prompts, too."""
        made: WebhookWithSecret = await self._run(_made(url, events, scope, description, include))
        return made

    async def get(self, id: str) -> Webhook:
        """One of them."""
        found: Webhook = await self._run(_got(id))
        return found

    async def change(
        self,
        id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        description: str | None = None,
        include: Sequence[str] | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """What is left out stays; `enabled=True` takes one into use again, whatever has disabled it."""
        listed = {"events": events and [*events], "include": None if include is None else [*include]}
        changed: Webhook = await self._run(_changed(id, url=url, description=description, enabled=enabled, **listed))
        return changed

    async def remove(self, id: str) -> None:
        """Have it told nothing more, and what it was told forgotten."""
        await self._run(_removed(id))

    async def rotate(self, id: str) -> WebhookWithSecret:
        """Another secret; the one before signs, too, for a day."""
        changed: WebhookWithSecret = await self._run(_rotated(id))
        return changed

    async def test(self, id: str) -> Delivery:
        """Send it a `webhook.test`; `deliveries` says what became of it."""
        sent: Delivery = await self._run(_tested(id))
        return sent

    async def deliveries(
        self, id: str, *, state: str | None = None, limit: int = 50, before: str | None = None
    ) -> DeliveryPage:
        """What it was told, and is to be, with each attempt."""
        found: DeliveryPage = await self._run(_delivered(id, state, limit, before))
        return found

    async def replay(self, id: str, delivery: str) -> Delivery:
        """Send one again, with the same id."""
        again: Delivery = await self._run(_replayed(id, delivery))
        return again

    async def replay_failed(self, id: str, since: datetime) -> int:
        """Send again all that has failed of what happened since; how many that are."""
        count: int = await self._run(_replayed_since(id, since))
        return count
