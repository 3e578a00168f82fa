"""From a LoRA file in any published key layout to changes of the model's own modules, with an account of every key.

Names that are the model's own, however spelled, are read here, with every kind of change. Layouts with other names
(kohya's and ComfyUI's for FLUX, XLabs) go through diffusers' converters. Those drop what they do not know without a
word; so they run a second time on tensors that are numbered instead of real, to see which of them come out.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from deployments.loras.changes import Change, Dora, LoKr, LowRank
from deployments.loras.keys import Anatomy, Format, Place, format_of, take_apart

_METADATA = "lora_adapter_metadata"  # where diffusers writes PEFT's settings
_CONVERTER_ERRORS = (ValueError, KeyError, AssertionError, AttributeError, NotImplementedError, RuntimeError, TypeError)


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


def convert(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str], anatomy: Anatomy) -> Converted:
    """The changes that `tensors` make to the model of that anatomy. Nothing is refused here: see `preflight`."""
    result = Converted(format_of(tensors, metadata), len(tensors))
    foreign: dict[str, Mapping[str, str]] = {}
    for layer, parts in _layers(tensors).items():
        place = anatomy.find(layer)
        if place is None:
            foreign[layer] = parts
            continue
        settings = Settings.read(metadata, place.component)
        change = _change({part: tensors[name] for part, name in parts.items()}, settings, place)
        _enter(result, place, change, list(parts.values()), anatomy)
    if foreign:
        _convert_foreign(result, tensors, foreign, anatomy)
    return result


def _layers(tensors: Mapping[str, torch.Tensor]) -> dict[str, dict[str, str]]:
    """Layer → part → name. A name without a known part is a layer of its own."""
    layers: dict[str, dict[str, str]] = defaultdict(dict)
    for name in tensors:
        key = take_apart(name)
        layers[key.layer][key.part] = name
    return layers


def _enter(result: Converted, place: Place, change: Change | None, names: list[str], anatomy: Anatomy) -> None:
    if change is None:
        result.unknown += names
    elif not change.fits(anatomy.weights[place].shape):
        result.misfits += names
    else:
        result.changes[place] = change


def _change(parts: Mapping[str, torch.Tensor], settings: Settings, place: Place) -> Change | None:
    """The change that a layer's tensors describe; None if they describe none that is known."""
    kinds = parts.keys() - {"alpha"}
    alpha = float(parts["alpha"]) if "alpha" in parts else None
    if {"a", "b"} <= kinds <= {"a", "b", "magnitude"}:
        a, b = parts["a"], parts["b"]
        scale = settings.scale(place.module, a.shape[0]) if alpha is None else alpha / a.shape[0]
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


def _baked(tensors: Mapping[str, torch.Tensor], foreign: Mapping[str, Mapping[str, str]]) -> dict[str, torch.Tensor]:
    """Foreign tensors as converters like them best: called down and up, alpha in the latter (they forget some)."""
    baked: dict[str, torch.Tensor] = {}
    for parts in foreign.values():
        for part, name in parts.items():
            tensor = tensors[name]
            if part == "b" and "alpha" in parts and "a" in parts:
                tensor = tensor.float() * (float(tensors[parts["alpha"]]) / tensors[parts["a"]].shape[0])
            if part != "alpha":
                baked[_renamed(name)] = tensor
    return baked


def _renamed(name: str) -> str:
    return name.replace(".lora_A.", ".lora_down.").replace(".lora_B.", ".lora_up.")


def _convert_foreign(
    result: Converted,
    tensors: Mapping[str, torch.Tensor],
    foreign: Mapping[str, Mapping[str, str]],
    anatomy: Anatomy,
) -> None:
    baked = _baked(tensors, foreign)
    converted = _run_converter(anatomy, baked)
    if not converted and len(foreign) > 1:
        for layer, parts in foreign.items():  # one layer makes a converter give up on all: find out which
            _convert_foreign(result, tensors, {layer: parts}, anatomy)
        return
    arrived = _enter_converted(result, converted, baked, anatomy)
    for parts in foreign.values():
        fates = {arrived.get(_renamed(name), "lost") for part, name in parts.items() if part != "alpha"}
        if "misfit" in fates:
            result.misfits += parts.values()
        elif "lost" in fates and any(tensors[name].any() for part, name in parts.items() if part != "alpha"):
            result.unknown += parts.values()


def _enter_converted(
    result: Converted, converted: dict[str, torch.Tensor], baked: dict[str, torch.Tensor], anatomy: Anatomy
) -> dict[str, str]:
    """Enter what fits; returns, for each of the tensors that came out again, whether it `fits` or is a `misfit`."""
    names, arrived = list(baked), {}
    numbered = {name: torch.tensor(float(i)).expand(baked[name].shape) for i, name in enumerate(names)}
    traced = _run_converter(anatomy, numbered) if converted else {}
    for layer, parts in _layers(converted).items():
        place = anatomy.find(layer)
        change = _change({part: converted[key] for part, key in parts.items()}, Settings(), place) if place else None
        if place is None or change is None:
            continue
        fits = change.fits(anatomy.weights[place].shape)
        if fits:
            result.changes[place] = change
        for key in parts.values():
            if key in traced:
                arrived[names[round(float(traced[key].flatten()[0]))]] = "fits" if fits else "misfit"
    return arrived


def _run_converter(anatomy: Anatomy, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Empty if the converter gives up."""
    try:
        converted = anatomy.pipeline.lora_state_dict(dict(tensors))
    except _CONVERTER_ERRORS:
        return {}
    state: dict[str, torch.Tensor] = converted[0] if isinstance(converted, tuple) else converted
    return state
