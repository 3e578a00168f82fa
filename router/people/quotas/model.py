"""The vocabulary of quotas: what operators set, whose work a job is, and how much it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from configs.frozen import Frozen
from configs.quotas import Quota, QuotaName, Quotas, QuotaState, Subject

Unlimited: TypeAlias = Literal["unlimited"]
NAMES: tuple[QuotaName, ...] = get_args(QuotaName)
SUBJECTS: tuple[Subject, ...] = get_args(Subject)


_MOST = 10**9


def _whole(said: Any) -> Any:
    if said == "unlimited" or (type(said) is int and 0 <= said <= _MOST):
        return said
    raise PydanticCustomError("whole_limit", "a whole number from 0 on, or unlimited")


def _number(said: Any) -> Any:
    if said == "unlimited" or (type(said) in (int, float) and 0 <= said <= _MOST):
        return said
    raise PydanticCustomError("limit", "a number from 0 on, or unlimited")


def _schema(type: str) -> WithJsonSchema:
    number = {"type": type, "minimum": 0, "maximum": _MOST}
    return WithJsonSchema({"anyOf": [number, {"const": "unlimited", "type": "string"}]})


Count: TypeAlias = Annotated[int | Unlimited, PlainValidator(_whole), _schema("integer")]
Seconds: TypeAlias = Annotated[float | Unlimited, PlainValidator(_number), _schema("number")]


class Limits(Frozen):
    """What operators say of one subject. What is absent is as the profile says; `unlimited` lifts that."""

    jobs_in_flight: Count | None = Field(default=None, description="accepted and not ended")
    pictures_per_day: Count | None = None
    device_seconds_per_day: Seconds | None = Field(
        default=None, description="as plans predict; as they were taken, once a job has ended"
    )

    def over(self, default: Quota) -> Quota:
        """What holds, over the profile's."""
        said = {name: getattr(self, name) for name in NAMES}
        held = {name: getattr(default, name) if value is None else value for name, value in said.items()}
        return Quota(**{name: None if value == "unlimited" else value for name, value in held.items()})


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose work is to be accepted, and what holds for those of whom nobody has said otherwise."""

    user: str
    space: str
    key: str | None
    defaults: Quotas

    @property
    def subjects(self) -> dict[Subject, str]:
        """Each with its id."""
        found: dict[Subject, str] = {"user": self.user, "space": self.space}
        return found if self.key is None else found | {"key": self.key}


@dataclass(frozen=True, slots=True)
class Demand:
    """What one job asks for: pictures, and the seconds of a device that its plan predicts."""

    job_id: str
    pictures: int
    device_seconds: float


@dataclass(frozen=True, slots=True)
class SetQuota:
    """What operators have set for one subject, and who did last."""

    subject: Subject
    id: str
    limits: Limits
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject: what holds for it, where that is `set` by operators, and what it has taken today. Use is counted
    only where there is a limit."""

    subject: Subject
    id: str
    quota: Quota
    set: SetQuota | None
    jobs_in_flight: int
    pictures: int
    device_seconds: float

    def states(self, resets_in: int) -> Iterator[QuotaState]:
        """Of each of its limits."""
        used = (self.jobs_in_flight, self.pictures, self.device_seconds)
        for name, taken in zip(NAMES, used, strict=True):
            limit = getattr(self.quota, name)
            if limit is not None:
                resets = None if name == "jobs_in_flight" else resets_in
                yield QuotaState(self.subject, self.id, name, limit, taken, resets)
