"""Who has how much of which GPU: settled before anything starts, refused where it cannot be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from configs.fleet import Fleet
from configs.frozen import Frozen
from configs.kind_choice import choose_kind
from configs.memory import GB
from configs.placements import ScorerPlacement, TrainerPlacement, UpscalerPlacement
from configs.profile import ProfileConfig
from configs.replicas import Bounds, GeneratorReplicas
from configs.sharing import deployment_of

N = TypeVar("N", UpscalerPlacement, ScorerPlacement, TrainerPlacement)


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
    always and at most. `limit_gb` is what the share is worth, where profile or fleet says how large a GPU is; `kind`
    what it runs on, of a fleet."""

    deployment: str
    predicted_gb: float | None
    share: float
    limit_gb: float | None
    always: int
    most: int
    kind: str | None = None


class Refused(Exception):
    """The ledger does not balance: `place` in the profile, and one sentence."""

    def __init__(self, place: tuple[str | int, ...], message: str) -> None:
        super().__init__(place, message)
        self.place, self.message = place, message


@dataclass(frozen=True, slots=True)
class _Unit:
    """A deployment that runs models: its place in the profile, what it is called, what a replica of it takes."""

    place: tuple[str | int, ...]
    name: str
    title: str
    replicas: GeneratorReplicas
    need: Need


def settle(
    profile: ProfileConfig, needs: Mapping[str, Need], fleet: Fleet | None = None
) -> tuple[ProfileConfig, tuple[Entry, ...]]:
    """The profile with a number in place of every `num_gpus: auto`, each deployment pinned to one kind of the fleet,
    and the ledger. `needs` are by model. A fleet goes before what the profile says of GPUs.

    Raises Refused if a replica would have less of a GPU than it takes, or if those that must run together do not fit.
    """
    units = {unit.name: unit for unit in _units(profile, needs)}
    replicas = {name: _settled(unit, profile, fleet) for name, unit in units.items()}
    generators = tuple(
        one if one.share is not None else one.model_copy(update={"replicas": replicas[one.name]})
        for one in profile.generators
    )
    shared = {id: replicas[deployment_of(id)] for id in profile.shared}
    networks = {
        field: tuple(_pinned(one, (field, i), fleet) for i, one in enumerate(getattr(profile, field)))
        for field in ("upscalers", "scorers", "captioners", "trainers")
    }
    settled = profile.model_copy(update={"generators": generators, "shared": shared, **networks})
    _pack(settled, replicas, units, fleet)
    entries = [_entry(settled, fleet, name, each, units[name].need.bytes) for name, each in replicas.items()]
    entries += [
        _entry(settled, fleet, one.name, one.replicas, None) for one in settled.networks if one.replicas.gpu_share
    ]
    return settled, tuple(entries)


def _settled(unit: _Unit, profile: ProfileConfig, fleet: Fleet | None) -> GeneratorReplicas:
    """Its replicas with their share, on their kind."""
    if fleet is None or not (unit.need.on_gpu or unit.replicas.gpu_share):
        return unit.replicas.model_copy(update={"num_gpus": _share(unit, profile.gpu_memory_gb)})
    gigabytes = None if unit.need.bytes is None else unit.need.bytes / GB
    pins = _pins(unit.replicas, unit.place, gigabytes, fleet, f"{unit.title}: ", _smaller(unit.need))
    return unit.replicas.model_copy(update=pins | {"num_gpus": _share(unit, fleet.kinds[pins["kind"]].memory_gb)})


def _pinned(one: N, place: tuple[str | int, ...], fleet: Fleet | None) -> N:
    """A network on its kind, where it has a part of a GPU."""
    if fleet is None or not one.replicas.gpu_share:
        return one
    pins = _pins(one.replicas, place, None, fleet, f"{one.name}: ")
    return one.model_copy(update={"replicas": one.replicas.model_copy(update=pins)})


def _pins(
    replicas: Bounds, place: tuple[str | int, ...], gigabytes: float | None, fleet: Fleet, title: str, more: str = ""
) -> dict[str, Any]:
    try:
        kind = choose_kind(fleet, replicas.kind, gigabytes, replicas.gpu_share)
    except ValueError as error:
        raise Refused(place, f"{title}{error}{more}") from None
    return {"kind": kind, "labels": {**fleet.kinds[kind].labels, **replicas.labels}}


def _units(profile: ProfileConfig, needs: Mapping[str, Need]) -> Iterator[_Unit]:
    for i, one in enumerate(profile.generators):
        if one.share is None:
            yield _Unit(("generators", i), one.name, one.model, one.replicas, needs[one.model])
    for id, replicas in profile.shared.items():
        members = {one.model: needs[one.model] for one in profile.generators if one.share == id}
        name = deployment_of(id)
        yield _Unit(("shared", id), name, name, replicas, _together(("shared", id), members, replicas.memory_gb))


def _together(place: tuple[str | int, ...], members: Mapping[str, Need], limit: float | None) -> Need:
    """What replicas need in which `members` take turns: their limit, into which each must fit, or all at once."""
    on_gpu = any(need.on_gpu for need in members.values())
    if limit is None:
        known = [need.bytes for need in members.values() if need.bytes is not None]
        return Need(sum(known) if len(known) == len(members) else None, on_gpu, {})
    for model, need in members.items():
        if need.bytes is not None and need.bytes > limit * GB:
            message = f"{model} is predicted to take {need.words}, and the replicas that it shares hold {limit:g} GB"
            raise Refused((*place, "memory_gb"), message + _smaller(need))
    return Need(int(limit * GB), on_gpu, {})


def _share(unit: _Unit, size: float | None) -> float:
    """Of a GPU, or whole ones, for a replica: as the profile says, or as predicted."""
    place, need, given = (*unit.place, "replicas", "num_gpus"), unit.need, unit.replicas.num_gpus
    if unit.place[0] == "shared":
        place = (*unit.place, "num_gpus")
    if given == "auto":
        return _derived(unit, size) if need.on_gpu else 0.0
    if given == 0 and need.on_gpu:
        raise Refused(place, f"{unit.title} runs on a GPU, and 0 gives it none: write a share, or 'auto'")
    if size is None or need.bytes is None or given == 0:
        return given
    limit = min(given, 1) * size
    if need.bytes > limit * GB:
        share = f"{given:g} of a GPU of {size:g} GB" if given < 1 else f"a GPU of {size:g} GB"
        message = f"{unit.title} is predicted to take {need.words}, and {share} is {limit:.1f} GB{_smaller(need)}"
        raise Refused(place, message)
    return given


def _derived(unit: _Unit, size: float | None) -> float:
    need, title = unit.need, unit.title
    if need.bytes is None:
        message = (
            f"nobody has counted {title}: name the 'architecture' in the model's YAML (and in its 'controls' and "
            "'image_prompt'), or write 'num_gpus' here"
        )
        raise Refused(unit.place, message)
    if size is None:
        message = (
            f"{title} is predicted to take {need.words} of a GPU: write how large one is, or its share in 'num_gpus'"
        )
        raise Refused(("gpu_memory_gb",), message)
    if need.bytes > size * GB:
        raise Refused(
            unit.place, f"{title} is predicted to take {need.words}, and a GPU has {size:g} GB{_smaller(need)}"
        )
    return math.ceil(100 * need.bytes / (size * GB)) / 100


def _smaller(need: Need) -> str:
    named = ", ".join(f"'{name}' {gb:g} GB" for name, gb in sorted(need.smaller.items(), key=lambda item: -item[1]))
    return f"; it would take less with a preset: {named}" if named else ""


def _pack(
    profile: ProfileConfig, replicas: Mapping[str, Bounds], units: Mapping[str, _Unit], fleet: Fleet | None
) -> None:
    """What always runs must fit, and beside it one replica of each that runs on demand; on each kind by itself."""
    every = {**replicas, **{one.name: one.replicas for one in profile.networks}}
    rooms: dict[str | None, int | None] = {None: profile.gpus}
    if fleet is not None:
        rooms = {name: kind.gpus for name, kind in fleet.kinds.items()}
    for kind, gpus in rooms.items():
        here = {name: each for name, each in every.items() if each.kind == kind}
        always = [(name, each) for name, each in here.items() for _ in range(each.min_replicas)]
        on_demand = [(name, each) for name, each in here.items() if each.min_replicas == 0]
        for together in (always, *([*always, one] for one in on_demand)):
            if gpus is not None and not _fits([each.gpu_share for _, each in together], gpus):
                words = {name: unit.need.words for name, unit in units.items()}
                named = [(name, words.get(name), each) for name, each in together]
                raise Refused(("gpus",) if kind is None else ("fleet",), _too_much(profile, fleet, kind, named))


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


def _too_much(
    profile: ProfileConfig,
    fleet: Fleet | None,
    kind: str | None,
    together: Sequence[tuple[str, str | None, Bounds]],
) -> str:
    used = [(name, words, replicas.gpu_share) for name, words, replicas in together if replicas.gpu_share]
    listed = ", ".join(f"{name} {share:g}{f' ({words})' if words else ''}" for name, words, share in used)
    size, gpus = profile.gpu_memory_gb, profile.gpus
    if fleet is not None and kind is not None:
        size, gpus = fleet.kinds[kind].memory_gb, fleet.kinds[kind].gpus
    memory = f" of {size:g} GB" if size else ""
    there = f"there is 1{memory}" if gpus == 1 else f"there are {gpus}{memory}"
    of = f" of kind {kind} in {fleet.id}" if fleet is not None else ""
    return (
        f"more is placed on GPUs than {there}{of}: {listed}; let some run on demand (min_replicas: 0), or take one out"
    )


def _entry(
    profile: ProfileConfig, fleet: Fleet | None, deployment: str, replicas: Bounds, predicted: int | None
) -> Entry:
    share, size = replicas.gpu_share, profile.gpu_memory_gb
    if fleet is not None and replicas.kind is not None:
        size = fleet.kinds[replicas.kind].memory_gb
    return Entry(
        deployment=deployment,
        predicted_gb=None if predicted is None else round(predicted / GB, 1),
        share=share,
        limit_gb=round(min(share, 1) * size, 1) if size and share else None,
        always=replicas.min_replicas,
        most=replicas.max_replicas,
        kind=replicas.kind if fleet is not None else None,
    )
