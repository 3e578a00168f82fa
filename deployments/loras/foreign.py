"""Layers whose names are not the model's own (kohya's and ComfyUI's for FLUX, XLabs, SGM's for SDXL, BFL's for FLUX.2),
through the converter of diffusers that the family's pipeline has.

Converters drop what they do not know without a word. So each runs a second time, on tensors that are numbered instead
of real, to see which of them come out, and where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from configs.text import quoted
from deployments.loras.account import NO_PART, NOWHERE, Converted
from deployments.loras.changes import Change
from deployments.loras.keys import Anatomy, Place, without_component
from deployments.loras.layers import Judged, Layer, gather, judge, read_change
from deployments.loras.scales import Scale, Scales

# Some converters know the sides of a LoRA by kohya's names only, some by PEFT's.
_SPELLINGS = {"a": (".lora_down.", ".lora_A."), "b": (".lora_up.", ".lora_B.")}
_ERRORS = (ValueError, LookupError, AssertionError, AttributeError, NotImplementedError, RuntimeError, TypeError)


@dataclass(frozen=True, slots=True)
class Known:
    """A layer of a file that is whole, and how much it counts. It is lost as long as nobody knows where it belongs."""

    layer: Layer
    judged: Judged
    scale: Scale

    @property
    def simple(self) -> bool:
        """Whether a converter gets all of it: it is a LoRA, and nothing beside."""
        return self.judged.parts.keys() <= {"a", "b", "alpha"}

    def given(self, spelling: int) -> dict[str, torch.Tensor]:
        """What a converter gets of it: its A, and B with the scale within, since some forget alpha."""
        given = {}
        for part in self.judged.parts.keys() & {"a", "b"}:
            tensor, scale = self.judged.parts[part], self.scale.value if part == "b" else 1.0
            given[_spelled(self.layer.parts[part], part, spelling)] = tensor if scale == 1 else tensor.float() * scale
        return given


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came out of a converter: what each place gets, and the places that each given tensor came to."""

    parts: Mapping[Place, Mapping[str, torch.Tensor]]
    places: Mapping[str, tuple[Place, ...]]


def translate(
    result: Converted,
    tensors: Mapping[str, torch.Tensor],
    scales: Scales,
    layers: Mapping[str, Layer],
    anatomy: Anatomy,
) -> None:
    """Enter what `layers` of a file change, by their names in it, and account for each of their tensors."""
    lost: dict[str, Known] = {}
    for name, layer in layers.items():
        if not layer.parts.keys() & {"a", "b"}:
            for tensor in layer.names:
                owner = anatomy.find_owner(tensor)
                result.refuse((tensor,), NOWHERE if owner is None else f"is of {quoted(owner)}, but {NO_PART}")
            continue
        with result.accounting(layer.names):
            judged = judge(layer.pick(tensors))
            lost[name] = Known(layer, judged, scales.find(judged.wanted(without_component(name))))
    for spelling in range(2):
        remaining = _attempt(result, lost, spelling, anatomy) if lost else ()
        lost = {name: lost[name] for name in remaining}
    for known in lost.values():
        if any(tensor.any() for part, tensor in known.judged.parts.items() if part != "alpha"):
            result.refuse(known.layer.names, NOWHERE)
        else:
            result.skip(known.layer.names, "of zeros, of nothing in this model")


def _spelled(name: str, part: str, spelling: int) -> str:
    for written in _SPELLINGS.get(part, ()):
        name = name.replace(written, _SPELLINGS[part][spelling])
    return name


def _attempt(result: Converted, layers: Mapping[str, Known], spelling: int, anatomy: Anatomy) -> tuple[str, ...]:
    """Enter what the converter makes of `layers`; returns those that it does not know."""
    arrived = _run_twice({name: t for known in layers.values() for name, t in known.given(spelling).items()}, anatomy)
    if not arrived.places and len(layers) > 1:  # one layer makes a converter give up on all: find out which
        return tuple(name for name, known in layers.items() if _attempt(result, {name: known}, spelling, anatomy))
    lost = []
    for name, known in layers.items():
        with result.accounting(known.layer.names):
            changes = _changes(known, known.given(spelling), arrived, anatomy)
            if changes is None:
                lost.append(name)
            else:
                result.enter(known.layer.names, changes, known.scale)
    return tuple(lost)


def _changes(
    known: Known, given: Mapping[str, torch.Tensor], arrived: Arrived, anatomy: Anatomy
) -> Mapping[Place, Change] | None:
    """What a layer changes, by place; None if not all of it arrived anywhere."""
    if not given or not all(arrived.places.get(name) for name in given):
        return None
    places = dict.fromkeys(place for name in given for place in arrived.places[name])
    if known.simple:
        return {place: read_change(judge(arrived.parts[place], anatomy.shape(place)), 1.0) for place in places}
    place, *others = places
    same = [any(torch.equal(here, there) for there in arrived.parts[place].values()) for here in given.values()]
    # The converter has told the layer's name, and nothing else about it: so the rest of it is the place's, too.
    if others or not all(same):
        return None
    return {place: read_change(judge(known.judged.parts, anatomy.shape(place)), known.scale.value)}


def _run_twice(given: Mapping[str, torch.Tensor], anatomy: Anatomy) -> Arrived:
    names = list(given)
    numbered = {name: torch.tensor(float(i)).expand(given[name].shape) for i, name in enumerate(names, 1)}
    converted = _run(given, anatomy)
    traced = _run(numbered, anatomy) if converted else {}
    parts: dict[Place, dict[str, torch.Tensor]] = {}
    places: dict[str, list[Place]] = {}
    for name, layer in gather(converted).items():
        place = anatomy.find(name)
        if place is None:
            continue
        parts[place] = {part: converted[key] for part, key in layer.parts.items()}
        for key in layer.names:
            if key in traced and traced[key].numel():
                number = float(traced[key].flatten()[0])
                if number in range(1, len(names) + 1):
                    places.setdefault(names[int(number) - 1], []).append(place)
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
