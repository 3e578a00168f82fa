"""What each phase takes: seconds on the wall, and of processors, by who spent them. On a machine that other work is on,
too, only the second can be compared."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

_LOOK_SECONDS = 1.0  # more often, looking would take a good part of a small machine
_TRAINER, _COMMAND = "trainer-mini", "atelier"
ROLES = ("trainer", "studio", "command", "this")
"""Who spends time; `this` is the process that looks, in which the studio was started, too."""


@dataclass
class Phase:
    """Seconds on the wall, and CPU seconds by who spent them, of `ROLES`."""

    wall: float = 0.0
    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def cpu_seconds(self) -> float:
        """Of all but the process that looks."""
        return sum(spent for role, spent in self.cpu.items() if role != "this")


class Meter:
    """Looks at this process and all that it has started, several times a second, and books what they spent on the phase
    that is under way. A process that begins and ends between two looks is not seen."""

    def __init__(self) -> None:
        self.phases: dict[str, Phase] = {}
        self._name, self._at = "make run", time.monotonic()
        self._spent: dict[tuple[int, float], float] = {}
        self._lock, self._over = threading.Lock(), threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Look, as long as the context is open."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self._look()

    def enter(self, name: str) -> None:
        """What is spent from here on is that phase's."""
        if name != self._name:
            self._look()
            self._name = name

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        with self._lock:
            phase, now = self.phases.setdefault(self._name, Phase()), time.monotonic()
            phase.wall, self._at = phase.wall + now - self._at, now
            here = psutil.Process()
            for process in (here, *here.children(recursive=True)):
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    key, spent = (process.pid, process.create_time()), sum(process.cpu_times()[:2])
                    phase.cpu[_role(process)] += spent - self._spent.get(key, 0.0)
                    self._spent[key] = spent


def _role(process: psutil.Process) -> str:
    if process.pid == os.getpid():
        return "this"
    words = process.cmdline()
    if any(_TRAINER in word for word in words[:1]):
        return "trainer"
    return "command" if any(word.endswith(f"/{_COMMAND}") for word in words[:2]) else "studio"
