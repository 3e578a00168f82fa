"""Pictures of different sizes in one batch: each in the top left of a shared canvas, the rest of which nobody sees.

A token's position is its row and column, and those are the same in the canvas as in the picture; an attention mask
hides the rest. So each picture comes out as if alone, at the cost of the whole canvas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

LEAST_SHARE = 0.75
"""How much of a canvas a picture must cover to be laid on it: less would waste more than batching saves."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The shape of a row of the batch: a picture of `height` x `width` tokens, and `text` tokens of prompt."""

    height: int
    width: int
    text: int

    @property
    def area(self) -> int:
        return self.height * self.width


def smallest_canvas(buckets: Sequence[Bucket]) -> Bucket | None:
    """The smallest bucket that holds all `buckets`, whatever the waste; None if their texts differ in length."""
    if len({bucket.text for bucket in buckets}) != 1:
        return None
    return Bucket(
        height=max(bucket.height for bucket in buckets),
        width=max(bucket.width for bucket in buckets),
        text=buckets[0].text,
    )


def worthwhile_canvas(buckets: Sequence[Bucket]) -> Bucket | None:
    """`smallest_canvas`, or None if one of `buckets` covers less than LEAST_SHARE of it."""
    canvas = smallest_canvas(buckets)
    if canvas is None or min(bucket.area for bucket in buckets) < LEAST_SHARE * canvas.area:
        return None
    return canvas


def lay(picture: torch.Tensor, own: Bucket, canvas: Bucket) -> torch.Tensor:
    """`picture` [1, own.area, C] on a canvas of zeros [1, canvas.area, C]."""
    if own == canvas:
        return picture
    grid = picture.view(1, own.height, own.width, -1)
    beyond = (0, 0, 0, canvas.width - own.width, 0, canvas.height - own.height)
    return torch.nn.functional.pad(grid, beyond).flatten(1, 2)


def cut(laid: torch.Tensor, own: Bucket, canvas: Bucket) -> torch.Tensor:
    """The picture [1, own.area, C] of what was laid on a canvas [1, canvas.area, C]."""
    if own == canvas:
        return laid
    grid = laid.view(1, canvas.height, canvas.width, -1)
    return grid[:, : own.height, : own.width].flatten(1, 2)


def visible(rows: Sequence[Bucket], canvas: Bucket, device: torch.device) -> torch.Tensor | None:
    """Which tokens each row attends to, bool [B, 1, 1, T + S]: all of the text, and of the canvas its own picture.

    None if that is everything, because attention without a mask is faster.
    """
    if all(row == canvas for row in rows):
        return None
    seen = torch.zeros(len(rows), canvas.height, canvas.width, dtype=torch.bool)
    for own, grid in zip(rows, seen, strict=True):
        grid[: own.height, : own.width] = True
    text = torch.ones(len(rows), canvas.text, dtype=torch.bool)
    return torch.cat((text, seen.flatten(1)), dim=1)[:, None, None].to(device)
