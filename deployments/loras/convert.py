"""From a LoRA file in any published key layout to changes of the model's own modules, with an account of every key.

Names that are the model's own, however spelled, and those in `joints`, are read here, with every kind of change. All
others go through diffusers' converters, in `foreign`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from deployments.loras.changes import Change
from deployments.loras.foreign import translate
from deployments.loras.joints import Joint, split
from deployments.loras.keys import Anatomy, Place, format_of
from deployments.loras.layers import Converted, Settings, gather, read_change


def convert(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str], anatomy: Anatomy) -> Converted:
    """The changes that `tensors` make to the model of that anatomy. Nothing is refused here: see `preflight`."""
    result = Converted(format_of(tensors, metadata), len(tensors))
    of_denoiser = Settings.read(metadata, anatomy.denoiser)
    foreign: dict[str, dict[str, str]] = {}
    for layer, names in gather(tensors).items():
        parts = {part: tensors[name] for part, name in names.items()}
        place, joint = anatomy.find(layer), anatomy.find_joint(layer)
        if place is not None:
            change = read_change(parts, Settings.read(metadata, place.component), place.module)
            result.enter({place: change}, names.values(), anatomy)
        elif joint is not None:
            try:
                changes = _split(read_change(parts, of_denoiser, joint.modules[0]), joint, anatomy)
            except ValueError:
                result.misfits += names.values()
            else:
                result.enter(changes, names.values(), anatomy)
        else:
            foreign[layer] = names
    translate(result, tensors, of_denoiser, foreign, anatomy)
    return result


def _split(change: Change | None, joint: Joint, anatomy: Anatomy) -> Mapping[Place, Change | None]:
    """A joint layer's change by place; None for each if it cannot be taken apart. Raises ValueError if it is of
    another size."""
    places = [Place(anatomy.denoiser, module) for module in joint.modules]
    outputs = [anatomy.shape(place)[0] for place in places]
    changes = split(change, outputs, joint.swapped) if change is not None else None
    return dict.fromkeys(places) if changes is None else dict(zip(places, changes, strict=True))
