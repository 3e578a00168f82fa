"""What watchers of a job hear while it runs: step progress and previews, best effort, never stored, and what was just
written to its log.

A conductor tells event streams of its own process; what all its jobs tell can be tapped and told on in another process
(`remote_conductor.py`). Whoever hears nothing follows the job's log in the store.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from router.jobs.model import JobEvent

T = TypeVar("T")

_ROOM = 256  # events a slow watcher may be behind before it misses some
_TAP_ROOM = 4096


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """`type` is progress or preview, or None for 'the job's log has grown: read it'."""

    type: str | None
    data: dict[str, Any]
    at: float = field(default_factory=time.monotonic, compare=False)


@dataclass(frozen=True, slots=True)
class Holdup:
    """Why a job does not draw yet, in words for people, and for how many seconds from now."""

    detail: str
    seconds: float


CHANGED = LiveEvent(None, {})

News: TypeAlias = LiveEvent | JobEvent
"""What happens to a job; an event of its log is told once it is committed."""

Telling: TypeAlias = tuple[str, News | None]
"""Of which job, and what; None: it is forgotten."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What the jobs of a `worker` have told since its last one, and whether it is `ready` for more."""

    worker: str
    ready: bool
    tellings: tuple[Telling, ...] = ()


class Live:
    """Fan-out of live events per job. Used from one event loop."""

    def __init__(self) -> None:
        self._feeds: dict[str, set[asyncio.Queue[News]]] = defaultdict(set)
        self._latest: dict[str, dict[tuple[str, int], LiveEvent]] = defaultdict(dict)
        self._taps: set[asyncio.Queue[Telling]] = set()

    @contextmanager
    def watch(self, job_id: str) -> Iterator[asyncio.Queue[News]]:
        """A queue that receives the job's live events while the context is open, the latest of each kind first."""
        feed: asyncio.Queue[News] = asyncio.Queue(_ROOM)
        for event in self._latest.get(job_id, {}).values():
            feed.put_nowait(event)
        self._feeds[job_id].add(feed)
        try:
            yield feed
        finally:
            self._feeds[job_id].discard(feed)
            if not self._feeds[job_id]:
                del self._feeds[job_id]

    @contextmanager
    def tap(self) -> Iterator[asyncio.Queue[Telling]]:
        """A queue that receives what is told of every job while the context is open, the latest of each first."""
        tap: asyncio.Queue[Telling] = asyncio.Queue(_TAP_ROOM)
        for job_id, latest in self._latest.items():
            for event in latest.values():
                _put((job_id, event), tap)
        self._taps.add(tap)
        try:
            yield tap
        finally:
            self._taps.discard(tap)

    def tell(self, job_id: str, event: News) -> None:
        """Send to all watchers, and keep progress and previews for late ones; those who are too far behind miss it."""
        if isinstance(event, LiveEvent) and event.type is not None:
            self._latest[job_id][event.type, event.data["index"]] = event
        for feed in self._feeds.get(job_id, ()):
            _put(event, feed)
        for tap in self._taps:
            _put((job_id, event), tap)

    def latest(self) -> tuple[tuple[str, LiveEvent], ...]:
        """What was told last of each picture in work."""
        return tuple((job_id, event) for job_id, known in self._latest.items() for event in known.values())

    def knows(self, job_id: str, event: LiveEvent) -> bool:
        """Whether this is what was told last of its kind."""
        return any(known == event for known in self._latest.get(job_id, {}).values())

    def tells_of(self, job_id: str) -> bool:
        """Whether anything has been told of a job that runs here."""
        return bool(self._latest.get(job_id))

    def holdup(self, job_id: str) -> Holdup | None:
        """What all pictures of a job that are begun wait for; None as soon as one is drawn, and for other processes'
        jobs. For a store that is away, one picture that waits is enough."""
        latest = [event for (kind, _), event in self._latest.get(job_id, {}).items() if kind == "progress"]
        for event in latest:
            if event.data["stage"] == "waiting":
                return Holdup(event.data["detail"], 0.0)
        if not latest or any(event.data["stage"] != "loading" for event in latest):
            return None
        last = max(latest, key=lambda event: event.at + event.data["eta_seconds"])
        return Holdup(last.data["detail"], max(last.at + last.data["eta_seconds"] - time.monotonic(), 0.0))

    def forget(self, job_id: str) -> None:
        """The job has ended, or is left to others: late watchers read its log."""
        self._latest.pop(job_id, None)
        for tap in self._taps:
            _put((job_id, None), tap)


def _put(item: T, queue: asyncio.Queue[T]) -> None:
    if not queue.full():
        queue.put_nowait(item)
