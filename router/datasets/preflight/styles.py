"""Several styles in one set, and one ground everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from configs.dataset_rules import DatasetRules
from router.datasets.preflight.finding import Finding, found
from router.datasets.preflight.hashing import Array
from router.datasets.preflight.look import Look
from router.datasets.preflight.samples import Sample, count_of, ids, seen

Chosen: TypeAlias = NDArray[np.bool_]

_FEWEST = 8
_SMALLEST, _SMALLEST_SHARE = 3, 0.1
_GAP = 4.5  # that the middles of two styles are apart
_FAR = 4.0  # from the middle, beyond which one picture counts no more
_STARTS, _ROUNDS = 16, 20
_GROUND_LEVELS = 12


class StyleReader(Protocol):
    """Tells how pictures are made: vectors that are near for pictures of one style. What ships reads figures of pixels;
    an embedding network may take its place."""

    def read(self, looks: Sequence[Look]) -> Array:
        """A row for each; within one style they are about 1 apart."""
        ...


class MannerReader:
    """By the figures of `manner`."""

    def read(self, looks: Sequence[Look]) -> Array:
        return np.stack([look.manner for look in looks])


def check_styles(samples: Sequence[Sample], rules: DatasetRules, reader: StyleReader) -> Iterator[Finding]:
    """Two groups that are made in clearly different ways. Names the smaller one."""
    known = seen(samples)
    if len(known) < _FEWEST:
        return
    split = split_in_two(reader.read([look for _, look in known]))
    if split is None or split.silhouette < rules.at("mixed_styles") or split.gap < _GAP:
        return
    those = [one for (one, _), second in zip(known, split.second, strict=True) if second]
    others = len(known) - len(those)
    reason = f"{count_of(len(those))} look as if they were made in another style than the other {others}"
    remedy = "make a dataset of each style: of two at once the mean is learned"
    yield found(rules.checks["mixed_styles"], "mixed_styles", reason, remedy, ids(those))


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Which are in the smaller of two groups, how clearly they are two (-1 to 1), how far their middles are apart."""

    second: Chosen
    silhouette: float
    gap: float


def split_in_two(rows: Array) -> Split | None:
    """The clearest of several 2-means, begun at fixed places: the same answer each time. None where each leaves hardly
    any in one of the groups."""
    middle = np.median(rows, axis=0)
    rows = np.clip(rows, middle - _FAR, middle + _FAR)
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    starts = range(0, len(rows), max(1, len(rows) // _STARTS))
    splits = (split for start in starts if (split := _split(rows, apart, start)) is not None)
    return max(splits, key=lambda split: split.silhouette, default=None)


def _split(rows: Array, apart: Array, start: int) -> Split | None:
    second = apart[:, apart[start].argmax()] < apart[:, start]
    for _ in range(_ROUNDS):
        if second.all() or not second.any():
            return None
        ours, theirs = rows[~second].mean(axis=0), rows[second].mean(axis=0)
        moved = np.linalg.norm(rows - theirs, axis=1) < np.linalg.norm(rows - ours, axis=1)
        if (moved == second).all():
            break
        second = moved
    second = ~second if second.sum() * 2 > len(rows) else second
    if second.sum() < max(_SMALLEST, _SMALLEST_SHARE * len(rows)):
        return None
    gap = float(np.linalg.norm(rows[second].mean(axis=0) - rows[~second].mean(axis=0)))
    return Split(second, _silhouette(apart, second), gap)


def _silhouette(apart: Array, second: Chosen) -> float:
    """How much nearer each is to its own group than to the other, on average."""
    groups = np.stack([~second, second], axis=1).astype(np.float32)
    sums, sizes = apart @ groups, groups.sum(axis=0)
    place = second.astype(np.int64)
    rows = np.arange(len(second))
    own = sums[rows, place] / np.maximum(sizes[place] - 1, 1)
    far = sums[rows, 1 - place] / sizes[1 - place]
    return float(((far - own) / np.maximum(np.maximum(own, far), 1e-6)).mean())


def check_ground(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """One colour behind nearly all."""
    plain = [(one, look) for one, look in seen(samples) if look.ground_share > 0.9]
    if len(plain) < _FEWEST or len(plain) < rules.at("same_ground") * len(samples):
        return
    grounds = np.array([look.ground for _, look in plain])
    middle = np.median(grounds, axis=0)
    share = float((np.abs(grounds - middle).max(axis=1) <= _GROUND_LEVELS).mean())
    if share * len(plain) >= rules.at("same_ground") * len(samples):
        colour = "#" + "".join(f"{round(float(level)):02x}" for level in middle)
        reason = f"nearly all are on one ground ({colour}): it is learned as part of the look"
        yield found(
            rules.checks["same_ground"],
            "same_ground",
            reason,
            "fine if it is; else bring some on other grounds, and say so in captions",
        )
