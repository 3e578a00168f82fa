"""How an installation decides what capacity it needs: the `capacity` part of a profile."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, StringConstraints, model_serializer, model_validator

from configs.frozen import Frozen

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHEN = re.compile(rf"^({'|'.join(_DAYS)})(?:-({'|'.join(_DAYS)}))? (\d{{1,2}})-(\d{{1,2}})$")


def _check_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError(f"'{zone}' is not a time zone: write one such as Europe/Berlin")
    return zone


class Hours(Frozen):
    """Hours of some days of the week, written `Mon-Fri 9-18`: from nine until six in the evening."""

    days: frozenset[int]
    begin: int
    end: int

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _WHEN.match(value)
        if match is None or not int(match[3]) < int(match[4]) <= 24:
            raise ValueError(f"'{value}' are no hours: write them like 'Mon-Fri 9-18'")
        first = _DAYS.index(match[1])
        last = _DAYS.index(match[2] or match[1])
        days = frozenset((first + i) % 7 for i in range((last - first) % 7 + 1))
        return {"days": days, "begin": int(match[3]), "end": int(match[4])}

    @model_serializer
    def _write(self) -> str:
        first = next(day for day in sorted(self.days) if (day - 1) % 7 not in self.days or len(self.days) == 7)
        last = (first + len(self.days) - 1) % 7
        days = _DAYS[first] if first == last else f"{_DAYS[first]}-{_DAYS[last]}"
        return f"{days} {self.begin}-{self.end}"

    def contain(self, when: datetime) -> bool:
        return when.weekday() in self.days and self.begin <= when.hour < self.end


class Warm(Frozen):
    """Replicas that are kept at hours in which people work; of all deployments, or of these."""

    schedule: Hours
    replicas: int = Field(default=1, ge=1)
    deployments: tuple[str, ...] = Field(default=(), description="for example generator-mini; all if absent")


class Forecast(Frozen):
    """Replicas for what the same hour of earlier days brought: the mean of seven days, times a factor."""

    factor: float = Field(default=1.5, gt=0, le=10)
    min_jobs_per_hour: float = Field(default=20.0, ge=0, description="below which nothing is foreseen")


class PrometheusSource(Frozen):
    """A Prometheus that knows of load which is in no job table of ours, in seconds of work by `deployment`."""

    url: Annotated[str, StringConstraints(max_length=400, pattern=r"^https?://[^@\s?#]+$")]
    query: Annotated[str, StringConstraints(min_length=1, max_length=4000)] = Field(
        description="PromQL that gives seconds of work by the label deployment"
    )
    token_env: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")] | None = Field(
        default=None, description="the environment variable with its bearer token; none if absent"
    )
    timeout_seconds: float = Field(default=2.0, gt=0, le=30)
    stale_seconds: float = Field(default=120.0, gt=0, description="after which a value counts no more")


class CapacityPolicy(Frozen):
    """What people may wait for, and what that may cost."""

    slo_seconds: float | None = Field(
        default=None,
        gt=0,
        description="that a job may wait; the deployment's own target_backlog_seconds if absent",
    )
    keep_alive_seconds: float | Literal["break-even"] | None = Field(
        default=None,
        description="that a replica without work stays; break-even: as long as starting it anew takes, weighed by"
        " waiting_cost_per_hour; the deployment's own downscale_delay_s if absent",
    )
    waiting_cost_per_hour: float = Field(default=0.0, ge=0, description="what an hour of a waiting person is worth")
    warm: tuple[Warm, ...] = ()
    time_zone: Annotated[str, StringConstraints(max_length=60), AfterValidator(_check_zone)] = "UTC"
    forecast: Forecast | None = Field(default=None, description="off if absent")
    prometheus: PrometheusSource | None = Field(default=None, description="asked for foreign load; not needed")
    budget_per_hour: float | None = Field(
        default=None, ge=0, description="that all GPUs together may cost, in the fleet's currency; no limit if absent"
    )
    exhausted_after: float = Field(default=3.0, ge=1, description="times its start_seconds, a node that has not come")
    exhausted_seconds: float = Field(default=600.0, gt=0, description="that no more are asked for then")
    stale_seconds: float = Field(default=30.0, gt=0, description="after which what was heard counts no more")

    @model_validator(mode="after")
    def _keeps_alive(self) -> CapacityPolicy:
        if isinstance(self.keep_alive_seconds, float) and not 0 <= self.keep_alive_seconds < float("inf"):
            raise ValueError("keep_alive_seconds is a number of seconds, or break-even")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
