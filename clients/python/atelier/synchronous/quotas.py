"""Written by `python -m clients.generator.synchronous` from `quotas.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from atelier.calls import Call
from atelier.models.answers import Quota as Quota
from atelier.models.answers import SetQuota as SetQuota
from atelier.quotas import Limit, _all, _get, _own, _remove, _set


class Quotas:
    """Quotas of a studio: your own, and, for operators, those of users, spaces and keys."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def own(self) -> tuple[Quota, ...]:
        """Yours, your space's, and that of the key that is used, with what was taken today."""
        found: tuple[Quota, ...] = self._run(_own())
        return found

    def all(self) -> tuple[SetQuota, ...]:
        """All that operators have set."""
        found: tuple[SetQuota, ...] = self._run(_all())
        return found

    def get(self, subject: str, id: str) -> Quota:
        """That of a `user`, a `space` or a `key`."""
        found: Quota = self._run(_get(subject, id))
        return found

    def set(
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
        found: Quota = self._run(_set(subject, id, *limits))
        return found

    def remove(self, subject: str, id: str) -> Quota:
        """Let what the studio's profile says hold again."""
        found: Quota = self._run(_remove(subject, id))
        return found
