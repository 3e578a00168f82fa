"""What a file says of one layer, read as a change; and the account of what became of every key."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from deployments.loras.changes import Change, Dora, LoKr, LowRank
from deployments.loras.keys import Anatomy, Format, Place, take_apart

_METADATA = "lora_adapter_metadata"  # where diffusers writes PEFT's settings


@dataclass(slots=True)
class Converted:
    """What a file holds. `matched` of its `total` keys became `changes`; `unknown` names those that are of no module
    of this model, `misfits` those of a module whose weight has another shape."""

    format: Format
    total: int
    changes: dict[Place, Change] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)

    @property
    def matched(self) -> int:
        return self.total - len(self.unknown) - len(self.misfits)

    @property
    def rank(self) -> int:
        """The largest; 0 where rank means nothing."""
        return max((change.rank or 0 for change in self.changes.values()), default=0)

    def enter(self, changes: Mapping[Place, Change | None], names: Iterable[str], anatomy: Anatomy) -> None:
        """Account for the keys of a layer, which are `changes` of these places: all of them, or none if one is not
        to be understood or does not fit."""
        read = {place: change for place, change in changes.items() if change is not None}
        if len(read) < len(changes) or not changes:
            self.unknown += names
        elif not all(change.fits(anatomy.shape(place)) for place, change in read.items()):
            self.misfits += names
        else:
            self.changes |= read


@dataclass(frozen=True, slots=True)
class Settings:
    """PEFT's settings of one adapter, as far as they scale it."""

    alpha: float | None = None
    pattern: Mapping[str, float] = field(default_factory=dict)
    root: bool = False

    @classmethod
    def read(cls, metadata: Mapping[str, str], component: str) -> Settings:
        """Those of a component, from a file's metadata; empty if they are not there."""
        try:
            found: Any = json.loads(metadata.get(_METADATA, "{}"))
        except ValueError:
            found = {}
        mine = {k.removeprefix(f"{component}."): v for k, v in found.items()} if isinstance(found, dict) else {}
        return cls(mine.get("lora_alpha"), mine.get("alpha_pattern") or {}, bool(mine.get("use_rslora")))

    def scale(self, module: str, rank: int) -> float:
        """alpha / r of a module; 1 where the file says nothing."""
        alpha = next((v for k, v in self.pattern.items() if f".{module}".endswith("." + k.lstrip("^"))), self.alpha)
        if alpha is None:
            return 1.0
        return alpha / (math.sqrt(rank) if self.root else rank)


NO_SETTINGS = Settings()


def gather(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Layer → part → name. A name without a known part is a layer of its own."""
    layers: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        key = take_apart(name)
        layers[key.layer][key.part] = name
    return layers


def read_change(parts: Mapping[str, torch.Tensor], settings: Settings, module: str) -> Change | None:
    """The change that a layer's tensors describe; None if they describe none that is known."""
    kinds = parts.keys() - {"alpha"}
    alpha = float(parts["alpha"]) if "alpha" in parts else None
    if {"a", "b"} <= kinds <= {"a", "b", "magnitude"}:
        a, b = parts["a"], parts["b"]
        scale = settings.scale(module, a.shape[0]) if alpha is None else alpha / a.shape[0]
        low_rank = LowRank(a, b if scale == 1 else b.float() * scale)
        return Dora(low_rank, parts["magnitude"]) if "magnitude" in kinds else low_rank
    left, right = _factor(parts, "w1"), _factor(parts, "w2")
    if left is None or right is None:
        return None
    ranks = [parts[name].shape[0] for name in ("w2_b", "w1_b") if name in parts]
    return LoKr(left * (alpha / ranks[0] if alpha is not None and ranks else 1.0), right)


def _factor(parts: Mapping[str, torch.Tensor], name: str) -> torch.Tensor | None:
    if name in parts:
        return parts[name].float()
    if {f"{name}_a", f"{name}_b"} <= parts.keys():
        return parts[f"{name}_a"].float() @ parts[f"{name}_b"].float()
    return None
