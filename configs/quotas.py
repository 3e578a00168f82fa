"""How much may be drawn: by one person, in one space, with one key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen

Subject: TypeAlias = Literal["user", "space", "key"]
"""Whose work is counted: a person's, a space's, or what comes with one API key or device."""

QuotaName: TypeAlias = Literal["jobs_in_flight", "pictures_per_day", "device_seconds_per_day"]


class Quota(Frozen):
    """Limits of one subject; None is no limit, and 0 lets nothing be drawn. A day is one of UTC."""

    jobs_in_flight: int | None = Field(default=None, ge=0, le=10**9, description="accepted and not ended")
    pictures_per_day: int | None = Field(default=None, ge=0, le=10**9)
    device_seconds_per_day: float | None = Field(
        default=None, ge=0, le=1e9, description="as plans predict; as they were taken, once a job has ended"
    )


class Quotas(Frozen):
    """What holds for every person, space and key of which operators have not said otherwise."""

    user: Quota = Quota()
    space: Quota = Quota()
    key: Quota = Quota()

    def of(self, subject: Subject) -> Quota:
        """Those of one kind."""
        quotas: Quota = getattr(self, subject)
        return quotas


@dataclass(frozen=True, slots=True)
class QuotaState:
    """One limit and how much of it is `used`. It is free again in `resets_in` seconds; None: as jobs end."""

    subject: Subject
    id: str
    name: QuotaName
    limit: float
    used: float
    resets_in: int | None

    @property
    def remaining(self) -> float:
        """What may be taken still."""
        return max(0.0, self.limit - self.used)
