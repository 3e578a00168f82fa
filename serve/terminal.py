"""The terminal is for what a person can use: our own lines. What Ray prints besides goes to a file."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from typing_extensions import Buffer


class _Heedless(io.FileIO):
    """What cannot be shown any more, since the reader is gone or the disk is full, is no reason to stop."""

    def write(self, content: Buffer, /) -> int:
        try:
            return super().write(content)
        except OSError:
            return memoryview(content).nbytes


PRINTED = (1, 2)
"""Standard output and error, of Python and of Ray's own native code."""


class Terminal:
    """This process's output: `console` writes to it, before and after all else was sent elsewhere."""

    def __init__(self, stream: TextIO | None) -> None:
        """`stream` is standard output or error, or None where the process was started without."""
        self.descriptor = os.open(os.devnull, os.O_WRONLY) if stream is None else os.dup(stream.fileno())
        encoding = "utf-8" if stream is None else stream.encoding
        raw = io.BufferedWriter(_Heedless(self.descriptor, "w", closefd=False))
        own = io.TextIOWrapper(raw, encoding=encoding, errors="replace", line_buffering=True)
        self.console = Console(file=own, highlight=False, emoji=False)

    def keep(self, log: Path) -> None:
        """From now on, whatever else this process prints is appended to `log`, in place of the terminal."""
        log.parent.mkdir(parents=True, exist_ok=True)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for printed in PRINTED:
            os.dup2(file, printed)
        os.close(file)
