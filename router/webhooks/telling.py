"""What webhooks are told of jobs: written where the event is, so that both are there or neither.

Each line of a job's log that somebody wants becomes a row for each webhook, in the transaction that commits the line.
Whoever sends it may die before, while, or after: the row stays until a receiver has answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from router.jobs.documents import REQUEST
from router.jobs.model import EventType, JobEvent
from router.storage.database import AnyRow
from router.storage.documents import UnreadableDocument
from router.webhooks import statements
from router.webhooks.model import DATA, DeliveryState, WebhookEvent

_TOLD = {
    EventType.IMAGE: WebhookEvent.IMAGE,
    EventType.COMPLETE: WebhookEvent.COMPLETE,
    EventType.FAILED: WebhookEvent.FAILED,
    EventType.CANCELED: WebhookEvent.CANCELED,
}
_AT_ONCE = 500  # jobs that are looked up together


def tell_webhooks(connection: Connection, events: Sequence[JobEvent]) -> None:
    """Have webhooks told of events that are being committed; called last, after the lines of the log."""
    told = [event for event in events if event.type in _TOLD]
    for begin in range(0, len(told), _AT_ONCE):
        some = told[begin : begin + _AT_ONCE]
        jobs = {"of_jobs": list({event.job_id for event in some})}
        hearing = connection.execute(statements.HEARING, jobs).all()
        rows = [row for event in some for one in hearing if one.job_id == event.job_id for row in _rows_of(one, event)]
        statements.INSERT_DELIVERY.run(connection, *rows)


def _rows_of(hearing: AnyRow, event: JobEvent) -> list[dict[str, Any]]:
    wanted, rows = hearing.events.split(), []
    if _TOLD[event.type] in wanted:
        id = f"msg_{event.job_id}_{event.seq}"
        rows.append(delivery_row(hearing.id, id, event.type, event.job_id, _data_of(hearing, event), event.at))
    if WebhookEvent.BATCH_ENDED in wanted and hearing.batch and event.type is not EventType.IMAGE:
        # The first job that ends notes it; whether others are left, is looked at until none is.
        data = {"batch_id": hearing.batch, **_whose(hearing), "links": {"batch": f"/batches/{hearing.batch}"}}
        id = f"msg_{hearing.batch}_ended"
        row = delivery_row(hearing.id, id, WebhookEvent.BATCH_ENDED, hearing.batch, data, event.at, "waiting")
        rows.append(row)
    return rows


def delivery_row(
    webhook: str,
    id: str,
    type: str,
    subject: str,
    data: Mapping[str, Any],
    at: datetime,
    state: DeliveryState = "pending",
) -> dict[str, Any]:
    """A row of what is to be told, due at once."""
    row = {"webhook": webhook, "id": id, "type": type, "subject": subject, "data": DATA.write(dict(data))}
    return row | {"at": at, "state": state, "due_at": at}


def _data_of(hearing: AnyRow, event: JobEvent) -> dict[str, Any]:
    """Ids and links: whoever wants more asks the studio, which asks who they are."""
    path = "trainings" if hearing.kind == "train" else "jobs"
    links = {"job": f"/{path}/{event.job_id}"}
    data: dict[str, Any] = {"job_id": event.job_id, "kind": hearing.kind, "seq": event.seq, **_whose(hearing)}
    data["batch_id"] = hearing.batch or None
    if event.type is EventType.IMAGE:
        image = event.payload.get("image", {})
        data |= {"asset_id": image.get("asset_id"), "index": image.get("index")}
        links["image"] = f"/images/{image.get('asset_id')}"
    if event.type is EventType.FAILED:
        data["failure"] = event.payload.get("code")  # its sentence may repeat words of the prompt
    if "prompt" in hearing.include.split():
        data["prompt"] = _prompt_of(hearing)
    return data | {"links": links}


def _whose(hearing: AnyRow) -> dict[str, str]:
    return {"owner": hearing.owner, "space": hearing.space}


def _prompt_of(hearing: AnyRow) -> str | None:
    try:
        prompt = REQUEST.read(hearing.request).get("prompt")
    except UnreadableDocument:
        return None
    return prompt if isinstance(prompt, str) else None
