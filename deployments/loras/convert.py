"""From a LoRA file in any published key layout to changes of the model's own modules, with an account of every key.

Names that are the model's own, however spelled, and those in `joints`, are read here, with every kind of change. All
others go through diffusers' converters, in `foreign`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from deployments.loras.account import Converted
from deployments.loras.foreign import translate
from deployments.loras.joints import split
from deployments.loras.keys import Anatomy, Place, format_of, is_bias, without_component
from deployments.loras.layers import Layer, gather, read
from deployments.loras.scales import Scales


def convert(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str], anatomy: Anatomy) -> Converted:
    """The changes that `tensors` make to the model of that anatomy. Nothing is refused here: see `preflight`."""
    result = Converted(format_of(tensors, metadata), len(tensors))
    components = {place.component for place in anatomy.weights}
    scales = {component: Scales.read(metadata, component) for component in components}
    foreign: dict[str, Layer] = {}
    for name, why in _aside(tensors).items():
        result.skip((name,), why)
    for name, layer in gather(name for name in tensors if name not in result.skipped).items():
        places, swapped = _find(name, anatomy)
        if not places:
            foreign[name] = layer
            continue
        with result.accounting(layer.names):
            shapes = [anatomy.shape(place) for place in places]
            whole = torch.Size([sum(shape[0] for shape in shapes), *shapes[0][1:]])
            change, scale = read(tensors, layer, without_component(name), scales[places[0].component], whole)
            changes = split(change, [shape[0] for shape in shapes], swapped)
            result.enter(layer.names, dict(zip(places, changes, strict=True)), scale)
    translate(result, tensors, scales[anatomy.denoiser], foreign, anatomy)
    return result


def _aside(tensors: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """What a file may hold beside changes of weights, and why it counts for nothing."""
    bundled = {name: "an embedding that OneTrainer bundled" for name in tensors if name.startswith("bundle_emb.")}
    biases = (name for name in tensors if is_bias(name))
    return bundled | {name: "a bias of zeros" for name in biases if not tensors[name].any()}


def _find(layer: str, anatomy: Anatomy) -> tuple[list[Place], bool]:
    """The modules that a file calls `layer`, in the order of its outputs (one, if it calls them what the model does;
    none, if it is neither here nor in `joints`), and whether those have their halves the other way round."""
    place = anatomy.find(layer)
    if place is not None:
        return [place], False
    joint = anatomy.find_joint(layer)
    if joint is None:
        return [], False
    return [Place(anatomy.denoiser, module) for module in joint.modules], joint.swapped
