"""Drawn pictures as a dataset that was looked at, without a studio."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

from configs.dataset_rules import DatasetRules
from configs.datasets import DatasetConfig, DatasetPicture
from configs.load import load_catalog
from router.datasets.preflight.checking import Preflight
from router.datasets.preflight.finding import Report
from router.datasets.preflight.look import Look, look_at
from router.datasets.preflight.samples import Sample
from router.prompts.tokens import Estimated
from tests.router.datasets.drawn import SIDE, Drawn

_SEEN: dict[str, Look] = {}


def rules() -> DatasetRules:
    """With the side that sets are drawn at as the one that is trained with."""
    return _shipped().model_copy(update={"training_side": SIDE})


@cache
def _shipped() -> DatasetRules:
    return load_catalog().dataset_rules


def as_dataset(drawn: Sequence[Drawn], trigger: str = "kestrel", asset_type: str | None = "icon") -> DatasetConfig:
    pictures = (
        DatasetPicture(
            picture=f"pic_{place:03d}",
            sha256=_hash(one),
            width=one.image.width,
            height=one.image.height,
            name=f"{place:03d}.png",
            caption=one.caption,
            right="own",
        )
        for place, one in enumerate(drawn)
    )
    return DatasetConfig(id="kestrel", name="Kestrel", asset_type=asset_type, trigger=trigger, pictures=tuple(pictures))


def check(drawn: Sequence[Drawn], trigger: str = "kestrel", asset_type: str | None = "icon") -> Report:
    dataset = as_dataset(drawn, trigger, asset_type)
    samples = [Sample(told, _look(one)) for told, one in zip(dataset.pictures, drawn, strict=True)]
    counter = Estimated()
    return Preflight.of(rules(), lambda text: counter.measure(text, 512).tokens).check(dataset, samples)


def _hash(one: Drawn) -> str:
    return hashlib.sha256(one.image.tobytes() + one.image.mode.encode()).hexdigest()


def _look(one: Drawn) -> Look:
    key = _hash(one)
    if key not in _SEEN:
        _SEEN[key] = look_at(one.image)
    return _SEEN[key]
