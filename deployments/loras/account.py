"""What became of every tensor of a LoRA's file: each is exactly one of used, skipped, unknown or a misfit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from deployments.loras.changes import Change
from deployments.loras.faults import Empty, Misfit, Unusable
from deployments.loras.keys import Format, Place
from deployments.loras.scales import Scale

NOWHERE = "is of nothing in this model"
"""Why a tensor is unknown whose layer nobody here knows."""


NO_PART = "no part of a LoRA, DoRA or LoKr"
"""What a tensor is that is of a layer of the model."""


@dataclass(slots=True)
class Converted:
    """What a file holds, of `total` tensors. Those `used` became `changes`, at `scales`. Of the others, by name, each
    with the reason: `skipped` change nothing, `unknown` are nothing that can be used here, `misfits` are of a layer of
    another size."""

    format: Format
    total: int
    changes: dict[Place, Change] = field(default_factory=dict)
    scales: Counter[Scale] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    misfits: dict[str, str] = field(default_factory=dict)

    @property
    def matched(self) -> int:
        return len(self.used)

    @property
    def rank(self) -> int:
        """The largest; 0 where rank means nothing."""
        return max((change.rank or 0 for change in self.changes.values()), default=0)

    @contextmanager
    def accounting(self, names: Collection[str]) -> Iterator[None]:
        """Read a layer, whose tensors are `names`, and enter it, within: if that raises Unusable, they are accounted
        for by what it says."""
        try:
            yield
        except Empty as why:
            self.skip(names, str(why))
        except Misfit as why:
            self.misfits |= dict.fromkeys(names, str(why))
        except Unusable as why:
            self.refuse(names, str(why))

    def enter(self, names: Collection[str], changes: Mapping[Place, Change], scale: Scale) -> None:
        """Take over what the tensors `names` of a layer change. Raises Unusable for a place that is changed already:
        loaders disagree on whether the two add up or the last one counts, and no trainer writes it."""
        taken = next((place for place in changes if place in self.changes), None)
        if taken is not None:
            raise Unusable(f"is of '{taken.module}', which another layer of the file changes too, under another name")
        self.changes |= changes
        self.scales[scale] += 1
        self.used.update(names)

    def skip(self, names: Iterable[str], why: str) -> None:
        """These change nothing, and that is meant."""
        self.skipped |= dict.fromkeys(names, why)

    def refuse(self, names: Iterable[str], why: str) -> None:
        """These can not be used here."""
        self.unknown |= dict.fromkeys(names, why)
