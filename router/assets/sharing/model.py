"""The vocabulary of share links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

ShareKind: TypeAlias = Literal["collection", "image"]
MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class ShareLink:
    """What shows `target` to whoever has its `token`, until it expires or is revoked."""

    id: str
    kind: ShareKind
    target: str
    owner: str
    space: str
    token: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
