"""LoRAs that the rows of one batch choose between: exact, and a load is one copy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import nn

from configs.errors import StageError
from deployments.loras.changes import LowRank
from deployments.loras.choice import Choice
from deployments.loras.lines import Layout, install


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one adapter of at most `rank`; `index` counts from 1 within its rank class."""

    rank: int
    index: int


Selection: TypeAlias = tuple[tuple[Slot, float], ...]
"""The adapters of one row of a batch, with their strengths."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA of a denoiser: the change of each target, by the module's name. `rank` is the largest of theirs."""

    id: str
    family: str
    rank: int
    tensors: Mapping[str, LowRank]
    nbytes: int


@dataclass(frozen=True, slots=True)
class Packed:
    """An adapter laid out as its slot will hold it: `lines` [rank class, width], in page-locked memory for a GPU."""

    lines: torch.Tensor
    targets: frozenset[str]

    @property
    def rank(self) -> int:
        return self.lines.shape[0]

    @property
    def nbytes(self) -> int:
        return self.lines.nbytes


class NoFreeSlot(StageError):
    """Every slot that could hold the adapter is taken."""


class Slots:
    """The slots of one model: `classes` maps a rank to how many slots of it there may be, for example {16: 8, 64: 2}.

    Used by the one thread that runs the model, but for `fits` and `pack`. A slot takes its memory when it is first
    filled, and keeps it for the next adapter.
    """

    def __init__(
        self,
        model: nn.Module,
        targets: Collection[str],
        classes: Mapping[int, int],
        device: torch.device | None = None,
    ) -> None:
        """`device` is the one that `model` runs on, where its weights may wait elsewhere."""
        linears = {name: _linear(model, name) for name in targets}
        if not linears:
            raise ValueError("slots need at least one linear")
        self._weight = _like(model, next(iter(linears.values())).weight, device)
        self._layout = Layout({name: (linear.in_features, linear.out_features) for name, linear in linears.items()})
        self._classes = dict(sorted(classes.items()))
        self._choice: Choice[Slot] = Choice(self._layout, self._weight)
        self._lines: dict[Slot, torch.Tensor] = {}
        self._held: dict[Slot, frozenset[str]] = {}
        self._worn = install(linears)
        self._selecting = False

    @property
    def targets(self) -> Collection[str]:
        """The names of the linears that have slots."""
        return self._layout.names

    @property
    def capacity(self) -> int:
        """How many adapters fit at most, over all rank classes."""
        return sum(self._classes.values())

    @property
    def nbytes(self) -> int:
        """The memory that slots take on the device now."""
        return sum(lines.nbytes for lines in self._lines.values()) + self._choice.nbytes

    @property
    def largest(self) -> int:
        """The highest rank that a slot holds; 0 where there are none."""
        return max((rank for rank, count in self._classes.items() if count), default=0)

    def slot_bytes(self, slot: Slot) -> int:
        """The memory of a slot, once filled."""
        return slot.rank * self._layout.width * self._weight.element_size()

    def free(self, rank: int = 0) -> int:
        """How many empty slots could hold an adapter of `rank`."""
        return sum(1 for slot in self._slots(rank) if slot not in self._held)

    def next_free(self, rank: int) -> Slot:
        """The slot that the next adapter of `rank` goes to. Raises NoFreeSlot."""
        slots = self._slots(rank)
        for slot in slots:
            if slot not in self._held:
                return slot
        raise NoFreeSlot(f"all {len(slots)} slots for rank {rank} are in use")

    def would_hold(self, adapters: Collection[Packed], limit: int) -> bool:
        """Whether all of them fit at once, into `limit` bytes, if nothing else were here."""
        left, taken = self._slots(0), 0
        for adapter in sorted(adapters, key=lambda packed: -packed.rank):
            slot = next((slot for slot in left if slot.rank >= adapter.rank), None)
            if slot is None:
                return False
            left.remove(slot)
            taken += self.slot_bytes(slot)
        return taken <= limit

    def fits(self, adapter: Adapter) -> bool:
        """Whether slots can hold it at all: its rank, its targets, their shapes. Any thread."""
        return adapter.rank <= self.largest and all(
            self._layout.fits(name, change.a, change.b) for name, change in adapter.tensors.items()
        )

    def pack(self, adapter: Adapter) -> Packed:
        """Lay out an adapter that `fits`: all the work of a load but its one copy. Any thread."""
        rank = next(size for size, count in self._classes.items() if count and size >= adapter.rank)
        pinned = self._weight.device.type == "cuda"
        with torch.inference_mode(False), torch.no_grad():
            lines = torch.zeros(rank, self._layout.width, dtype=self._weight.dtype, pin_memory=pinned)
            for name, change in adapter.tensors.items():
                self._layout.write(lines, name, change.a, change.b)
        return Packed(lines, frozenset(adapter.tensors))

    def unpack(self, packed: Packed) -> dict[str, LowRank]:
        """What was packed, by target, as views. Any thread."""
        return {name: LowRank(*self._layout.read(packed.lines, name)) for name in packed.targets}

    def put(self, adapter: Adapter | Packed) -> Slot:
        """Copy it into an empty slot of the smallest class that holds it. Raises NoFreeSlot."""
        packed = adapter if isinstance(adapter, Packed) else self.pack(adapter)
        rank = packed.rank
        slot = self.next_free(rank)
        lines = self._memory(slot)
        lines[:rank].copy_(packed.lines, non_blocking=True)
        lines[rank:].zero_()
        self._held[slot] = packed.targets
        self._choice.forget(slot)
        return slot

    def drop(self, slot: Slot) -> None:
        """Empty a slot; nothing can select it from now on. Raises KeyError if it is empty."""
        del self._held[slot]
        self._choice.forget(slot)

    def trim(self) -> None:
        """Give back the memory of empty slots."""
        for slot in self._lines.keys() - self._held.keys():
            del self._lines[slot]

    @contextmanager
    def select(self, rows: Sequence[Selection]) -> Iterator[None]:
        """For one forward of the model, whose batch is len(rows): row i has the adapters of `rows[i]`, summed."""
        if self._selecting:
            raise RuntimeError("adapters are selected already")
        used = {slot for row in rows for slot, _ in row}
        if not used:
            yield
            return
        targets = frozenset[str]().union(*(self._held[slot] for slot in used))
        with torch.no_grad():
            pairs = self._choice.pairs(rows, self._lines, targets)
        for worn, pair in zip(self._worn, pairs, strict=True):
            worn.pair = pair
        self._selecting = True
        try:
            yield
        finally:
            self._selecting = False
            for worn in self._worn:
                worn.pair = None

    def _slots(self, rank: int) -> list[Slot]:
        return [
            Slot(size, index + 1) for size, count in self._classes.items() if size >= rank for index in range(count)
        ]

    def _memory(self, slot: Slot) -> torch.Tensor:
        if slot not in self._lines:
            with torch.inference_mode(False):
                shape = (slot.rank, self._layout.width)
                self._lines[slot] = torch.zeros(shape, dtype=self._weight.dtype, device=self._weight.device)
        return self._lines[slot]


def _like(model: nn.Module, weight: torch.Tensor, device: torch.device | None) -> torch.Tensor:
    """Nothing, in the dtype that `model` computes in, which is not that of weights kept in fewer bits."""
    dtype = getattr(model, "dtype", weight.dtype)
    return torch.empty(
        0, dtype=dtype if isinstance(dtype, torch.dtype) else weight.dtype, device=device or weight.device
    )


def _linear(model: nn.Module, name: str) -> nn.Linear:
    module = model.get_submodule(name)
    if not isinstance(module, nn.Linear):
        raise ValueError(f"'{name}' is a {type(module).__name__}; only linears can have slots")
    return module
