"""Low rank by singular values: of a product that is kept as its factors, and of a matrix that has none.

A product of rank r needs no matrix of the layer's size: after a QR of both factors, its singular values are those of a
core of r by r. At 3072 x 3072 that takes milliseconds, where the whole matrix takes half a minute.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from deployments.loras.changes import LowRank

_WHOLE = 1536  # of a matrix's shorter side, up to which all of its singular values are computed
_MARGIN, _ROUNDS = 16, 4  # of the randomised SVD beyond: directions more than are kept, and power iterations
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a change is kept: at most `rank` directions, and no more than hold `energy` of it (a share of its
    squared Frobenius norm)."""

    rank: int | None = None
    energy: float | None = None

    def cut(self, singular: torch.Tensor, whole: float) -> int:
        """How many of these singular values, the largest first, of a matrix with the squared norm `whole`."""
        count = int((singular > singular[0] * _NOTHING).sum()) if singular.numel() and singular[0] > 0 else 0
        if self.energy is not None and count:
            held = singular.square().cumsum(0) / whole
            count = min(count, int((held < self.energy - _NOTHING).sum()) + 1)
        return count if self.rank is None else min(count, self.rank)


@dataclass(frozen=True, slots=True)
class Kept:
    """A change in low rank, and the share of its energy that is left; rank 0 where there was none."""

    change: LowRank
    energy: float


def concatenate(changes: list[LowRank], strengths: list[float]) -> LowRank:
    """Their weighted sum, exactly: the factors side by side, so that ranks add up."""
    b = [change.b.float() * strength for change, strength in zip(changes, strengths, strict=True)]
    return LowRank(torch.cat([change.a.float() for change in changes]), torch.cat(b, dim=1))


def compress(change: LowRank, limit: Limit) -> Kept:
    """The best approximation within `limit`, in the Frobenius norm (Eckart and Young)."""
    a, b = change.a.double().flatten(1), change.b.double().flatten(1)
    out, core_b = torch.linalg.qr(b)
    inwards, core_a = torch.linalg.qr(a.T)
    u, singular, v = torch.linalg.svd(core_b @ core_a.T)
    return _kept(out @ u, singular, v @ inwards.T, float(singular.square().sum()), limit, change.a.shape[1:])


def truncate(difference: torch.Tensor, limit: Limit, seed: int = 0) -> Kept:
    """The same of a whole change [out, in, ...]. Beyond a side of 1536 by a randomised SVD, a function of `seed`; there
    `limit` has to have a rank."""
    matrix = difference.float().flatten(1)
    whole = float(matrix.double().square().sum())
    if min(matrix.shape) <= _WHOLE:
        u, singular, v = torch.linalg.svd(matrix.double(), full_matrices=False)
    else:
        if limit.rank is None:
            raise ValueError("a layer as large as this needs a rank")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            u, singular, columns = torch.svd_lowrank(matrix, min(limit.rank + _MARGIN, min(matrix.shape)), _ROUNDS)
        v = columns.T
    return _kept(u, singular, v, whole, limit, difference.shape[1:])


def _kept(
    u: torch.Tensor, singular: torch.Tensor, v: torch.Tensor, whole: float, limit: Limit, inputs: torch.Size
) -> Kept:
    """Both factors with the root of the singular values, so that neither is much larger than the other: files are
    often of 16 bits."""
    rank = limit.cut(singular, whole)
    root = singular[:rank].sqrt()
    a = (root[:, None] * v[:rank]).float().reshape(rank, *inputs)
    b = (u[:, :rank] * root).float().reshape(len(u), rank, *[1] * (len(inputs) - 1))
    energy = float(singular[:rank].double().square().sum()) / whole if whole else 1.0
    return Kept(LowRank(a.contiguous(), b.contiguous()), energy)
