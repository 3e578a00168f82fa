"""Pictures continued beyond their right and lower edge, as networks want them that look at blocks of pixels."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Edge = Literal["reflect", "symmetric"]


def extend(x: Tensor, height: int, width: int, edge: Edge) -> Tensor:
    """`x`, n × c × h × w, mirrored to `height` × `width`: with its last line once (`reflect`), or twice (`symmetric`).

    Unlike `torch.nn.functional.pad` it does so for a picture of any size, and knows `symmetric`.
    """
    rows, columns = _mirrored(x.shape[2], height, edge), _mirrored(x.shape[3], width, edge)
    if height != x.shape[2]:
        x = x.index_select(2, rows.to(x.device))
    return x.index_select(3, columns.to(x.device)) if width != x.shape[3] else x


def _mirrored(length: int, extended: int, edge: Edge) -> Tensor:
    """Which line of `length` stands at each place."""
    period = 2 * length if edge == "symmetric" else max(2 * length - 2, 1)
    place = torch.arange(extended) % period
    return torch.minimum(place, period - (1 if edge == "symmetric" else 0) - place) if length > 1 else place * 0
