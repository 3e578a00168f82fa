"""The ways in which an adapter changes one weight: low rank, LoKr, and DoRA over either."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch


class Change(Protocol):
    """What an adapter does to one weight."""

    @property
    def rank(self) -> int | None:
        """None where rank says nothing about it."""
        ...

    @property
    def nbytes(self) -> int: ...

    def merged(self, weight: torch.Tensor, strength: float) -> torch.Tensor:
        """The weight with the change in it, in the dtype and on the device of `weight`, which stays as it is."""
        ...

    def fits(self, shape: torch.Size) -> bool:
        """Whether it is a change of a weight of that shape."""
        ...

    def size(self, weight: torch.Tensor, /) -> float:
        """The Frobenius norm of what it adds to `weight` at strength 1; not finite if its numbers are not."""
        ...


@dataclass(frozen=True, slots=True)
class LowRank:
    """W + strength B A: `a` [r, in], `b` [out, r] (for a convolution [r, in, h, w], [out, r, 1, 1]), alpha / r in b."""

    a: torch.Tensor
    b: torch.Tensor

    @property
    def rank(self) -> int:
        return self.a.shape[0]

    @property
    def nbytes(self) -> int:
        return self.a.nbytes + self.b.nbytes

    @property
    def linear(self) -> bool:
        """Whether it is of a linear, rather than of a convolution."""
        return self.a.ndim == 2

    def merged(self, weight: torch.Tensor, strength: float) -> torch.Tensor:
        return (weight.float() + strength * self.delta(weight)).to(weight.dtype)

    def delta(self, weight: torch.Tensor) -> torch.Tensor:
        """B A in the shape of `weight`, in float32."""
        a, b = (side.to(weight.device, torch.float32).flatten(1) for side in (self.a, self.b))
        return (b @ a).view(weight.shape)

    def fits(self, shape: torch.Size) -> bool:
        if self.a.ndim != len(shape) or self.b.ndim != len(shape) or self.a.shape[0] != self.b.shape[1]:
            return False
        return (self.b.shape[0], *self.a.shape[1:]) == tuple(shape) and self.b[0, 0].numel() == 1

    def size(self, _weight: torch.Tensor, /) -> float:
        a, b = self.a.float().flatten(1), self.b.float().flatten(1)
        if self.rank > min(a.shape[1], b.shape[0]):
            return float((b @ a).norm()) if _finite(a, b) else math.nan
        # |BA|² is the trace of (BᵀB)(AAᵀ), two small squares; the product itself can be as large as the weight.
        return math.sqrt(max(float(((b.T @ b) * (a @ a.T)).sum()), 0.0)) if _finite(a, b) else math.nan


@dataclass(frozen=True, slots=True)
class LoKr:
    """W + strength (left ⊗ right): `left` [p, q] and `right` [out / p, in / q] (for a convolution with its kernel
    behind), with its scale in `left`; of a layer that is one of several to its trainer, `rows` of that product, as
    first and end."""

    left: torch.Tensor
    right: torch.Tensor
    rows: tuple[int, int] | None = None

    @property
    def rank(self) -> None:
        return None

    @property
    def nbytes(self) -> int:
        return self.left.nbytes + self.right.nbytes

    def merged(self, weight: torch.Tensor, strength: float) -> torch.Tensor:
        return (weight.float() + strength * self.delta(weight)).to(weight.dtype)

    def delta(self, weight: torch.Tensor) -> torch.Tensor:
        """left ⊗ right in the shape of `weight`, in float32."""
        left, right = (side.to(weight.device, torch.float32) for side in (self.left, self.right))
        product = torch.kron(left.view(*left.shape, *[1] * (right.ndim - 2)), right)
        return product if self.rows is None else product[slice(*self.rows)]

    def part(self, first: int, end: int) -> LoKr:
        """Its rows from `first` to before `end`, without the rows of `left` that make none of them."""
        height = self.right.shape[0]
        above = first // height
        left = self.left[above : -(-end // height)]
        rows = first - above * height, end - above * height
        return LoKr(left, self.right, None if rows == (0, left.shape[0] * height) else rows)

    def fits(self, shape: torch.Size) -> bool:
        if self.left.ndim != 2 or self.right.ndim != len(shape) or len(shape) < 2:
            return False
        outputs, inputs = (left * right for left, right in zip(self.left.shape, self.right.shape, strict=False))
        outputs = outputs if self.rows is None else self.rows[1] - self.rows[0]
        return (outputs, inputs, *self.right.shape[2:]) == tuple(shape)

    def size(self, _weight: torch.Tensor, /) -> float:
        left, right = (side.float().flatten(1).square().sum(1) for side in (self.left, self.right))
        return float(torch.kron(left, right)[slice(*self.rows or (None, None))].sum().sqrt())


@dataclass(frozen=True, slots=True)
class Dora:
    """m V / |V| with V = W + strength D, the change that it is of. `magnitude` has a number per output, and |V| is the
    norm of what makes it; or, `by_input`, a number per input (LyCORIS without `wd_on_out`)."""

    change: LowRank | LoKr
    magnitude: torch.Tensor
    by_input: bool = False

    @property
    def rank(self) -> int | None:
        return self.change.rank

    @property
    def nbytes(self) -> int:
        return self.change.nbytes + self.magnitude.nbytes

    def merged(self, weight: torch.Tensor, strength: float) -> torch.Tensor:
        moved = weight.float() + strength * self.change.delta(weight)
        kept = 1 if self.by_input else 0
        norm = moved.transpose(0, kept).flatten(1).norm(dim=1).clamp_min(torch.finfo(torch.float32).tiny)
        scale = self.magnitude.to(weight.device, torch.float32).flatten() / norm
        moved *= scale.view(*[-1 if axis == kept else 1 for axis in range(weight.ndim)])
        return moved.to(weight.dtype)

    def fits(self, shape: torch.Size) -> bool:
        return self.change.fits(shape) and self.magnitude.numel() == shape[1 if self.by_input else 0]

    def size(self, weight: torch.Tensor, /) -> float:
        before = weight.detach().float()
        return float((self.merged(before, 1.0) - before).norm())


def _finite(*tensors: torch.Tensor) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)
