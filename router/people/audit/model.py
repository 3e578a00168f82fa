"""The vocabulary of the audit: who signs for a change, and a line of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

On: TypeAlias = tuple[str, str]
"""What was changed: its kind and its id, such as `("loras", "harbour")`."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who does something in one request, how they signed in, and by which key or device; handed down to the
    transaction that does it, which writes the line."""

    who: str
    how: str
    key: str | None = None
    request_id: str = ""


SYSTEM = Signature("atelier", "system")
"""Signs for what the studio does by itself: guardrails, canaries that go on, YAML files that are taken in."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the log. `seq` grows without gaps, in the order in which the changes were committed."""

    seq: int
    at: datetime
    who: str
    how: str
    key: str | None
    action: str
    on: On
    told: Mapping[str, Any]
    request_id: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines. `action` may be a whole group (`library`); `on` a kind alone, or a kind and an id; `since` is
    inclusive, `until` is not."""

    who: str | None = None
    action: str | None = None
    kind: str | None = None
    id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
