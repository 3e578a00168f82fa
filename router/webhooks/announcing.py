"""What webhooks are told of what the studio draws with, and not of somebody's jobs: written in the transaction that
changes it. Whoever has signed in may know of experiments, so every webhook that asks for these is told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from router.webhooks import statements
from router.webhooks.model import WebhookEvent
from router.webhooks.telling import delivery_row


def announce_experiment(
    connection: Connection, event: WebhookEvent, id: str, phase: int, status: str, seq: int, at: datetime
) -> None:
    """Line `seq` of an experiment's log. No reason and no decision is told: some who hear it still judge its pictures,
    and whoever may know more asks the studio."""
    data = {"experiment_id": id, "phase": phase, "status": status, "seq": seq}
    data["links"] = {"experiment": f"/experiments/{id}"}
    _announce(connection, event, f"msg_experiment_{_short(id)}_{seq}", id, data, at)


def announce_champion(
    connection: Connection, event: WebhookEvent, key: tuple[str, str], revision: int, at: datetime
) -> None:
    """A change of what pictures of an asset type and quality are drawn with."""
    name = "/".join(key)
    data = {"asset_type": key[0], "quality": key[1], "revision": revision, "links": {"champion": f"/champions/{name}"}}
    _announce(connection, event, f"msg_champion_{_short(name)}_{revision}", name, data, at)


def _announce(
    connection: Connection, event: WebhookEvent, id: str, subject: str, data: Mapping[str, Any], at: datetime
) -> None:
    heard = [one.id for one in connection.execute(statements.LISTENING) if event in one.events.split()]
    if heard:
        rows = [delivery_row(webhook, id, event, subject, data, at) for webhook in heard]
        statements.INSERT_DELIVERY.run(connection, *rows)


def _short(name: str) -> str:
    """Of a name that may be too long, or have characters that no id of a message has."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]
