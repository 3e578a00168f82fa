"""Ctrl-C and SIGTERM: while the studio starts, they end it at once; later the first ends it in order, and a second at
once."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType

import psutil

_ASKS = (signal.SIGINT, signal.SIGTERM)
FORCED = 130
"""The exit code after a second signal."""


class Interrupts:
    """What a person, or a supervisor, asks of this process. Made and used in the main thread."""

    def __init__(self, terminal: int) -> None:
        """One line about each signal goes to the file descriptor `terminal`."""
        self._terminal = terminal
        self._read, self._write = os.pipe()
        self._orderly = self._asked = False

    def install(self) -> None:
        """Listen, whoever did before: shells start background jobs deaf, and Ray that has started takes SIGTERM for a
        crash that is to be over within three seconds."""
        for each in _ASKS:
            signal.signal(each, self._note)

    def wait(self) -> None:
        """Until a stop is asked for. From now on there is something to end in order."""
        self._orderly = True
        os.read(self._read, 1)

    def leave(self, why: str) -> None:
        """End in order, by this process's own decision; from any thread. Signals mean what they meant."""
        self._say(why)
        os.write(self._write, b"!")

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if not self._orderly:
            self._end("\nstopped before it was ready", 0)
        if self._asked:
            self._end("stopped at once; jobs go on with the next start", FORCED)
        self._asked = True
        os.write(self._write, b"!")
        self._say("\nstopping … (Ctrl-C again: at once)")

    def _end(self, line: str, code: int) -> None:
        """Nothing that this process started is left, and nothing of what it holds is put in order: a job's lease runs
        out, and the next start goes on with it."""
        self._say(line)
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()
        os._exit(code)

    def _say(self, line: str) -> None:
        """Straight to the terminal: the console may be in the middle of a line."""
        with suppress(OSError):  # a terminal that is gone asks too
            os.write(self._terminal, f"{line}\n".encode())
