"""Layers whose names are not the model's own (kohya's and ComfyUI's for FLUX, XLabs, SGM's for SDXL, BFL's for FLUX.2),
through the converter of diffusers that the family's pipeline has.

Converters drop what they do not know without a word. So each runs a second time, on tensors that are numbered instead
of real, to see which of them come out, and where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from deployments.loras.changes import Change
from deployments.loras.keys import Anatomy, Place
from deployments.loras.layers import Converted, Settings, gather, read_change

# Some converters know the sides of a LoRA by kohya's names only, some by PEFT's.
_SPELLINGS = {"a": (".lora_down.", ".lora_A."), "b": (".lora_up.", ".lora_B.")}
_ERRORS = (ValueError, LookupError, AssertionError, AttributeError, NotImplementedError, RuntimeError, TypeError)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a file: its tensors by part, and what a converter gets of it, alpha within. It is `lost` as long as
    nobody knows where it belongs."""

    parts: Mapping[str, torch.Tensor]
    names: tuple[str, ...]
    given: Mapping[str, torch.Tensor]

    @property
    def simple(self) -> bool:
        """Whether a converter gets all of it: it is a LoRA, and nothing beside."""
        return self.parts.keys() <= {"a", "b", "alpha", ""}


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came out of a converter: what each place gets, and the places that each given tensor came to."""

    parts: Mapping[Place, Mapping[str, torch.Tensor]]
    places: Mapping[str, tuple[Place, ...]]


def translate(
    result: Converted,
    tensors: Mapping[str, torch.Tensor],
    settings: Settings,
    layers: Mapping[str, Mapping[str, str]],
    anatomy: Anatomy,
) -> None:
    """Enter what `layers` (layer → part → name) of a file change, and account for each of their keys."""
    lost = dict(layers)
    for spelling in range(2):
        read = {layer: _read(tensors, lost[layer], settings, spelling) for layer in lost}
        remaining = _attempt(result, read, anatomy) if read else ()
        lost = {layer: lost[layer] for layer in remaining}
    for parts in lost.values():
        if any(tensors[name].any() for part, name in parts.items() if part != "alpha"):
            result.unknown += parts.values()


def _read(tensors: Mapping[str, torch.Tensor], names: Mapping[str, str], settings: Settings, spelling: int) -> Layer:
    """A layer as converters like it best: in their spelling, with alpha in B (they forget some)."""
    parts = {part: tensors[name] for part, name in names.items()}
    given = {}
    for part, name in names.items():
        tensor = tensors[name]
        if part == "b" and "a" in parts:
            rank = parts["a"].shape[0]
            scale = float(parts["alpha"]) / rank if "alpha" in parts else settings.scale(name, rank)
            tensor = tensor if scale == 1 else tensor.float() * scale
        if part in ("a", "b", ""):
            given[_spelled(name, part, spelling)] = tensor
    return Layer(parts, tuple(names.values()), given)


def _spelled(name: str, part: str, spelling: int) -> str:
    for written in _SPELLINGS.get(part, ()):
        name = name.replace(written, _SPELLINGS[part][spelling])
    return name


def _attempt(result: Converted, layers: Mapping[str, Layer], anatomy: Anatomy) -> tuple[str, ...]:
    """Enter what the converter makes of `layers`; returns those that it does not know."""
    arrived = _run_twice({name: t for layer in layers.values() for name, t in layer.given.items()}, anatomy)
    if not arrived.places and len(layers) > 1:  # one layer makes a converter give up on all: find out which
        return tuple(name for name, layer in layers.items() if _attempt(result, {name: layer}, anatomy))
    lost = []
    for name, layer in layers.items():
        changes = _changes(layer, arrived)
        if changes is None:
            lost.append(name)
        else:
            result.enter(changes, layer.names, anatomy)
    return tuple(lost)


def _changes(layer: Layer, arrived: Arrived) -> Mapping[Place, Change | None] | None:
    """What a layer changes, by place; None if not all of it arrived anywhere."""
    if not layer.given or not all(arrived.places.get(name) for name in layer.given):
        return None
    places = dict.fromkeys(place for name in layer.given for place in arrived.places[name])
    if layer.simple:
        return {place: read_change(arrived.parts[place], Settings(), place.module) for place in places}
    place, *others = places
    same = [any(torch.equal(here, there) for there in arrived.parts[place].values()) for here in layer.given.values()]
    # The converter has told the layer's name, and nothing else about it: so the rest of it is the place's, too.
    return None if others or not all(same) else {place: read_change(layer.parts, Settings(), place.module)}


def _run_twice(given: Mapping[str, torch.Tensor], anatomy: Anatomy) -> Arrived:
    names = list(given)
    numbered = {name: torch.tensor(float(i)).expand(given[name].shape) for i, name in enumerate(names, 1)}
    converted = _run(given, anatomy)
    traced = _run(numbered, anatomy) if converted else {}
    parts: dict[Place, dict[str, torch.Tensor]] = {}
    places: dict[str, list[Place]] = {}
    for layer, keys in gather(converted).items():
        place = anatomy.find(layer)
        if place is None:
            continue
        parts[place] = {part: converted[key] for part, key in keys.items()}
        for key in keys.values():
            if key in traced:
                first = traced[key][(0,) * traced[key].ndim]
                places.setdefault(names[round(float(first)) - 1], []).append(place)
    return Arrived(parts, {name: tuple(found) for name, found in places.items()})


def _run(tensors: Mapping[str, torch.Tensor], anatomy: Anatomy) -> dict[str, torch.Tensor]:
    """What the converter makes of them; empty if it gives up."""
    settings = {"unet_config": anatomy.config} if anatomy.denoiser == "unet" else {}
    try:
        converted = anatomy.pipeline.lora_state_dict(dict(tensors), **settings)
    except _ERRORS:
        return {}
    state: dict[str, torch.Tensor] = converted[0] if isinstance(converted, tuple) else converted
    return state
