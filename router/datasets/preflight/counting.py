"""Are they enough, are they large enough, and in which shapes?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from configs.dataset_rules import DatasetRules
from configs.datasets import DatasetConfig
from router.datasets.preflight.finding import Finding, found
from router.datasets.preflight.samples import Sample, count_of, ids

SHAPES: tuple[tuple[int, int], ...] = (
    (1, 2),
    (9, 16),
    (2, 3),
    (3, 4),
    (4, 5),
    (1, 1),
    (5, 4),
    (4, 3),
    (3, 2),
    (16, 9),
    (2, 1),
)
"""Width to height: the buckets that pictures are put into, as most trainers have them."""


def check_count(dataset: DatasetConfig, rules: DatasetRules, different: int) -> Iterator[Finding]:
    """`different` is how many are left when equal ones count once."""
    counts, checks, of = rules.counts(dataset.asset_type), rules.checks, _of(dataset)
    fewest = int(rules.at("too_few"))
    if different < fewest:
        reason = f"{count_of(different)}{_but(dataset, different)}: nothing that holds can be learned from so few"
        yield found(checks["too_few"], "too_few", reason, f"bring at least {counts.minimum}{of}, different ones")
    elif different < counts.minimum:
        reason = f"{count_of(different)}{_but(dataset, different)}; {counts.minimum} are the least{of}"
        yield found(
            checks["below_minimum"],
            "below_minimum",
            reason,
            f"bring {counts.minimum - different} more; {counts.good} are good",
        )
    elif different < counts.good:
        reason = f"{count_of(different)}{_but(dataset, different)} will do; from {counts.good} on it is solid{of}"
        remedy = f"{counts.good - different} more subjects, compositions or complexities would help"
        yield found(checks["below_good"], "below_good", reason, remedy)
    most = int(rules.at("too_many"))
    if different > most:
        reason = f"{count_of(different)} are more than {most}, beyond which little is gained and much time is spent"
        yield found(
            checks["too_many"], "too_many", reason, "pick the best: thirty chosen ones beat hundreds gathered in haste"
        )


def _of(dataset: DatasetConfig) -> str:
    return "" if dataset.asset_type is None else f" for {dataset.asset_type}"


def _but(dataset: DatasetConfig, different: int) -> str:
    total = len(dataset.pictures)
    return "" if total == different else f" of {total} are different"


def check_sizes(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """The shorter side against the side that is trained with."""
    side, least, enough = rules.training_side, rules.at("too_small"), rules.at("small")
    short = {one.id: min(one.picture.width, one.picture.height) / side for one in samples}
    tiny = [one for one in samples if short[one.id] < least]
    small = [one for one in samples if least <= short[one.id] < enough]
    if tiny:
        reason = (
            f"{count_of(len(tiny))} with a shorter side below {round(side * least)} pixels: enlarged, they teach blur"
        )
        remedy = f"export them anew with {side} pixels or more, or leave them out"
        yield found(rules.checks["too_small"], "too_small", reason, remedy, ids(tiny))
    if small:
        reason = f"{count_of(len(small))} with a shorter side below {round(side * enough)} pixels"
        remedy = f"export with {side} pixels or more; these are trained at a smaller size, never enlarged"
        yield found(rules.checks["small"], "small", reason, remedy, ids(small))


def shape_of(width: int, height: int) -> str:
    """The bucket that is nearest."""
    wide, high = min(SHAPES, key=lambda shape: abs(_log(shape[0] / shape[1]) - _log(width / height)))
    return f"{wide}:{high}"


def _log(ratio: float) -> float:
    return ratio if ratio >= 1 else 2 - 1 / ratio


def check_shapes(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """Each shape is a batch of its own."""
    by_shape = defaultdict[str, list[Sample]](list)
    for one in samples:
        by_shape[shape_of(one.picture.width, one.picture.height)].append(one)
    named = ", ".join(
        f"{len(those)} × {shape}" for shape, those in sorted(by_shape.items(), key=lambda one: -len(one[1]))
    )
    if len(by_shape) > rules.at("aspects"):
        reason = f"{len(by_shape)} shapes ({named}): what a batch has in common is then its shape, not the look"
        rare = [one for those in sorted(by_shape.values(), key=len)[: -int(rules.at("aspects"))] for one in those]
        yield found(rules.checks["aspects"], "aspects", reason, "crop or extend to two or three shapes", ids(rare))
    lone = [those[0] for those in by_shape.values() if len(those) == 1]
    if lone and len(by_shape) > 1:
        reason = f"{count_of(len(lone))} of a shape that no other has ({named})"
        yield found(rules.checks["lone_aspect"], "lone_aspect", reason, "give them the shape of the others", ids(lone))
