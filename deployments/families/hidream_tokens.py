"""Pictures as HiDream's transformer reads them: lines of patches, padded, each token with its place."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch


class Grid(NamedTuple):
    """The size of a picture in tokens."""

    height: int
    width: int

    @property
    def area(self) -> int:
        return self.height * self.width


class Places(NamedTuple):
    """Of each token of a row its row and column (`ids` [S, 3], the first of which is nothing), and 1 in `mask` [S]
    where it is of the picture."""

    ids: torch.Tensor
    mask: torch.Tensor


class Tokens:
    """Turns latents [1, C, H, W] into lines of `patch` x `patch` patches, and back."""

    def __init__(self, patch: int, device: torch.device) -> None:
        self._patch, self._device = patch, device
        self._places = lru_cache(maxsize=64)(self._place)

    def places(self, latents: torch.Tensor, tokens: int) -> Places:
        """Of a line of `tokens`."""
        return self._places(self._grid(latents), tokens)

    def pack(self, latents: torch.Tensor, tokens: int) -> torch.Tensor:
        """`latents` patch by patch, with zeros behind: [tokens, patch * patch * C]."""
        side, grid = self._patch, self._grid(latents)
        patches = latents.reshape(-1, grid.height, side, grid.width, side).permute(1, 3, 2, 4, 0)
        return torch.nn.functional.pad(patches.reshape(grid.area, -1), (0, 0, 0, tokens - grid.area))

    def unpack(self, line: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        """The picture, in the shape of `like`, of one line of patches [C, patch, tokens * patch]."""
        side, grid = self._patch, self._grid(like)
        patches = line[..., : grid.area * side].reshape(-1, side, grid.height, grid.width, side)
        return patches.permute(0, 2, 1, 3, 4).reshape(like.shape)

    def _grid(self, latents: torch.Tensor) -> Grid:
        return Grid(latents.shape[-2] // self._patch, latents.shape[-1] // self._patch)

    def _place(self, grid: Grid, tokens: int) -> Places:
        ids, mask = torch.zeros(tokens, 3), torch.zeros(tokens)
        ids[: grid.area, 1:] = torch.cartesian_prod(torch.arange(grid.height), torch.arange(grid.width))
        mask[: grid.area] = 1
        return Places(ids.to(self._device), mask.to(self._device))
