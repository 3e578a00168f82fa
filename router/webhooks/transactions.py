"""The transactions of webhooks: each public function is one, run as a whole on a thread of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from configs.errors import NotFound, StateConflict
from router.ids import new_job_id
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.viewer import Viewer
from router.storage.database import AnyRow
from router.webhooks import statements
from router.webhooks.disabling import disable, host_of
from router.webhooks.model import TEST, Included, Webhook, WebhookEvent, WebhookScope
from router.webhooks.signing import new_secret
from router.webhooks.telling import delivery_row

OLD_SECRET_COUNTS = timedelta(days=1)
"""After another has taken its place."""


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """What its owner says of one. The URL was looked at."""

    url: str
    events: tuple[WebhookEvent, ...]
    scope: WebhookScope = "own"
    description: str = ""
    include: tuple[Included, ...] = ()


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """What is None stays."""

    url: str | None = None
    events: tuple[WebhookEvent, ...] | None = None
    description: str | None = None
    include: tuple[Included, ...] | None = None
    enabled: bool | None = None


def create(
    connection: Connection, viewer: Viewer, new: NewWebhook, most: int, by: Signature | None, now: datetime
) -> tuple[Webhook, str]:
    """One more, in the space in which its owner works, and its secret. Raises `StateConflict`."""
    if connection.execute(statements.COUNT, {"of_owner": viewer.owner}).scalar_one() >= most:
        raise StateConflict(f"you may have {most} webhooks: delete one first, or have one told more events")
    id, secret = f"wh_{new_job_id()}", new_secret()
    row: dict[str, Any] = {"id": id, "owner": viewer.owner, "space": viewer.space, "scope": new.scope, "url": new.url}
    row |= {"description": new.description, "secret": secret, "created_at": now}
    row |= {"events": _joined(new.events), "include": _joined(new.include)}
    statements.INSERT.run(connection, row)
    told = {"host": host_of(new.url), "events": new.events, "scope": new.scope, "include": new.include}
    write_line(connection, by, "webhook.create", ("webhooks", id), told, now)
    return read_webhook(find(connection, viewer, id)), secret


def find(connection: Connection, viewer: Viewer, id: str) -> AnyRow:
    """The row of one of theirs. Raises `NotFound` and `NotAllowed`."""
    return check(viewer, id, connection.execute(statements.ONE, {"of_webhook": id}).one_or_none())


def check(viewer: Viewer, id: str, row: AnyRow | None) -> AnyRow:
    """The row, if it is theirs. Raises `NotFound` and `NotAllowed`."""
    if row is None or not viewer.sees(row):
        raise NotFound(f"There is no webhook {id}")
    viewer.check_change(row, f"webhook {id}")
    return row


def change(
    connection: Connection, viewer: Viewer, id: str, change: WebhookChange, by: Signature | None, now: datetime
) -> Webhook:
    """What is None stays. Raises `NotFound` and `NotAllowed`."""
    before = find(connection, viewer, id)
    new: dict[str, Any] = {"url": change.url, "description": change.description}
    new["events"] = None if change.events is None else _joined(change.events)
    new["include"] = None if change.include is None else _joined(change.include)
    new = {name: value for name, value in new.items() if value is not None and value != getattr(before, name)}
    if new:
        connection.execute(statements.change(**new), {"of_webhook": id})
    if change.enabled is False:
        disable(connection, id, "asked", None, now)
    if change.enabled and before.disabled_at is not None:
        connection.execute(statements.ENABLE, {"of_webhook": id})
    after = read_webhook(find(connection, viewer, id))
    if after != read_webhook(before):
        told: dict[str, Any] = {"host": host_of(after.url), "events": after.events, "include": after.include}
        told |= {"enabled": after.disabled_at is None, "changed": sorted(new)}
        write_line(connection, by, "webhook.change", ("webhooks", id), told, now)
    return after


def rotate(connection: Connection, viewer: Viewer, id: str, by: Signature | None, now: datetime) -> tuple[Webhook, str]:
    """Another secret, beside which the old one counts for a while. Raises `NotFound` and `NotAllowed`."""
    find(connection, viewer, id)
    fresh, until = new_secret(), now + OLD_SECRET_COUNTS
    connection.execute(statements.ROTATE, {"of_webhook": id, "fresh": fresh, "until": until})
    told = {"old_until": until.isoformat()}
    write_line(connection, by, "webhook.rotate", ("webhooks", id), told, now)
    return read_webhook(find(connection, viewer, id)), fresh


def remove(connection: Connection, viewer: Viewer, id: str, by: Signature | None, now: datetime) -> None:
    """With all that it was told. Raises `NotFound` and `NotAllowed`."""
    row = find(connection, viewer, id)
    connection.execute(statements.DELETE, {"of_webhook": id})
    write_line(connection, by, "webhook.delete", ("webhooks", id), {"host": host_of(row.url)}, now)


def test(connection: Connection, viewer: Viewer, id: str, now: datetime) -> AnyRow:
    """The row of a delivery that says nothing. Raises as `replay`."""
    row = _in_use(connection, viewer, id)
    delivery = f"msg_test_{new_job_id()}"
    data = {"webhook_id": id, "owner": row.owner, "space": row.space, "links": {"webhook": f"/webhooks/{id}"}}
    statements.INSERT_DELIVERY.run(connection, delivery_row(id, delivery, TEST, id, data, now))
    return connection.execute(statements.DELIVERY, {"of_webhook": id, "of_delivery": delivery}).one()


def replay(connection: Connection, viewer: Viewer, id: str, delivery: str, now: datetime) -> AnyRow:
    """The row of the delivery. Raises `NotFound`, `NotAllowed`, and `StateConflict` where the webhook is disabled."""
    _in_use(connection, viewer, id)
    which = {"of_webhook": id, "of_delivery": delivery}
    connection.execute(statements.REPLAY, which | {"now": now})
    found = connection.execute(statements.DELIVERY, which).one_or_none()
    if found is None:
        raise NotFound(f"This webhook was never told {delivery[:100]}")
    return found


def replay_failed(connection: Connection, viewer: Viewer, id: str, since: datetime, now: datetime) -> int:
    """How many. Raises as `replay`."""
    _in_use(connection, viewer, id)
    return connection.execute(statements.REPLAY_FAILED, {"of_webhook": id, "since": since, "now": now}).rowcount


def _in_use(connection: Connection, viewer: Viewer, id: str) -> AnyRow:
    row = find(connection, viewer, id)
    if row.disabled_at is not None:
        raise StateConflict(f'webhook {id} is disabled: take it into use again first, with {{"enabled": true}}')
    return row


def read_webhook(row: AnyRow) -> Webhook:
    """What a newer release has added to its events is passed over."""
    known = {one.value for one in WebhookEvent}
    return Webhook(
        id=row.id,
        owner=row.owner,
        space=row.space,
        scope=row.scope,
        url=row.url,
        description=row.description,
        events=tuple(WebhookEvent(name) for name in row.events.split() if name in known),
        include=tuple("prompt" for name in row.include.split() if name == "prompt"),
        created_at=row.created_at,
        old_secret_until=row.old_secret_until,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
        failing_since=row.failing_since,
        paused_until=row.paused_until,
    )


def _joined(names: tuple[str, ...]) -> str:
    return " ".join(names)
