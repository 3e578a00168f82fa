"""Following a job to its end through dropped connections and restarts, as a state without input or output.

Listen; when the stream drops, pause with jitter, ask once by polling, and listen again from the last event seen.
Only the event that ends a job ends its stream: a connection that closed, and a job that polling found ended, leave
events to fetch. A studio whose streams arrive late (a buffering proxy) is followed all the same.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from atelier.errors import AtelierError, EventsLost, NoStreams, Unavailable, UnexpectedAnswer, Unreachable
from atelier.events import TERMINAL, Event, LogEvent, Progress, progress_of, read_event
from atelier.models import Job
from atelier.retry import BUSY, retry_after
from atelier.sse import Decoder

# The studio pings every 15 s; three missed pings are a dead connection.
STREAM_TIMEOUT = httpx.Timeout(10.0, read=45.0)
PATIENCE = 90.0
_LONGEST_PAUSE = 15.0


@dataclass(slots=True)
class Follow:
    """The state. `patience`: seconds without any sign of the studio, or of the last events of a job that has ended,
    before they count as lost. Where not `every` event is wanted, to know that the job has ended is enough."""

    last_event_id: int = 0
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic
    draw: Callable[[float, float], float] = random.uniform
    every: bool = True
    ended: bool = False
    _after: int = field(init=False)
    _drops: int = 0
    _wish: float = 0.0
    _met: bool = False
    _streamed: bool = False
    _refused: bool = False
    _job_ended: bool = False
    _heard_at: float | None = None
    _told_at: float = 0.0
    _error: AtelierError | None = None
    _decoder: Decoder = field(default_factory=Decoder)

    def __post_init__(self) -> None:
        # One before the caller's last event: if that one ended the job, its coming again says so.
        self._after = max(0, self.last_event_id - 1)

    def headers(self) -> dict[str, str]:
        """Headers of the next connection. The first one starts the clock of `patience`."""
        if self._heard_at is None:
            self._heard()
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        return headers | ({"Last-Event-ID": str(self._after)} if self._after else {})

    def opened(self, response: httpx.Response) -> bool:
        """Whether the answer is a stream. What else it may be, polling will tell."""
        self._decoder = Decoder()
        kind = response.headers.get("Content-Type", "")
        is_stream = response.status_code == 200 and kind.startswith("text/event-stream")
        self._streamed = self._streamed or is_stream
        self._refused = not self._streamed and response.status_code not in BUSY and response.status_code < 500
        self._wish = retry_after(response) or 0.0
        return is_stream

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that the chunk completes; an event seen before a drop does not come twice, none after the end."""
        self._heard()
        return [event for message in self._decoder.feed(chunk) if (event := read_event(message)) and self._new(event)]

    def resumed(self) -> None:
        """The caller is back from what it did with an event: that time was not the studio's silence."""
        self._told_at = self.clock()
        self._heard_at = self._told_at

    def closed(self, error: AtelierError | None = None) -> None:
        """The connection is over, with or without an error."""
        self._drops += 1
        self._error = error or self._error

    def polled(self, job: Job) -> Progress | None:
        """Take in a polled job. If it has ended, its stream is read on until that says so too."""
        self._heard()
        self._met = True
        if not job.ended:
            return progress_of(job)
        if not self._job_ended:
            self._job_ended, self._told_at = True, self.clock()
        self.ended = self.ended or not self.every
        return None

    def missed(self, error: AtelierError) -> None:
        """Polling failed; raises `error` where waiting cannot mend it. What is no studio may be a proxy on the way,
        once there was a studio."""
        passing = (Unreachable, Unavailable, UnexpectedAnswer) if self._met else (Unreachable, Unavailable)
        if not isinstance(error, passing):
            raise error
        self._drops += 1
        self._error = error

    def check(self, job_id: str) -> None:
        """Raises what went wrong last once patience is over, and NoStreams where a finished job's stream is refused."""
        if self._job_ended and self._refused and not self.ended:
            self.ended = True
            raise NoStreams(f"the studio gives no events of job {job_id}: its stream is refused on the way")
        if not self.given_up:
            return
        if self._silent:
            raise self._error or Unreachable(f"the studio has said nothing for {self.patience:g} s")
        raise EventsLost(
            f"job {job_id} has ended, but its last events did not arrive within {self.patience:g} s: "
            f"follow it again from event {self.last_event_id}"
        )

    def pause(self) -> float:
        """Seconds to wait before polling and connecting again: none for what a job that has ended left to tell, else
        up to 15 s with jitter, and as long as a busy studio asks for."""
        if self._job_ended and self._drops <= 1:
            return 0.0
        wish, self._wish = min(self._wish, _LONGEST_PAUSE), 0.0
        return max(wish, self.draw(0.1, min(_LONGEST_PAUSE, 0.25 * 2.0 ** min(self._drops, 10))))

    @property
    def given_up(self) -> bool:
        """Whether the studio was silent, or the last events of an ended job were missing, longer than `patience`."""
        missing = self._job_ended and not self.ended and self.clock() - self._told_at > self.patience
        return missing or self._silent

    @property
    def _silent(self) -> bool:
        return self._heard_at is not None and self.clock() - self._heard_at > self.patience

    def _heard(self) -> None:
        self._heard_at = self.clock()

    def _new(self, event: Event) -> bool:
        if self.ended:
            return False
        self.ended = event.type in TERMINAL
        self._met = True
        if not isinstance(event, LogEvent):
            self._drops = self._drops if self._job_ended else 0
            return True
        if event.seq <= self._after:
            return False
        self._drops, self._told_at, self._after = 0, self.clock(), event.seq
        if event.seq <= self.last_event_id:
            return False
        self.last_event_id = event.seq
        return True
