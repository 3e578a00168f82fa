"""Server-sent events from bytes. Lines are split as the standard says (CR, LF, CRLF only): `str.splitlines`
would also split at characters that a prompt may contain."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """One dispatched event; `id` is None where the event brought none of its own."""

    event: str
    data: str
    id: str | None


@dataclass(slots=True)
class Decoder:
    """Feed it chunks as they arrive; it returns the messages that became complete."""

    _text: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))
    _rest: str = ""
    _event: str = ""
    _data: list[str] = field(default_factory=list)
    _id: str | None = None

    def feed(self, chunk: bytes) -> list[Message]:
        messages = (self._line(line) for line in self._lines(self._text.decode(chunk)))
        return [message for message in messages if message is not None]

    def _lines(self, text: str) -> list[str]:
        text = self._rest + text
        # A CR at the very end may be half of a CRLF: it waits for the next chunk.
        held = "\r" if text.endswith("\r") else ""
        body = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = body.split("\n")
        self._rest = rest + held
        return lines

    def _line(self, line: str) -> Message | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> Message | None:
        message = Message(self._event or "message", "\n".join(self._data), self._id) if self._data else None
        self._event, self._data, self._id = "", [], None
        return message
