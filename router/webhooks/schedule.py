"""When an attempt that failed is made again, and when a webhook is given up: the schedule of Standard Webhooks 1.0."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from router.webhooks.model import Attempt, Verdict

_MINUTE, _HOUR = 60, 3600
DELAYS = (5, 5 * _MINUTE, 30 * _MINUTE, *(hours * _HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""Seconds after each attempt that failed; then the delivery has failed."""
GIVEN_UP_AFTER = timedelta(days=3)
"""For so long every attempt has failed: the next one that does disables the webhook."""
_LONGEST_WAIT = 24 * _HOUR  # that a receiver may ask for
_JITTER = 0.2  # of a delay, added to it
_BUSY = (429, 503)


def judge(
    attempt: Attempt,
    tries: int,
    failing_since: datetime | None,
    retry_after: str,
    now: datetime,
    chance: Callable[[], float] = random.random,
) -> Verdict:
    """What follows from an attempt, the `tries`-th of its delivery, to a webhook whose attempts have failed since
    `failing_since`. `retry_after` is the header of that name, or empty."""
    if attempt.succeeded:
        return Verdict()
    if attempt.status == 410:
        return Verdict(disabled="gone")
    if failing_since is not None and now - failing_since >= GIVEN_UP_AFTER:
        return Verdict(disabled="failing")
    asked = read_retry_after(retry_after, now)
    paused_until = now + timedelta(seconds=asked) if asked and attempt.status in _BUSY else None
    if tries > len(DELAYS):
        return Verdict(paused_until=paused_until)
    seconds = max(DELAYS[tries - 1] * (1 + _JITTER * chance()), asked)
    return Verdict(now + timedelta(seconds=seconds), paused_until)


def read_retry_after(said: str, now: datetime) -> float:
    """Seconds, of a number or a date (RFC 9110 §10.2.3); 0 for what is neither, and at most a day."""
    said = said.strip()
    if said.isascii() and said.isdigit():
        return float(min(int(said[:9]), _LONGEST_WAIT))
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), _LONGEST_WAIT)
