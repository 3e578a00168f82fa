"""Pictures of different sizes in one batch: each in the top left of a shared canvas, the rest of which nobody sees.

A token's position is its row and column, and those are the same in the canvas as in the picture; an attention mask
hides the rest. So each picture comes out as if alone, at the cost of the whole canvas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch

LEAST_SHARE = 0.75
"""How much of a canvas a picture must cover to be laid on it: less would waste more than batching saves."""


class Grid(NamedTuple):
    """Tokens of a picture, in rows and columns."""

    height: int
    width: int

    @property
    def area(self) -> int:
        return self.height * self.width


NOTHING = Grid(0, 0)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The shape of a row of the batch: a picture of `height` x `width` tokens, `text` tokens of prompt, behind the
    picture a `reference` to look at, and how many `controls` run beside it."""

    height: int
    width: int
    text: int
    reference: Grid = NOTHING
    controls: int = 0

    @property
    def grid(self) -> Grid:
        return Grid(self.height, self.width)

    @property
    def area(self) -> int:
        return self.height * self.width

    @property
    def tokens(self) -> int:
        """All tokens that the model attends to."""
        return self.area + self.reference.area + self.text


def smallest_canvas(buckets: Sequence[Bucket]) -> Bucket | None:
    """The smallest bucket that holds all `buckets`, whatever the waste; None if their texts differ in length or their
    references in size."""
    if len({(bucket.text, bucket.reference) for bucket in buckets}) != 1:
        return None
    return Bucket(
        height=max(bucket.height for bucket in buckets),
        width=max(bucket.width for bucket in buckets),
        text=buckets[0].text,
        reference=buckets[0].reference,
        controls=max(bucket.controls for bucket in buckets),
    )


def worthwhile_canvas(buckets: Sequence[Bucket]) -> Bucket | None:
    """`smallest_canvas`, or None if one of `buckets` covers less than LEAST_SHARE of it."""
    canvas = smallest_canvas(buckets)
    if canvas is None or min(bucket.area for bucket in buckets) < LEAST_SHARE * canvas.area:
        return None
    return canvas


def lay(pictures: torch.Tensor, own: Bucket, canvas: Bucket) -> torch.Tensor:
    """`pictures` [B, own.area, C] on a canvas of zeros [B, canvas.area, C]; what is behind them stays behind them."""
    if own.grid == canvas.grid:
        return pictures
    grid = pictures[:, : own.area].reshape(len(pictures), *own.grid, -1)
    beyond = (0, 0, 0, canvas.width - own.width, 0, canvas.height - own.height)
    laid = torch.nn.functional.pad(grid, beyond).flatten(1, 2)
    return torch.cat((laid, pictures[:, own.area :]), dim=1)


def cut(laid: torch.Tensor, own: Bucket, canvas: Bucket) -> torch.Tensor:
    """The pictures [B, own.area, C] of what was laid on a canvas [B, canvas.area, C], and what is behind them."""
    if own.grid == canvas.grid:
        return laid
    grid = laid[:, : canvas.area].reshape(len(laid), *canvas.grid, -1)
    pictures = grid[:, : own.height, : own.width].flatten(1, 2)
    return torch.cat((pictures, laid[:, canvas.area :]), dim=1)


def visible(rows: Sequence[Bucket], canvas: Bucket, device: torch.device) -> torch.Tensor | None:
    """Which tokens each row attends to, bool [B, 1, 1, T + S + R]: its own text, and of the canvas its own picture.

    None if that is everything, because attention without a mask is faster.
    """
    if all((row.grid, row.text) == (canvas.grid, canvas.text) for row in rows):
        return None
    seen = torch.zeros(len(rows), canvas.height, canvas.width, dtype=torch.bool)
    for own, grid in zip(rows, seen, strict=True):
        grid[: own.height, : own.width] = True
    text = torch.arange(canvas.text) < torch.tensor([[row.text] for row in rows])
    reference = torch.ones(len(rows), canvas.reference.area, dtype=torch.bool)
    return torch.cat((text, seen.flatten(1), reference), dim=1)[:, None, None].to(device)


@lru_cache(maxsize=64)
def picture_ids(bucket: Bucket, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """Layer, row and column of every token [S + R, 3]: the picture in layer 0, its reference in layer 1."""
    return torch.cat([_positions(grid, layer) for layer, grid in enumerate((bucket.grid, bucket.reference))]).to(
        device, dtype
    )


def text_ids(tokens: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """The same of text [tokens, 3], which has no place."""
    return torch.zeros(tokens, 3, device=device, dtype=dtype)


def _positions(grid: Grid, layer: int) -> torch.Tensor:
    rows, columns = torch.meshgrid(torch.arange(grid.height), torch.arange(grid.width), indexing="ij")
    return torch.stack((torch.full_like(rows, layer), rows, columns), dim=-1).flatten(0, 1)
