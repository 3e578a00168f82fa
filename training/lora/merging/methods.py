"""The ways to make one adapter of several, a row each, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

import torch

from configs.errors import ConfigError
from deployments.loras.changes import Change, Dora, LowRank
from deployments.loras.keys import Anatomy, Place
from training.lora.merging.factors import Kept, Limit, compress, concatenate, truncate
from training.lora.merging.sparse import dare, seed_of, ties

Method: TypeAlias = Literal["concatenate", "svd", "ties", "dare"]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the adapters: what it changes, and the strength of each of its layers. `name` is how messages call it."""

    name: str
    changes: Mapping[Place, Change]
    strengths: Mapping[Place, float]


@dataclass(frozen=True, slots=True)
class Merge:
    """How adapters are put together. `density` is of TIES and DARE, `seed` of DARE."""

    method: Method = "concatenate"
    limit: Limit = field(default_factory=Limit)
    density: float = 0.3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """One adapter's change of one layer, its number among the adapters, its strength, and the layer's weight."""

    number: int
    change: Change
    strength: float
    place: Place
    weight: torch.Tensor

    @property
    def difference(self) -> torch.Tensor:
        """What it adds to the weight at its strength."""
        if isinstance(self.change, LowRank):
            return self.strength * self.change.delta(self.weight)
        whole = self.weight.detach().float()
        return self.change.merged(whole, self.strength) - whole

    @property
    def plain(self) -> tuple[torch.Tensor, float]:
        """A change to be weighted, and its weight. A DoRA's does not grow with its strength: that is in it already."""
        if isinstance(self.change, Dora):
            return self.difference, 1.0
        return Piece(self.number, self.change, 1.0, self.place, self.weight).difference, self.strength


Combine: TypeAlias = Callable[[Sequence[Piece], Merge], Kept]


def merge(parts: Sequence[Part], how: Merge, anatomy: Anatomy) -> dict[Place, Kept]:
    """One change for each layer that any of `parts` changes, in low rank; layers of which nothing is left are out.
    Raises ConfigError, saying what to do, for what `how` cannot be done with, or where nothing is left at all."""
    check(parts, how, anatomy)
    combine = METHODS[how.method]
    merged: dict[Place, Kept] = {}
    for place in dict.fromkeys(place for part in parts for place in part.changes):
        found = [
            Piece(number, part.changes[place], part.strengths[place], place, anatomy.weights[place])
            for number, part in enumerate(parts)
            if place in part.changes and part.strengths[place] != 0
        ]
        kept = combine(found, how) if found else None
        if kept is not None and kept.change.rank:
            merged[place] = kept
    if not merged:
        raise ConfigError("nothing is left of these LoRAs: they cancel out, or their strengths are 0", "strength")
    return merged


def check(parts: Sequence[Part], how: Merge, anatomy: Anatomy) -> None:
    """Raise ConfigError for what cannot be done, before anything is computed."""
    if how.method != "concatenate" and how.limit == Limit():
        raise ConfigError(f"{how.method} needs --rank, or for svd --energy: the ranks of the result's layers", "rank")
    if how.method in ("ties", "dare") and how.limit.rank is None:
        raise ConfigError(f"{how.method} needs --rank: what it makes has no rank of its own", "rank")
    if how.method == "concatenate" and how.limit != Limit():
        raise ConfigError("concatenate keeps all of each LoRA: use --method svd for less", "rank")
    for part in parts:
        _check_kinds(part, how, anatomy)


def _check_kinds(part: Part, how: Merge, anatomy: Anatomy) -> None:
    strange = [(place, change) for place, change in part.changes.items() if not isinstance(change, LowRank)]
    if not strange:
        return
    place, change = strange[0]
    kind = type(change).__name__.replace("Dora", "DoRA")
    if how.limit.rank is None:
        message = f"{part.name} is a {kind} ('{place.module}'), which has no factors to add: give --method svd --rank N"
        raise ConfigError(f"{message} to have each of its layers approximated", "method")
    if any(place in anatomy.packed for place, _ in strange):
        message = (
            f"{part.name} is a {kind}, whose layers are taken out of the model's weights, which are kept in few bits"
        )
        raise ConfigError(f"{message}: name a model whose 'runtime.quantisation' is none", "model")


def _concatenate(pieces: Sequence[Piece], _how: Merge) -> Kept:
    return Kept(concatenate(*_factors(pieces)), 1.0)


def _svd(pieces: Sequence[Piece], how: Merge) -> Kept:
    if all(isinstance(piece.change, LowRank) for piece in pieces):
        return compress(concatenate(*_factors(pieces)), how.limit)
    return truncate(torch.stack([piece.difference for piece in pieces]).sum(0), how.limit, how.seed)


def _ties(pieces: Sequence[Piece], how: Merge) -> Kept:
    changes, strengths = zip(*(piece.plain for piece in pieces), strict=True)
    return truncate(ties(changes, strengths, how.density), how.limit, how.seed)


def _dare(pieces: Sequence[Piece], how: Merge) -> Kept:
    changes, strengths = zip(*(piece.plain for piece in pieces), strict=True)
    seeds = [seed_of(how.seed, piece.number, ".".join(piece.place)) for piece in pieces]
    return truncate(dare(changes, strengths, how.density, seeds), how.limit, how.seed)


def _factors(pieces: Sequence[Piece]) -> tuple[list[LowRank], list[float]]:
    changes = [piece.change for piece in pieces if isinstance(piece.change, LowRank)]
    return changes, [piece.strength for piece in pieces]


METHODS: Mapping[Method, Combine] = MappingProxyType(
    {"concatenate": _concatenate, "svd": _svd, "ties": _ties, "dare": _dare}
)
