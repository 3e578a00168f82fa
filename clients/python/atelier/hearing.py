"""Hearing what all of one's jobs do, through dropped connections and restarts, as a state without input or output.

The studio ends a stream after ten minutes: that, and any drop, is gone on from behind the last event that was heard.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from atelier.calls import read_error
from atelier.errors import AtelierError, NoStreams, Unreachable
from atelier.events import Began, Event, read_event
from atelier.follow import PATIENCE
from atelier.retry import BUSY, retry_after
from atelier.sse import Decoder, Message

_LONGEST_PAUSE = 15.0
_BEGINNINGS = ("hello", "reset")


@dataclass(slots=True)
class Hearing:
    """The state. `since` is the `cursor` of the last event that was heard; where it is empty, it begins now.
    `patience`: seconds without any sign of the studio before it counts as lost."""

    since: str = ""
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic
    draw: Callable[[float, float], float] = random.uniform
    _drops: int = 0
    _wish: float = 0.0
    _heard_at: float | None = None
    _error: AtelierError | None = None
    _decoder: Decoder = field(default_factory=Decoder)

    def headers(self) -> dict[str, str]:
        """Headers of the next connection. The first one starts the clock of `patience`."""
        if self._heard_at is None:
            self._heard_at = self.clock()
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        return headers | ({"Last-Event-ID": self.since} if self.since else {})

    def opened(self, response: httpx.Response) -> bool:
        """Whether the answer is a stream; if not, its body goes to `refused`."""
        self._decoder = Decoder()
        self._wish = retry_after(response) or 0.0
        kind = response.headers.get("Content-Type", "")
        return response.status_code == 200 and kind.startswith("text/event-stream")

    def refused(self, response: httpx.Response) -> None:
        """What answered in place of a stream, all of it; raises where waiting does not mend that."""
        if response.is_success:
            raise NoStreams("something on the way answers in place of the studio's events: its streams are refused")
        error = read_error(response)
        if response.status_code not in BUSY and response.status_code < 500:
            raise error
        self._error = error if isinstance(error, AtelierError) else None

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that the chunk completes. Raises `NoStreams` where newer streams have taken this one's place."""
        self.resumed()
        return [event for message in self._decoder.feed(chunk) if (event := self._read(message)) is not None]

    def resumed(self) -> None:
        """The caller is back from what it did with an event: that time was not the studio's silence."""
        self._heard_at = self.clock()

    def closed(self, error: AtelierError | None = None) -> None:
        """The connection is over, with or without an error."""
        self._drops += 1
        self._error = error or self._error

    def check(self) -> None:
        """Raises what went wrong last once patience is over."""
        if self._heard_at is not None and self.clock() - self._heard_at > self.patience:
            raise self._error or Unreachable(f"the studio has said nothing for {self.patience:g} s")

    def pause(self) -> float:
        """Seconds to wait before connecting again: up to 15 with jitter, and as long as a busy studio asks for."""
        wish, self._wish = min(self._wish, _LONGEST_PAUSE), 0.0
        return max(wish, self.draw(0.1, min(_LONGEST_PAUSE, 0.25 * 2.0 ** min(self._drops, 10))))

    def _read(self, message: Message) -> Event | None:
        self._drops = 0
        if message.event == "replaced":
            raise NoStreams("five newer streams of yours have taken this one's place: close some, or poll")
        if message.id is not None:
            self.since = message.id
        if message.event in _BEGINNINGS:
            return Began(type=message.event, job_id="", cursor=self.since)
        event = read_event(message)
        return event if event is None or message.id is None else event.model_copy(update={"cursor": message.id})
