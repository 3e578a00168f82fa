"""How adapters lie in memory and reach the linears: a matrix of rank lines per adapter, and views of it per target."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import nn

Pair: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""A [rank, in] and B transposed [rank, out] for all rows, or both with a first dimension of one entry per row."""


class Layout:
    """Where each target's A and B lie in a line: all A first, then all B, so that one operation scales every B."""

    def __init__(self, shapes: Mapping[str, tuple[int, int]]) -> None:
        self._shapes = dict(shapes)
        self._a: dict[str, slice] = {}
        self._b: dict[str, slice] = {}
        end = 0
        for side, places in enumerate((self._a, self._b)):
            for name, shape in self._shapes.items():
                places[name] = slice(end, end + shape[side])
                end += shape[side]
            if side == 0:
                self.split = end
        self.width = end

    @property
    def names(self) -> Collection[str]:
        return self._shapes.keys()

    def fits(self, name: str, a: torch.Tensor, b: torch.Tensor) -> bool:
        """Whether `a` [r, in] and `b` [out, r] are a change of the target of that name."""
        return (a.ndim, b.ndim) == (2, 2) and self._shapes.get(name) == (a.shape[1], b.shape[0])

    def write(self, lines: torch.Tensor, name: str, a: torch.Tensor, b: torch.Tensor) -> None:
        """Put one target's `a` and `b` into `lines` [rank, width]."""
        lines[: a.shape[0], self._a[name]] = a
        lines[: a.shape[0], self._b[name]] = b.T

    def read(self, lines: torch.Tensor, name: str) -> Pair:
        """One target's a [rank, in] and b [out, rank], as views of `lines` [rank, width]."""
        return lines[:, self._a[name]], lines[:, self._b[name]].T

    def pairs(self, lines: torch.Tensor, targets: Collection[str]) -> tuple[Pair | None, ...]:
        """Views of `lines` [..., rank, width] for each target, in order; None for those not among `targets`."""
        return tuple(
            (lines[..., self._a[name]], lines[..., self._b[name]]) if name in targets else None for name in self._shapes
        )


@dataclass(slots=True)
class Worn:
    """What one linear adds in the forward under way. One object per linear, so that a compiled block, which looks at
    what it reads, looks alike for every block of a model."""

    pair: Pair | None = None


class Slotted(nn.Module):
    """A linear with slots. Installed by exchanging the class, so names, parameters and buffers stay what they were."""

    _slots_worn: Worn

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        own = super().forward  # the linear's: next in the MRO
        return _row_by_row(own, x, self._slots_worn.pair) if _is_few(x) else _wear(own, x, self._slots_worn.pair)


def install(linears: Mapping[str, nn.Linear]) -> tuple[Worn, ...]:
    """Make each linear add what it wears, and return what they wear, in order. A model has one set of slots."""
    worn = tuple(Worn() for _ in linears)
    classes: dict[type, type] = {}
    for wears, linear in zip(worn, linears.values(), strict=True):
        cls = type(linear)
        if issubclass(cls, Slotted):
            raise ValueError("this model has slots already")
        if cls not in classes:
            classes[cls] = type(f"Slotted{cls.__name__}", (Slotted, cls), {})
        settable: Any = linear
        settable.__class__ = classes[cls]
        settable._slots_worn = wears
        if "forward" in vars(linear):
            settable.forward = _over(vars(linear)["forward"], wears)
    return worn


def _over(hooked: Callable[..., torch.Tensor], worn: Worn) -> Callable[..., torch.Tensor]:
    """The forward of a linear whose own was replaced, by what casts or fetches its weight: that one's, and the slots'.

    It holds the linear's forward of before, so the class's is never reached.
    """

    def forward(x: torch.Tensor) -> torch.Tensor:
        return _row_by_row(hooked, x, worn.pair) if _is_few(x) else _wear(hooked, x, worn.pair)

    return forward


def _is_few(x: torch.Tensor) -> bool:
    """Whether `x` has one vector for each row of a batch, on a processor, whose libraries multiply one vector, a few
    and many in three ways: a picture would depend on what was drawn beside it, by rounding."""
    return x.ndim == 2 and x.shape[0] > 1 and x.device.type == "cpu" and not torch.compiler.is_compiling()


def _row_by_row(own: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, pair: Pair | None) -> torch.Tensor:
    """Each row as it would be alone: these products are small beside those of tokens, which do not depend on rows."""
    rows = [x[place : place + 1] for place in range(x.shape[0])]
    if pair is None:
        return torch.cat([own(row) for row in rows])
    a, b = (side.expand(len(rows), *side.shape[-2:]) for side in pair)
    return torch.cat([_wear(own, row, (a[place], b[place])) for place, row in enumerate(rows)])


def _wear(own: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, pair: Pair | None) -> torch.Tensor:
    y = own(x)
    return y if pair is None else _add(x, y, *pair)


def _add(x: torch.Tensor, y: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """`y` + `x` A^T B^T, in place."""
    if a.ndim == 2:
        hidden = nn.functional.linear(x, a)
        y.view(-1, y.shape[-1]).addmm_(hidden.view(-1, hidden.shape[-1]), b)
        return y
    rows = a.shape[0]
    if x.shape[0] != rows:
        raise ValueError(f"adapters were selected for {rows} rows, but the batch has {x.shape[0]}")
    hidden = torch.bmm(x.reshape(rows, -1, x.shape[-1]), a.transpose(1, 2))
    y.view(rows, -1, y.shape[-1]).baddbmm_(hidden, b)
    return y
