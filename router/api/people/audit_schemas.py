"""Bodies of the audit's routes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from configs.frozen import Frozen
from router.people.audit.actions import ACTIONS
from router.people.audit.model import AuditLine


class AuditObject(Frozen):
    """What was changed."""

    kind: str
    id: str


class AuditLineBody(Frozen):
    """Who changed what. `seq` has no gaps; `sentence` says what the action is."""

    seq: int
    at: datetime
    who: str
    how: str = Field(description="they signed in: dev, oidc, key or device; system for what the studio does by itself")
    key: str | None = Field(default=None, description="id of the API key or device that was used")
    action: str = Field(examples=["library.mark"])
    sentence: str
    on: AuditObject
    told: dict[str, Any] = Field(description="of the change; nothing secret, and no prompt")
    request_id: str = Field(description="X-Request-Id of the answer")


class AuditBody(Frozen):
    """A page of the audit, newest first."""

    lines: tuple[AuditLineBody, ...]
    next: int | None = Field(default=None, description="`before` of the next page")


def line_body(line: AuditLine) -> AuditLineBody:
    """A line as it is answered, by a release that may not know its action."""
    return AuditLineBody(
        seq=line.seq,
        at=line.at,
        who=line.who,
        how=line.how,
        key=line.key,
        action=line.action,
        sentence=ACTIONS.get(line.action, line.action),
        on=AuditObject(kind=line.on[0], id=line.on[1]),
        told=dict(line.told),
        request_id=line.request_id,
    )
