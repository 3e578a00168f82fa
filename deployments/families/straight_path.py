"""Noise and target of every family that learns a flow: pictures become noise on a straight line."""

from __future__ import annotations

import torch


class StraightPath:
    """A part of `Trainable`, the same for all flows."""

    def noisy(self, clean: torch.Tensor, noise: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        share = s.view(-1, *[1] * (clean.ndim - 1)).to(clean)
        return (1 - share) * clean + share * noise

    def target(self, clean: torch.Tensor, noise: torch.Tensor, s: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - the same everywhere
        return noise - clean

    def weight(self, s: torch.Tensor, min_snr: float | None) -> torch.Tensor:  # noqa: ARG002 - a flow has no use for it
        return torch.ones_like(s)
