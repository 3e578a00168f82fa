"""When to try a request again, decided without sending anything: the two clients only carry the decisions out."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retry:
    """Up to `attempts` more tries, after full-jitter exponential pauses, or after what the studio asks for.

    Every request may be sent again: those that create something carry an Idempotency-Key.
    A longer wish than `longest_wait` seconds is reported to the caller instead of being slept through.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 30.0
    draw: Callable[[float, float], float] = random.uniform

    def pause(self, attempt: int, outcome: httpx.Response | httpx.RequestError) -> float | None:
        """Seconds until try number `attempt` + 1, or None to give up. `attempt` counts from 0."""
        if attempt >= self.attempts or isinstance(outcome, httpx.UnsupportedProtocol | httpx.DecodingError):
            return None
        if isinstance(outcome, httpx.Response):
            if outcome.status_code not in BUSY:
                return None
            wish = retry_after(outcome)
            if wish is not None:
                return wish if wish <= self.longest_wait else None
            if _is_for_good(outcome):
                return None
        return self.draw(0.05, min(self.longest_wait, self.first_wait * 2.0**attempt))


def _is_for_good(response: httpx.Response) -> bool:
    """A quota that waiting does not help against."""
    return response.status_code == 429 and b'"quota_reached"' in response.content


def once(retry: Retry) -> Retry:
    """For what would be done twice if it were sent twice."""
    return replace(retry, attempts=0)


def retry_after(response: httpx.Response) -> float | None:
    """The Retry-After header in seconds, from either of its forms."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # as it is read from `-0000`
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None
