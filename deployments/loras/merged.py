"""The exclusive path, for adapters that slots cannot hold: merged into the weights, and out again to the last bit."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import torch

from configs.errors import StageError
from deployments.loras.changes import Change
from deployments.loras.keys import Anatomy, Place


@dataclass(frozen=True, slots=True)
class Part:
    """One adapter's changes and the strength at which they are merged."""

    changes: Mapping[Place, Change]
    strength: float


class Merged:
    """The weights of one pipeline and what is merged into them. Used by the thread that runs the model.

    The originals wait on the host, because next to the model there may be no room for a second one.
    """

    def __init__(self, anatomy: Anatomy) -> None:
        self._anatomy = anatomy
        self._originals: dict[Place, torch.Tensor] = {}
        self._worn: Hashable | None = None

    @property
    def worn(self) -> Hashable | None:
        """The key of what is merged now; None for the model as it is."""
        return self._worn

    def apply(self, key: Hashable, parts: Sequence[Part]) -> None:
        """Merge `parts` and nothing else. Nothing happens if `key` is merged already. If it fails, nothing is merged.
        Raises StageError for weights kept in few bits.

        Several changes of one weight add up, each computed from the original.
        """
        if key == self._worn:
            return
        self.clear()
        try:
            with torch.no_grad():
                for place in dict.fromkeys(place for part in parts for place in part.changes):
                    self._merge(place, parts)
        except BaseException:
            self.clear()
            raise
        self._worn = key

    def clear(self) -> None:
        """Put the original bits back."""
        with torch.no_grad():
            for place, original in self._originals.items():
                self._anatomy.weights[place].copy_(original)
        self._originals.clear()
        self._worn = None

    def _merge(self, place: Place, parts: Sequence[Part]) -> None:
        if place in self._anatomy.packed:
            raise StageError(f"'{place.module}' is kept in few bits: nothing can be merged into it", "loras")
        weight = self._anatomy.weights[place]
        new = blend(weight, place, parts)
        self._originals[place] = weight.detach().to("cpu", copy=True)
        weight.copy_(new)


def blend(weight: torch.Tensor, place: Place, parts: Sequence[Part]) -> torch.Tensor:
    """`weight` with what `parts` change of it, each computed from `weight` itself; a new tensor."""
    mine = [(part.changes[place], part.strength) for part in parts if place in part.changes]
    if len(mine) == 1:
        return mine[0][0].merged(weight, mine[0][1])
    before = weight.float()
    new = before.clone()
    for change, strength in mine:
        new += change.merged(before, strength) - before
    return new.to(weight.dtype)
