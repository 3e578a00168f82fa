"""Where tokens lie in FLUX.2: the words, the picture, and behind it the pictures that the model looks at."""

from __future__ import annotations

from typing import NamedTuple

import torch

_SPREAD = 10  # between the times at which references lie, as published


class Grid(NamedTuple):
    """The size of a picture in tokens."""

    height: int
    width: int

    @property
    def area(self) -> int:
        return self.height * self.width


class Bucket(NamedTuple):
    """What the rows of a call share: the size of the picture, and those of the references behind it."""

    picture: Grid
    references: tuple[Grid, ...]

    @property
    def area(self) -> int:
        return self.picture.area

    @property
    def tokens(self) -> int:
        return self.area + sum(grid.area for grid in self.references)


def lay_out(bucket: Bucket, text_length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Time, row, column and place in the text of every token: of the text [T, 4], and of the pictures [S, 4]."""
    text = torch.zeros(text_length, 4, dtype=torch.int64)
    text[:, 3] = torch.arange(text_length)
    times = (0, *(_SPREAD * number for number in range(1, len(bucket.references) + 1)))
    pictures = [
        torch.cartesian_prod(torch.tensor([time]), torch.arange(grid.height), torch.arange(grid.width), torch.arange(1))
        for time, grid in zip(times, (bucket.picture, *bucket.references), strict=True)
    ]
    return text, torch.cat(pictures)
