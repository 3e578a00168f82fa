"""Numbers of pictures: they sort by time, and say it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

_BITS = 21  # below the milliseconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**63 - 1


def first_number(at: datetime) -> int:
    """The lowest of this millisecond: all before it are lower."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    return min(max(milliseconds, 0) << _BITS, _LARGEST)


def new_number(now: datetime) -> int:
    """One that nobody else has, as good as for sure; whoever finds it taken takes the next."""
    return first_number(now) + secrets.randbits(_BITS)


def time_of(number: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=number >> _BITS)
