"""Seconds on a device that works ahead of the program: nothing is read off before the device has caught up."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

WARM_UPS = 2
RESOLUTION = 1e-6
"""Differences below it are noise."""


def wait(device: torch.device) -> None:
    """Until the device has done all it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    wait(device)
    begun = time.perf_counter()
    work()
    wait(device)
    return time.perf_counter() - begun


def medians(sides: Sequence[Callable[[], object]], device: torch.device, rounds: int) -> list[float]:
    """Median seconds of each side; the sides take turns, and each is warmed up first."""
    for side in sides:
        for _ in range(WARM_UPS):
            side()
    taken = [[seconds_of(side, device) for side in sides] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


class Marks:
    """When a model's forwards began and ended, on the device's own clock."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._begun: list[Any] = []
        self._ended: list[Any] = []

    @contextmanager
    def on(self, model: torch.nn.Module) -> Iterator[Marks]:
        """Mark every forward of `model`."""
        before = model.register_forward_pre_hook(lambda *_: self._begun.append(self._now()))
        behind = model.register_forward_hook(lambda *_: self._ended.append(self._now()))
        try:
            yield self
        finally:
            before.remove()
            behind.remove()

    def forget(self) -> None:
        """Drop what was marked so far. Not while a forward is under way."""
        self._begun.clear()
        self._ended.clear()

    def idle_shares(self) -> list[float]:
        """Of the time from each forward's begin to the next one's: the share after its end."""
        wait(self._device)
        ticks = zip(self._begun, self._ended, self._begun[1:], strict=False)
        return [self._span(end, following) / self._span(begin, following) for begin, end, following in ticks]

    def _now(self) -> Any:
        if self._device.type != "cuda":
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        return event

    def _span(self, begin: Any, end: Any) -> float:
        return float(begin.elapsed_time(end) if self._device.type == "cuda" else end - begin)
