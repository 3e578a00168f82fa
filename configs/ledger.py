"""Who has how much of which GPU: settled before anything starts, refused where it cannot be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from configs.frozen import Frozen
from configs.memory import GB
from configs.replicas import Bounds
from configs.schema import GeneratorPlacement, ProfileConfig


@dataclass(frozen=True, slots=True)
class Need:
    """What one replica of a model takes: predicted bytes (None if nobody counted them), and whether of a GPU.

    `smaller` are presets with which it would take less, and how many gigabytes.
    """

    bytes: int | None
    on_gpu: bool
    smaller: Mapping[str, float]

    @property
    def words(self) -> str:
        return "an unknown amount" if self.bytes is None else f"{self.bytes / GB:.1f} GB"


class Entry(Frozen):
    """A line of the ledger: a deployment, what a replica is predicted to take, its share of a GPU, and how many run
    always and at most. `limit_gb` is what the share is worth, where the profile says how large a GPU is."""

    deployment: str
    predicted_gb: float | None
    share: float
    limit_gb: float | None
    always: int
    most: int


class Refused(Exception):
    """The ledger does not balance: `place` in the profile, and one sentence."""

    def __init__(self, place: tuple[str | int, ...], message: str) -> None:
        super().__init__(place, message)
        self.place, self.message = place, message


def settle(profile: ProfileConfig, needs: Mapping[str, Need]) -> tuple[ProfileConfig, tuple[Entry, ...]]:
    """The profile with a number in place of every `num_gpus: auto`, and the ledger. `needs` are by model.

    Raises Refused if a replica would have less of a GPU than it takes, or if those that must run together do not fit.
    """
    generators = tuple(
        placement.model_copy(
            update={
                "replicas": placement.replicas.model_copy(
                    update={"num_gpus": _share(profile, placement, needs[placement.model], i)}
                )
            }
        )
        for i, placement in enumerate(profile.generators)
    )
    settled = profile.model_copy(update={"generators": generators})
    _pack(settled, needs)
    entries = [_entry(settled, one.name, one.replicas, needs[one.model].bytes) for one in generators]
    entries += [_entry(settled, one.name, one.replicas, None) for one in settled.upscalers if one.replicas.gpu_share]
    return settled, tuple(entries)


def _share(profile: ProfileConfig, placement: GeneratorPlacement, need: Need, i: int) -> float:
    """Of a GPU, or whole ones, for a replica: as the profile says, or as predicted."""
    place = ("generators", i, "replicas", "num_gpus")
    given, size = placement.replicas.num_gpus, profile.gpu_memory_gb
    if given == "auto":
        return _derived(placement.model, need, size, i) if need.on_gpu else 0.0
    if given == 0 and need.on_gpu:
        raise Refused(place, f"{placement.model} runs on a GPU, and 0 gives it none: write a share, or 'auto'")
    if size is None or need.bytes is None or given == 0:
        return given
    limit = min(given, 1) * size
    if need.bytes > limit * GB:
        share = f"{given:g} of a GPU of {size:g} GB" if given < 1 else f"a GPU of {size:g} GB"
        message = f"{placement.model} is predicted to take {need.words}, and {share} is {limit:.1f} GB{_smaller(need)}"
        raise Refused(place, message)
    return given


def _derived(model: str, need: Need, size: float | None, i: int) -> float:
    if need.bytes is None:
        message = f"nobody has counted {model}: name its 'architecture' in its YAML, or write 'num_gpus' here"
        raise Refused(("generators", i, "replicas"), message)
    if size is None:
        message = (
            f"{model} is predicted to take {need.words} of a GPU: write how large one is, or its share in 'num_gpus'"
        )
        raise Refused(("gpu_memory_gb",), message)
    if need.bytes > size * GB:
        message = f"{model} is predicted to take {need.words}, and a GPU has {size:g} GB{_smaller(need)}"
        raise Refused(("generators", i), message)
    return math.ceil(100 * need.bytes / (size * GB)) / 100


def _smaller(need: Need) -> str:
    named = ", ".join(f"'{name}' {gb:g} GB" for name, gb in sorted(need.smaller.items(), key=lambda item: -item[1]))
    return f"; it would take less with a preset: {named}" if named else ""


def _pack(profile: ProfileConfig, needs: Mapping[str, Need]) -> None:
    """What always runs must fit, and beside it one replica of each that runs on demand."""
    if profile.gpus is None:
        return
    always = [(one.name, one.replicas) for one in profile.generators for _ in range(one.replicas.min_replicas)]
    always += [(one.name, one.replicas) for one in profile.upscalers for _ in range(one.replicas.min_replicas)]
    for placement in (None, *(one for one in profile.generators if one.replicas.min_replicas == 0)):
        together = always if placement is None else [*always, (placement.name, placement.replicas)]
        if not _fits([replicas.gpu_share for _, replicas in together], profile.gpus):
            words = {one.name: needs[one.model].words for one in profile.generators}
            raise Refused(("gpus",), _too_much(profile, [(name, words.get(name), r) for name, r in together]))


def _fits(shares: Sequence[float], gpus: int) -> bool:
    """Whether they fit, largest first, each where there is room."""
    left = [100] * gpus  # in hundredths, so that sums are exact
    for share in sorted(shares, reverse=True):
        hundredths = math.ceil(round(share * 100, 6))
        for _ in range(max(1, math.ceil(share))):
            wanted = min(hundredths, 100)
            fitting = [i for i, room in enumerate(left) if room >= wanted]
            if not fitting:
                return False
            left[min(fitting, key=lambda i: left[i])] -= wanted
    return True


def _too_much(profile: ProfileConfig, together: Sequence[tuple[str, str | None, Bounds]]) -> str:
    used = [(name, words, replicas.gpu_share) for name, words, replicas in together if replicas.gpu_share]
    listed = ", ".join(f"{name} {share:g}{f' ({words})' if words else ''}" for name, words, share in used)
    memory = f" of {profile.gpu_memory_gb:g} GB" if profile.gpu_memory_gb else ""
    there = f"there is 1{memory}" if profile.gpus == 1 else f"there are {profile.gpus}{memory}"
    return f"more is placed on GPUs than {there}: {listed}; let some run on demand (min_replicas: 0), or take one out"


def _entry(profile: ProfileConfig, deployment: str, replicas: Bounds, predicted: int | None) -> Entry:
    share, size = replicas.gpu_share, profile.gpu_memory_gb
    return Entry(
        deployment=deployment,
        predicted_gb=None if predicted is None else round(predicted / GB, 1),
        share=share,
        limit_gb=round(min(share, 1) * size, 1) if size and share else None,
        always=replicas.min_replicas,
        most=replicas.max_replicas,
    )
