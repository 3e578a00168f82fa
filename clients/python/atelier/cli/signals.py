"""Being told to stop: SIGTERM, and SIGHUP where it is not ignored (`nohup`), end a command the way Ctrl-C does."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

_STOPPING = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def heed_signals() -> None:
    """From here on these signals raise Stopped; one that whoever started us has turned off stays so."""
    for number in _STOPPING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def end_at_signals() -> None:
    """From here on these signals, and Ctrl-C, end the process at once: for a command that has nothing to put away."""
    for number in (signal.SIGINT, *_STOPPING):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def interrupted(stop: KeyboardInterrupt) -> int:
    """The exit code, as shells count it: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP."""
    return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped(number)
