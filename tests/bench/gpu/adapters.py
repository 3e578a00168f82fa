"""LoRAs in the slots of the whole model: what they cost a step, a batch, a load, and the compiler."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch
from torch import nn

from deployments.loras.changes import LowRank
from deployments.loras.slots import Adapter, Packed, Selection, Slot
from tests.bench.gpu.denoising import LARGE, ROWS
from tests.bench.gpu.model import RANK, Bench
from tests.bench.gpu.timing import RESOLUTION

MEDIUM = 512
STEP_COUNTS = (4, 8, 28, 50)


class Wardrobe:
    """LoRAs of rank 16 for all linears of all blocks, in slots. All are alike: time does not depend on numbers."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.slots = bench.denoiser.slots

    @cached_property
    def packed(self) -> Packed:
        """In page-locked memory, as a prefetched adapter lies."""
        linears = {
            name: module
            for name, module in self._bench.transformer.named_modules()
            if isinstance(module, nn.Linear) and "transformer_blocks." in name
        }
        changes = {name: self._change(linear) for name, linear in linears.items()}
        return self.slots.pack(Adapter("random", "flux", RANK, changes, sum(c.nbytes for c in changes.values())))

    @cached_property
    def worn(self) -> list[Selection]:
        """One LoRA for each of four rows."""
        return [((self.slots.put(self.packed), 1.0),) for _ in range(ROWS)]

    @cached_property
    def spare(self) -> list[Slot]:
        """A slot that nobody wears, holding a LoRA."""
        return [self.slots.put(self.packed)]

    def reload(self) -> None:
        """Another LoRA into the spare slot."""
        self.slots.drop(self.spare[0])
        self.spare[0] = self.slots.put(self.packed)

    def _change(self, linear: nn.Linear) -> LowRank:
        dtype = self._bench.size.dtype
        a = torch.randn(RANK, linear.in_features, dtype=dtype) * 0.02
        return LowRank(a, torch.randn(linear.out_features, RANK, dtype=dtype) * 0.02)


def overhead(bench: Bench, wardrobe: Wardrobe, by_compiler: bool) -> Mapping[str, float]:
    """A step that wears a LoRA ÷ a step that wears none."""
    bare, dressed = bench.request(LARGE), bench.request(LARGE, wardrobe.worn[0])
    with bench.way(by_compiler):
        without, with_one = bench.medians(lambda: bench.step([bare]), lambda: bench.step([dressed]))
    return {"H8" if by_compiler else "H8.eager": with_one / without}


def recompilations(bench: Bench, wardrobe: Wardrobe) -> Mapping[str, float]:
    """Graphs that are compiled after the first of each kind: for swaps of the LoRA worn, and for other step counts."""
    with bench.compiled():
        bench.step([bench.request(MEDIUM, wardrobe.worn[0])])
        known = _graphs()
        for _ in range(bench.size.swaps):
            wardrobe.reload()
            bench.step([bench.request(MEDIUM, ((wardrobe.spare[0], 1.0),))])
        for steps in STEP_COUNTS:
            bench.step([bench.request(MEDIUM, wardrobe.worn[0], steps)])
    return {"H9": _graphs() - known}


def load_delay(bench: Bench, wardrobe: Wardrobe) -> Mapping[str, float]:
    """How much later a step is done with a load in front of it, for a row that wears another LoRA."""
    request = bench.request(MEDIUM, wardrobe.worn[0])

    def load_and_step() -> None:
        wardrobe.reload()
        bench.step([request])

    wardrobe.reload()  # the slot's first memory is no part of a load
    alone, delayed = bench.medians(lambda: bench.step([request]), load_and_step, rounds=3 * bench.size.rounds)
    return {"H10": 1000 * max(delayed - alone, RESOLUTION)}


def mixed_batch(bench: Bench, wardrobe: Wardrobe, by_compiler: bool) -> Mapping[str, float]:
    """Four rows with a LoRA each: one after another ÷ one batch."""
    requests = [bench.request(MEDIUM, adapters) for adapters in wardrobe.worn]

    def one_by_one() -> None:
        for request in requests:
            bench.step([request])

    with bench.way(by_compiler):
        serial, batch = bench.medians(one_by_one, lambda: bench.step(requests))
    return {"H11" if by_compiler else "H11.eager": serial / batch}


def _graphs() -> int:
    from torch._dynamo import utils

    counters: Any = utils.counters
    return int(counters["stats"]["unique_graphs"])
