"""Written by `python -m clients.generator.synchronous` from `webhooks.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from atelier.calls import Call
from atelier.models.answers import Delivery as Delivery
from atelier.models.answers import DeliveryPage as DeliveryPage
from atelier.models.answers import Webhook as Webhook
from atelier.models.answers import WebhookWithSecret as WebhookWithSecret
from atelier.webhooks import (
    _changed,
    _delivered,
    _got,
    _listed,
    _made,
    _removed,
    _replayed,
    _replayed_since,
    _rotated,
    _tested,
)


class Webhooks:
    """Your webhooks at a studio."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def list(self) -> tuple[Webhook, ...]:
        """All of yours, the oldest first."""
        found: tuple[Webhook, ...] = self._run(_listed())
        return found

    def create(
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
        made: WebhookWithSecret = self._run(_made(url, events, scope, description, include))
        return made

    def get(self, id: str) -> Webhook:
        """One of them."""
        found: Webhook = self._run(_got(id))
        return found

    def change(
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
        changed: Webhook = self._run(_changed(id, url=url, description=description, enabled=enabled, **listed))
        return changed

    def remove(self, id: str) -> None:
        """Have it told nothing more, and what it was told forgotten."""
        self._run(_removed(id))

    def rotate(self, id: str) -> WebhookWithSecret:
        """Another secret; the one before signs, too, for a day."""
        changed: WebhookWithSecret = self._run(_rotated(id))
        return changed

    def test(self, id: str) -> Delivery:
        """Send it a `webhook.test`; `deliveries` says what became of it."""
        sent: Delivery = self._run(_tested(id))
        return sent

    def deliveries(
        self, id: str, *, state: str | None = None, limit: int = 50, before: str | None = None
    ) -> DeliveryPage:
        """What it was told, and is to be, with each attempt."""
        found: DeliveryPage = self._run(_delivered(id, state, limit, before))
        return found

    def replay(self, id: str, delivery: str) -> Delivery:
        """Send one again, with the same id."""
        again: Delivery = self._run(_replayed(id, delivery))
        return again

    def replay_failed(self, id: str, since: datetime) -> int:
        """Send again all that has failed of what happened since; how many that are."""
        count: int = self._run(_replayed_since(id, since))
        return count
