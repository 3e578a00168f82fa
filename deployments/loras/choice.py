"""The adapters of a batch's rows, copied side by side once per change of the batch, not once per layer or step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar

import torch

from deployments.loras.lines import Layout, Pair

K = TypeVar("K")
Row: TypeAlias = tuple[tuple[K, float], ...]


class Choice(Generic[K]):
    """Lines for the rows of a batch: [rows, rank, width], each row's adapters one under the other, zeros below.

    A row that stays what it was costs nothing, so that the steps of a steady batch copy nothing at all. Shapes depend
    on the number of rows and the (rounded) rank alone, and addresses stay until a larger batch comes.
    """

    def __init__(self, layout: Layout, like: torch.Tensor) -> None:
        self._layout = layout
        self._like = like
        self._storage = torch.empty(0)
        self._shape = (0, 0)
        self._filled: list[Row[K] | None] = []
        self._views: dict[tuple[int, int, bool, frozenset[str]], tuple[Pair | None, ...]] = {}

    @property
    def nbytes(self) -> int:
        return self._storage.nbytes

    def pairs(
        self, rows: Sequence[Row[K]], lines: Mapping[K, torch.Tensor], targets: frozenset[str]
    ) -> tuple[Pair | None, ...]:
        """What each target adds. Rows that are all alike share one pair of plain matrices."""
        shared = all(row == rows[0] for row in rows)
        rows = rows[:1] if shared else rows
        rank = _round(max(sum(lines[key].shape[0] for key, _ in row) for row in rows))
        stack = self._stack(len(rows), rank)
        for index, row in enumerate(rows):
            if self._filled[index] != row:
                self._fill(stack[index], row, lines)
                self._filled[index] = row
        view = (len(rows), rank, shared, targets)
        if view not in self._views:
            self._views[view] = self._layout.pairs(stack[0] if shared else stack, targets)
        return self._views[view]

    def forget(self, key: K) -> None:
        """What was held under `key` has changed."""
        for index, row in enumerate(self._filled):
            if row is not None and any(used == key for used, _ in row):
                self._filled[index] = None

    def _stack(self, rows: int, rank: int) -> torch.Tensor:
        size = rows * rank * self._layout.width
        if self._storage.numel() < size:
            with torch.inference_mode(False):
                self._storage = torch.empty(size, dtype=self._like.dtype, device=self._like.device)
            self._views.clear()
            self._shape = (0, 0)
        if self._shape[1] != rank:
            self._filled = []
        self._filled += [None] * (rows - len(self._filled))
        self._shape = (rows, rank)
        return self._storage[:size].view(rows, rank, self._layout.width)

    def _fill(self, stack: torch.Tensor, row: Row[K], lines: Mapping[K, torch.Tensor]) -> None:
        split = self._layout.split
        start = 0
        for key, strength in row:
            source = lines[key]
            end = start + source.shape[0]
            stack[start:end, :split].copy_(source[:, :split])
            torch.mul(source[:, split:], strength, out=stack[start:end, split:])
            start = end
        stack[start:].zero_()


def _round(rank: int) -> int:
    """The next power of two, so that few shapes occur."""
    return 1 << (rank - 1).bit_length() if rank else 0
