"""A terminal that shows what it is given as it is: names, words and messages come from files that strangers wrote."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from configs.text import lines

_NOBODY_READS = 141  # as of a program that SIGPIPE has ended


class CannotPrint(Exception):
    """The output takes nothing more: its device is full, or its reader is gone. Says why."""


class _Told:
    """A stream whose failures are told from those of any other file."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with _told():
            return int(self._stream.write(text))

    def flush(self) -> None:
        with _told():
            self._stream.flush()


def plain_console(stderr: bool = False, width: int | None = None) -> Console:
    """One to which text is text: `[red]`, `:smile:` and numbers mean nothing to it. A character that its encoding
    lacks is printed as an escape: nothing fails halfway for a letter. Printing raises `CannotPrint`; see `run`."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    file: Any = None if stream is None else _Told(stream)
    return Console(file=file, stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


def headed(heading: str, style: str, text: object) -> Text:
    """A line whose heading alone has a style, and whose text is plain."""
    return Text.assemble((heading, style), f" {lines(str(text))}")


def run(main: Callable[[], int]) -> int:
    """The exit code of a command: that of `main`; or 1, after a sentence on standard error, where its output cannot be
    printed, and 141 without one where nobody reads it."""
    try:
        try:
            return main()
        finally:
            if sys.stdout is not None:
                _Told(sys.stdout).flush()
    except CannotPrint as error:
        _abandon(sys.stdout)
        if isinstance(error.__cause__, BrokenPipeError):
            return _NOBODY_READS
        with suppress(CannotPrint):
            plain_console(stderr=True).print(f"cannot print: {error}", soft_wrap=True)
        _abandon(sys.stderr)
        return 1


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotPrint(error.strerror or "the device refuses it") from error


def _abandon(stream: TextIO | None) -> None:
    """What is left in it goes nowhere, rather than into a traceback at the end."""
    if stream is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
