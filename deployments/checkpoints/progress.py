"""How far a download is, told to whoever asks: a bar for a person, a line in the log of a replica."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

_EVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Of what `owner` fetches, `done` of `total` bytes are here."""

    owner: str
    done: int
    total: int


Report = Callable[[Progress], None]


class Lines:
    """A report that writes a line to the log every ten seconds, and one at the end."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _EVERY_SECONDS

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() < self._next and progress.done < progress.total:
            return
        self._next = time.monotonic() + _EVERY_SECONDS
        done, total = gigabytes(progress.done), gigabytes(progress.total)
        log.info("%s: fetched %s of %s", progress.owner, done, total)


def gigabytes(size: int) -> str:
    """Bytes as people read them: `23.8 GB`, `3 MB`."""
    for unit, bytes_in_it in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= bytes_in_it:
            return f"{size / bytes_in_it:.1f} {unit}"
    return f"{size} bytes"
