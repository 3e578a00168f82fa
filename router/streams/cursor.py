"""Where somebody is in all that their jobs have told."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"([0-9]{1,9})-([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The `number` of the last event that was told, and a `tag` of which event that was: in another database, or one
    that was restored and went on otherwise, the same number is another event."""

    number: int
    tag: str

    def __str__(self) -> str:
        return f"{self.number}-{self.tag}"

    @classmethod
    def of(cls, number: int, job_id: str, seq: int) -> Cursor:
        """That of an event."""
        return cls(number, hashlib.sha256(f"{job_id}/{seq}".encode()).hexdigest()[:8])

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """As it was written; None for what is no cursor."""
        found = _WRITTEN.fullmatch(text)
        return cls(int(found[1]), found[2]) if found else None


BEGINNING = Cursor(0, "0" * 8)
"""Of who has heard nothing yet, in any database."""
