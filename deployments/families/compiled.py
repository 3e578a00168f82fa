"""Blocks of a denoiser that repeat, compiled: each batch of the warm-up by its own shape, all others by one graph."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from configs.errors import ConfigError
from deployments.families.family import WARM_UP_ROWS
from deployments.loras.lines import Slotted, Worn

_MOST_GRAPHS = 64  # of all blocks together; torch's own limit, 8, would leave the rest uncompiled without a word


@dataclass(slots=True)
class Known:
    """What blocks of one class were called with first, which is by the warm-up."""

    layout: Hashable | None = None


class CompiledBlock:
    """Calls a block by the graph that fits.

    A fixed shape makes the faster graph, but one that is compiled anew for every size, number of rows and LoRA would
    stop the engine for seconds in the middle of its work. So fixed are those of the warm-up, without LoRAs; the graph
    for all others is compiled in the warm-up too.
    """

    def __init__(self, block: nn.Module, known: Known) -> None:
        call: Any = block._call_impl
        self._block, self._known = block, known
        compiler: Any = torch.compile  # whose types do not know `recompile_limit`
        self._fixed: Any = compiler(call, dynamic=False, recompile_limit=_MOST_GRAPHS)
        self._any: Any = compiler(call, dynamic=True, recompile_limit=_MOST_GRAPHS)
        self._worn: list[Worn] | None = None
        self._seen: set[int] = set()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        rows, layout = _lay_out(_tensors((args, kwargs)))
        known = self._known
        if known.layout is None:
            known.layout = layout
        if layout != known.layout or rows not in WARM_UP_ROWS or self._wears():
            return self._any(*args, **kwargs)
        if rows not in self._seen:  # every block for itself: what stands before it decides how its input lies in memory
            self._seen.add(rows)
            self._any(*args, **kwargs)
        return self._fixed(*args, **kwargs)

    def _wears(self) -> bool:
        """Whether a LoRA is in the way: slots come after the blocks are compiled, so they are looked for at a call."""
        if self._worn is None:
            slotted = (module for module in self._block.modules() if isinstance(module, Slotted))
            self._worn = [linear._slots_worn for linear in slotted]
        return any(worn.pair is not None for worn in self._worn)


def compile_blocks(denoiser: nn.Module, owner: str) -> None:
    """Have the blocks that `denoiser` names as repeated compiled when they are first called. Raises ConfigError if it
    names none."""
    named = tuple(getattr(denoiser, "_repeated_blocks", None) or ())
    blocks = [module for module in denoiser.modules() if type(module).__name__ in named]
    if not blocks:
        name = type(denoiser).__name__
        raise ConfigError(f"{owner}: {name} names no blocks to compile: set it to 'none'.", "runtime.compile")
    known = {type(block): Known() for block in blocks}
    for block in blocks:
        compiled: Any = CompiledBlock(block, known[type(block)])
        block._compiled_call_impl = compiled


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _tensors(each)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _lay_out(tensors: Iterable[torch.Tensor]) -> tuple[int, Hashable]:
    """The rows of a batch, by its first tensor; and the shapes of all tensors without them."""
    shapes = [tuple(tensor.shape) for tensor in tensors]
    rows = shapes[0][0]
    return rows, tuple((True, *shape[1:]) if shape[:1] == (rows,) else shape for shape in shapes)
