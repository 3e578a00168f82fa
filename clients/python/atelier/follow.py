"""Following a job to its end through dropped connections and restarts, as a state without input or output.

Listen; when the stream drops, pause with jitter, ask once by polling, and listen again from the last event seen.
So a studio whose streams never get through (a buffering proxy) is followed all the same, by polling.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from atelier.events import TERMINAL, Event, LogEvent, Progress, progress_of, read_event
from atelier.models import Job
from atelier.sse import Decoder

# The studio pings every 15 s; three missed pings are a dead connection.
STREAM_TIMEOUT = httpx.Timeout(10.0, read=45.0)


@dataclass(slots=True)
class Follow:
    """The state. `patience`: seconds without any sign of the studio before it counts as gone."""

    last_event_id: int = 0
    patience: float = 90.0
    clock: Callable[[], float] = time.monotonic
    draw: Callable[[float, float], float] = random.uniform
    ended: bool = False
    _drops: int = 0
    _job_ended: bool = False
    _heard_at: float | None = None
    _decoder: Decoder = field(default_factory=Decoder)

    def headers(self) -> dict[str, str]:
        """Headers of the next connection. The first one starts the clock of `patience`."""
        if self._heard_at is None:
            self._heard()
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        return headers | ({"Last-Event-ID": str(self.last_event_id)} if self.last_event_id else {})

    def opened(self, response: httpx.Response) -> bool:
        """Whether the answer is a stream. What else it may be, polling will tell."""
        self._decoder = Decoder()
        kind = response.headers.get("Content-Type", "")
        return response.status_code == 200 and kind.startswith("text/event-stream")

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that the chunk completes; an event seen before a drop does not come twice."""
        self._heard()
        return [event for message in self._decoder.feed(chunk) if (event := read_event(message)) and self._new(event)]

    def closed(self) -> None:
        """The connection is over, for whatever reason. After the job has ended there will be no other."""
        self.ended = self.ended or self._job_ended
        self._drops += 1

    def polled(self, job: Job) -> Progress | None:
        """Take in a polled job. If it has ended, one more connection fetches the events that were missed."""
        self._heard()
        self._job_ended = job.ended
        return None if job.ended else progress_of(job)

    def pause(self) -> float:
        """Seconds to wait before polling and connecting again: 0.5 to 15 s, with jitter."""
        if self._job_ended:
            return 0.0
        return self.draw(0.1, min(15.0, 0.25 * 2.0**self._drops))

    @property
    def given_up(self) -> bool:
        """Whether the studio has been silent for longer than `patience`."""
        return self._heard_at is not None and self.clock() - self._heard_at > self.patience

    def _heard(self) -> None:
        self._heard_at = self.clock()

    def _new(self, event: Event) -> bool:
        self._drops = 0
        if not isinstance(event, LogEvent):
            return True
        if event.seq <= self.last_event_id:
            return False
        self.last_event_id = event.seq
        self.ended = event.type in TERMINAL
        return True
