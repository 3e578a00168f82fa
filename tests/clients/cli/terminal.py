"""The command in this process with streams of a test's own: a terminal of any width and encoding, or a pipe."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pyte
from atelier.cli import run
from wcwidth import wcwidth


class _Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Shown:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def screen(self, width: int) -> str:
        """All that a terminal of this width shows after it was given stdout, without spaces at the ends of rows."""
        text = with_width(self.out)
        # A screen on which everything fits, however its lines wrap, so that nothing scrolls away.
        screen = pyte.Screen(width, sum(2 + 2 * len(line) // width for line in text.split("\n")))
        screen.set_mode(pyte.modes.LNM)
        pyte.Stream(screen).feed(text)
        return "\n".join(row.rstrip() for row in screen.display).rstrip("\n")


def with_width(text: str) -> str:
    """The text without what takes no column of its own: the emulator loses the rest of a line behind some of it."""
    return "".join(character for character in text if wcwidth(character) != 0)


def ran(url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, both streams pipes, as `subprocess.run` tells of it. Python's own start, which takes
    longer than most commands do, is left to the tests of the process."""
    with chdir(folder):
        done = shown(url, *arguments, columns=100)
    return subprocess.CompletedProcess(arguments, done.code, done.out, done.err)


def shown(url: str, *arguments: str, width: int | None = None, encoding: str = "utf-8", columns: int = 80) -> Shown:
    """Run a command; `width` is the terminal's that stdout is, None stands for a pipe, before which `columns` are what
    the environment says. Stderr is a pipe."""
    out = io.TextIOWrapper(io.BytesIO() if width is None else _Terminal(), encoding, newline="\n")
    err = io.TextIOWrapper(io.BytesIO(), encoding, newline="\n")
    environment = {"ATELIER_URL": url, "COLUMNS": str(width or columns), "NO_COLOR": "1", "BROWSER": "true"}
    with mock.patch.dict("os.environ", environment), _streams(out, err):
        try:
            run(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        out.flush()
        err.flush()
        return Shown(code, *(one.buffer.getvalue().decode(encoding, "surrogateescape") for one in (out, err)))


@contextmanager
def _streams(out: io.TextIOWrapper, err: io.TextIOWrapper) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
