"""Changes thinned out before they are added, so that they get less into each other's way: TIES (Yadav and others, 2023)
and DARE (Yu and others, 2024), with the conventions of PEFT, where most know them from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch

Changes = Sequence[torch.Tensor]


def ties(changes: Changes, strengths: Sequence[float], density: float) -> torch.Tensor:
    """Of each change the largest numbers (`density` of them); of each weight the sign that has more behind it; the mean
    of the weighted numbers of that sign. A mean: two alike at strength 1 give one, where their sum gives two."""
    trimmed = torch.stack([trim(change, density) for change in changes])
    sign = torch.where(trimmed.sum(0) >= 0, 1.0, -1.0)
    agreeing = trimmed.sign() == sign
    weighted = trimmed * _spread(strengths, trimmed)
    return (weighted * agreeing).sum(0) / agreeing.sum(0).clamp(min=1)


def dare(changes: Changes, strengths: Sequence[float], density: float, seeds: Sequence[int]) -> torch.Tensor:
    """Of each change a random `density` of its numbers, enlarged so that their sum is expected to stay; then the
    weighted sum. What is drawn is a function of `seeds`, one for each change."""
    dropped = torch.stack([drop(change, density, seed) for change, seed in zip(changes, seeds, strict=True)])
    return (dropped * _spread(strengths, dropped)).sum(0)


def trim(change: torch.Tensor, density: float) -> torch.Tensor:
    """The largest numbers, `density` of all, the others 0."""
    flat = change.reshape(-1)
    largest = flat.abs().topk(int(density * flat.numel())).indices
    return torch.zeros_like(flat).index_copy(0, largest, flat[largest]).view_as(change)


def drop(change: torch.Tensor, density: float, seed: int) -> torch.Tensor:
    """A random `density` of the numbers, divided by `density`, the others 0."""
    drawn = torch.rand(change.shape, generator=torch.Generator().manual_seed(seed))
    return torch.where(drawn < density, change / density, 0.0)


def seed_of(seed: int, number: int, layer: str) -> int:
    """For one change of one layer, whatever other layers there are."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{number}/{layer}".encode()).digest()[:8]) >> 1


def _spread(strengths: Sequence[float], changes: torch.Tensor) -> torch.Tensor:
    return torch.tensor(strengths, dtype=changes.dtype).view(-1, *[1] * (changes.ndim - 1))
