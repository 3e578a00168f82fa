"""Pictures of one shape make a batch: which shape each is trained in, and which pictures each step takes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence

import torch
from PIL import Image

from configs.errors import ConfigError
from configs.schema import Size
from training.lora.noise import generator

_ASPECT = 2.0
_GRID = 16


def bucket(width: int, height: int, side: int, unit: int) -> Size:
    """The shape in which a picture is trained: about `side`² pixels in its own aspect (1:2 to 2:1), in multiples of
    `unit`, on a grid coarse enough that pictures share shapes. Never larger than the picture. Raises ConfigError."""
    if min(width, height) < unit:
        raise ConfigError(f"a picture of {width}x{height} is too small: this model learns from {unit}x{unit} and more")
    area = min(side * side, width * height)
    aspect = min(max(width / height, 1 / _ASPECT), _ASPECT)
    step = max(unit, side // _GRID // unit * unit)
    return Size(
        width=_side(math.sqrt(area * aspect), width, step, unit),
        height=_side(math.sqrt(area / aspect), height, step, unit),
    )


def _side(wanted: float, given: int, step: int, unit: int) -> int:
    """The multiple of `step` nearest to `wanted`, if the picture's side has as much; else as much as it has."""
    nearest = max(step, round(wanted / step) * step)
    return nearest if nearest <= given else max(unit, given // unit * unit)


def fit(picture: Image.Image, shape: Size) -> Image.Image:
    """The middle of `picture` in that shape, made smaller as far as it must be."""
    scale = max(shape.width / picture.width, shape.height / picture.height)
    across, down = shape.width / scale, shape.height / scale
    left, top = (picture.width - across) / 2, (picture.height - down) / 2
    size, box = (shape.width, shape.height), (left, top, left + across, top + down)
    return picture.resize(size, Image.Resampling.LANCZOS, box=box)


class Course:
    """Which pictures each batch of a run takes. All of a batch are in one bucket; one that is not full takes pictures
    of its bucket again, so that a bucket of one, or a batch larger than a set, is learned from as well."""

    def __init__(self, buckets: Sequence[Hashable], batch: int, seed: int, name: str = "pictures") -> None:
        """`buckets` has that of each picture, by its number. `name` tells courses of one run apart."""
        self._members = _by_bucket(buckets)
        self._batch, self._seed, self._name = batch, seed, name
        self.length = sum(math.ceil(len(members) / batch) for members in self._members.values())
        """Batches until each picture was taken."""

    def batch(self, number: int) -> Sequence[int]:
        """The pictures of batch `number` (0-based): a function of it and of the seed alone."""
        round_, place = divmod(number, self.length)
        return self._round(round_)[place]

    def _round(self, round_: int) -> list[list[int]]:
        numbers = generator(self._seed, self._name, round_)
        batches = []
        for members in self._members.values():
            order = [members[place] for place in torch.randperm(len(members), generator=numbers).tolist()]
            count = math.ceil(len(order) / self._batch)
            filled = [order[place % len(order)] for place in range(count * self._batch)]
            batches += [filled[start : start + self._batch] for start in range(0, len(filled), self._batch)]
        return [batches[place] for place in torch.randperm(len(batches), generator=numbers).tolist()]


def _by_bucket(buckets: Sequence[Hashable]) -> Mapping[Hashable, list[int]]:
    members: dict[Hashable, list[int]] = defaultdict(list)
    for number, shape in enumerate(buckets):
        members[shape].append(number)
    return members
