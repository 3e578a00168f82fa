"""The process's own streams, guarded: what stdout cannot take ends the command in one sentence, stderr never fails, and
no character is too foreign for either."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from atelier.cli.text import cells

_ERRORS = "atelier.shown"


class OutputClosed(Exception):
    """Nobody reads stdout any more, as after `| head -1`."""


class OutputFailed(Exception):
    """Stdout cannot be written; `str(error)` says why."""


class _Stream:
    """A text stream that stands in for another, but for the way around it to its bytes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)


class _Stdout(_Stream):
    def write(self, text: str) -> int:
        with _told():
            return int(self._stream.write(text))

    def flush(self) -> None:
        with _told():
            self._stream.flush()


class _Stderr(_Stream):
    """For people: where they cannot be reached (a full device, a terminal that is gone), the work goes on."""

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
        except OSError:
            _abandon(self._stream)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            _abandon(self._stream)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as error:
        raise OutputFailed(error.strerror or "the device refuses it") from None


@contextmanager
def guarded() -> Iterator[None]:
    """Stdout and stderr as the commands need them, until the context closes."""
    before = sys.stdout, sys.stderr
    out, err = (_prepared(stream) for stream in before)
    sys.stdout, sys.stderr = _Stdout(out), _Stderr(err)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _prepared(stream: Any) -> Any:
    """The stream, or a sink for one that was closed before the start (`>&-`)."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8", errors=_ERRORS)  # noqa: SIM115 - for the life of the process
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_ERRORS)
    return stream


def abandon_output() -> None:
    """Stop writing to stdout: what is left in its buffer would fail again when the process ends."""
    _abandon(sys.stdout)


def _abandon(stream: Any) -> None:
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, stream.fileno())
    os.close(sink)


def _show(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for characters that the stream's encoding lacks: bytes of file names as they were, and question
    marks that are as wide as what they stand for."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if "\udc80" <= character <= "\udcff":
        return bytes([ord(character) - 0xDC00]), error.start + 1
    return "?" * cells(character), error.start + 1


codecs.register_error(_ERRORS, _show)
