"""Which adapters are in slots, who uses them, and which of them leaves first when room is needed. No torch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")


@dataclass(slots=True)
class _Entry(Generic[S]):
    slot: S
    nbytes: int
    uses: int = 0
    pinned: bool = False

    @property
    def idle(self) -> bool:
        return self.uses == 0 and not self.pinned


class Residency(Generic[S]):
    """Adapters in memory of at most `limit` bytes. What is in use or pinned never leaves; of the rest, what was used
    longest ago leaves first. `S` is where an adapter lies."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.hits = 0
        self.loads = 0
        self._entries: OrderedDict[str, _Entry[S]] = OrderedDict()

    @property
    def nbytes(self) -> int:
        return sum(entry.nbytes for entry in self._entries.values())

    def __contains__(self, adapter: str) -> bool:
        return adapter in self._entries

    def acquire(self, adapter: str) -> S | None:
        """Where it lies, to be used until `release`; None if it is not here."""
        entry = self._entries.get(adapter)
        if entry is None:
            return None
        entry.uses += 1
        self.hits += 1
        self._entries.move_to_end(adapter)
        return entry.slot

    def release(self, adapter: str) -> None:
        """One use is over. Raises KeyError if it is not here, ValueError if nobody used it."""
        entry = self._entries[adapter]
        if entry.uses == 0:
            raise ValueError(f"'{adapter}' is released more often than acquired")
        entry.uses -= 1

    def pin(self, adapter: str) -> None:
        """Keep it, used or not. Raises KeyError if it is not here."""
        self._entries[adapter].pinned = True

    def unpin(self, adapter: str) -> None:
        """Raises KeyError if it is not here."""
        self._entries[adapter].pinned = False

    def idle(self, adapter: str) -> bool:
        """Whether it is here, not in use and not pinned."""
        entry = self._entries.get(adapter)
        return entry is not None and entry.idle

    def admit(self, adapter: str, slot: S, nbytes: int, uses: int = 0) -> None:
        """It lies in `slot` now, in use `uses` times. Raises ValueError if it is here already or does not fit."""
        if adapter in self._entries:
            raise ValueError(f"'{adapter}' is here already")
        if self.nbytes + nbytes > self.limit:
            raise ValueError(f"'{adapter}' takes {nbytes} bytes, and {self.limit - self.nbytes} are free")
        self._entries[adapter] = _Entry(slot, nbytes, uses)
        self.loads += 1

    def victims(self, nbytes: int) -> tuple[str, ...] | None:
        """What has to leave, in order, before `nbytes` more fit; None if that cannot be done now."""
        over = self.nbytes + nbytes - self.limit
        leaving = []
        for adapter, entry in self._entries.items():
            if over <= 0:
                break
            if entry.idle:
                leaving.append(adapter)
                over -= entry.nbytes
        return tuple(leaving) if over <= 0 else None

    def oldest(self, usable: Callable[[S], bool]) -> str | None:
        """The idle adapter that was used longest ago among those in a usable slot."""
        return next((name for name, entry in self._entries.items() if entry.idle and usable(entry.slot)), None)

    def evict(self, adapter: str) -> S:
        """Forget it; returns the slot that it leaves. Raises KeyError if it is not here, ValueError if it is in use."""
        if not self._entries[adapter].idle:
            raise ValueError(f"'{adapter}' is in use or pinned")
        return self._entries.pop(adapter).slot

    def resident(self) -> tuple[str, ...]:
        """What is here, last used first."""
        return tuple(reversed(self._entries))
