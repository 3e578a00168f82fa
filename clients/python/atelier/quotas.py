"""How much one may have drawn: what the studio answers of quotas, and the questions, for both clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeAlias

from atelier.calls import Call, reader, segment
from atelier.models.answers import OwnQuota as OwnQuota
from atelier.models.answers import Quota as Quota
from atelier.models.answers import SetQuota as SetQuota
from atelier.models.answers import SetQuotas as SetQuotas
from atelier.models.answers import Use as Use
from atelier.values import to_json

Limit: TypeAlias = float | Literal["unlimited"] | None
"""A number, 0 for nothing at all; `unlimited`; None for what the studio's profile says."""


def _own() -> Call[tuple[Quota, ...]]:
    read = reader(OwnQuota)
    return Call("GET", "/me/quota", lambda response: read(response).quotas)


def _all() -> Call[tuple[SetQuota, ...]]:
    read = reader(SetQuotas)
    return Call("GET", "/quotas", lambda response: read(response).quotas)


def _get(subject: str, id: str) -> Call[Quota]:
    return Call("GET", _path(subject, id), reader(Quota))


def _set(subject: str, id: str, jobs: Limit, pictures: Limit, seconds: Limit) -> Call[Quota]:
    said = {"jobs_in_flight": jobs, "pictures_per_day": pictures, "device_seconds_per_day": seconds}
    body = {name: to_json(value, name) for name, value in said.items() if value is not None}
    return Call("PUT", _path(subject, id), reader(Quota), body=body)


def _remove(subject: str, id: str) -> Call[Quota]:
    return Call("DELETE", _path(subject, id), reader(Quota))


def _path(subject: str, id: str) -> str:
    return f"/quotas/{segment(subject)}/{segment(id)}"


class AsyncQuotas:
    """Quotas of a studio: your own, and, for operators, those of users, spaces and keys."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def own(self) -> tuple[Quota, ...]:
        """Yours, your space's, and that of the key that is used, with what was taken today."""
        found: tuple[Quota, ...] = await self._run(_own())
        return found

    async def all(self) -> tuple[SetQuota, ...]:
        """All that operators have set."""
        found: tuple[SetQuota, ...] = await self._run(_all())
        return found

    async def get(self, subject: str, id: str) -> Quota:
        """That of a `user`, a `space` or a `key`."""
        found: Quota = await self._run(_get(subject, id))
        return found

    async def set(
        self,
        subject: str,
        id: str,
        *,
        jobs_in_flight: Limit = None,
        pictures_per_day: Limit = None,
        device_seconds_per_day: Limit = None,
    ) -> Quota:
        """Set all limits anew; what is left out is as the studio's profile says."""
        limits = (jobs_in_flight, pictures_per_day, device_seconds_per_day)
        found: Quota = await self._run(_set(subject, id, *limits))
        return found

    async def remove(self, subject: str, id: str) -> Quota:
        """Let what the studio's profile says hold again."""
        found: Quota = await self._run(_remove(subject, id))
        return found
