"""Prompts already encoded: users resample seeds far more often than they write a new prompt."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[C]):
    value: C
    nbytes: int


class EmbeddingCache(Generic[C]):
    """Keeps what was used last, in at most `limit` bytes. Any thread may call; a limit of 0 keeps nothing."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.nbytes = self.hits = self.misses = self.evictions = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept[C]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> C | None:
        """The value kept for `key`, which then counts as just used."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return kept.value

    def put(self, key: Hashable, value: C, nbytes: int) -> None:
        """Keep `value`, which holds `nbytes` of memory, and let go of what was unused longest.

        What is larger than the limit is not kept, and evicts nothing. Raises ValueError if `nbytes` is negative.
        """
        if nbytes < 0:
            raise ValueError(f"a value of {nbytes} bytes")
        with self._lock:
            self._forget(key)
            if nbytes > self.limit or self.limit <= 0:
                return
            while self.nbytes + nbytes > self.limit:
                self._forget(next(iter(self._kept)))
                self.evictions += 1
            self._kept[key] = _Kept(value, nbytes)
            self.nbytes += nbytes

    def clear(self) -> None:
        """Let go of everything; the counters go on."""
        with self._lock:
            self._kept.clear()
            self.nbytes = 0

    def _forget(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.nbytes -= kept.nbytes
