"""What a picture shows, as answers to a few questions: a classifier with a head, and logits, for each."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from deployments.scorers.towers import PictureTower

_LENGTH = 16.0  # the tower's vectors have length one: too short for a linear layer to be sure of anything


class AttributeClassifier(nn.Module):
    """`forward` takes pictures (n x 3 x 128 x 128, -1..1) and gives logits for each question, n x answers. It sees
    through the scorer's tower (`deployments/scorers/towers.py`)."""

    def __init__(self, answers: Sequence[int], width: int = 24, dimensions: int = 256) -> None:
        """`answers` is how many each question has."""
        super().__init__()
        self.picture = PictureTower(width, dimensions)
        self.head = nn.Linear(dimensions, sum(answers))
        self._answers = list(answers)

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        return self.answer(self.picture(pictures))

    def answer(self, vectors: Tensor) -> tuple[Tensor, ...]:
        """The logits of pictures that the tower has seen, n x dimensions."""
        return torch.split(self.head(vectors * _LENGTH), self._answers, 1)
