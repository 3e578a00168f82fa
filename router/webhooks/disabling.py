"""How a webhook is told nothing any more: by its owner, or by the studio, which then says so to the owner's others."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.webhooks import statements
from router.webhooks.model import DisabledReason, WebhookEvent
from router.webhooks.telling import delivery_row


def disable(connection: Connection, id: str, reason: DisabledReason, by: Signature | None, now: datetime) -> bool:
    """Whether it was in use until now. What it has yet to be told has failed, and can be sent again."""
    disabled = {"of_webhook": id, "reason": reason, "now": now}
    was = connection.execute(statements.DISABLE, disabled).one_or_none()
    if was is None:
        return False
    connection.execute(statements.GIVE_UP, {"of_webhook": id})
    data = {"webhook_id": id, "reason": reason, "owner": was.owner, "space": was.space}
    data["links"] = {"webhook": f"/webhooks/{id}"}
    others = connection.execute(statements.OTHERS, {"of_owner": was.owner, "of_webhook": id}).all()
    statements.INSERT_DELIVERY.run(
        connection,
        *(
            delivery_row(other.id, f"msg_{id}_{int(now.timestamp() * 1000)}", WebhookEvent.DISABLED, id, data, now)
            for other in others
            if WebhookEvent.DISABLED in other.events.split()
        ),
    )
    write_line(connection, by, "webhook.disable", ("webhooks", id), {"reason": reason, "host": host_of(was.url)}, now)
    return True


def host_of(url: str) -> str:
    """All that the audit tells of a URL: the rest may let whoever knows it in."""
    return urlsplit(url).netloc
