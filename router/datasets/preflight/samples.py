"""A picture of a set as its checks see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from configs.datasets import DatasetPicture
from router.datasets.preflight.look import Look


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """`look` is None where its file cannot be read."""

    picture: DatasetPicture
    look: Look | None

    @property
    def id(self) -> str:
        return self.picture.picture


def ids(samples: Sequence[Sample]) -> tuple[str, ...]:
    return tuple(one.id for one in samples)


def seen(samples: Sequence[Sample]) -> list[tuple[Sample, Look]]:
    """Those that can be read."""
    return [(one, one.look) for one in samples if one.look is not None]


def count_of(number: int) -> str:
    """`1 picture`, `3 pictures`."""
    return "1 picture" if number == 1 else f"{number} pictures"
