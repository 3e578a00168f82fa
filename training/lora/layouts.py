"""An adapter's tensors as other programs name them: diffusers' layout, and kohya's, where several layers are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import torch

from configs.errors import ConfigError
from deployments.families.training import Trainable
from deployments.loras.joints import Joint, find_joints

Layout: TypeAlias = Literal["diffusers", "kohya"]
"""`diffusers`: the denoiser's own names, read by diffusers, PEFT and Atelier, and by ComfyUI for most families.
`kohya`: names with underscores, those of the model's first publication where it has some, alpha beside each layer."""

Tensors: TypeAlias = Mapping[str, torch.Tensor]
_A, _B, _MAGNITUDE = ".lora_A.weight", ".lora_B.weight", ".lora_magnitude_vector"


def component_of(trainable: Trainable) -> str:
    """What the pipeline calls the denoiser: `transformer` or `unet`."""
    names = ("transformer", "unet")
    return next(name for name in names if getattr(trainable.pipeline, name, None) is trainable.denoiser)


def to_diffusers(tensors: Tensors, component: str) -> dict[str, torch.Tensor]:
    """PEFT's names with the component in front."""
    return {f"{component}.{name}": value for name, value in tensors.items()}


def from_diffusers(tensors: Tensors, component: str) -> dict[str, torch.Tensor]:
    """The other way."""
    return {name.removeprefix(f"{component}."): value for name, value in tensors.items()}


def to_kohya(tensors: Tensors, denoiser: Any, scale: float) -> dict[str, torch.Tensor]:
    """PEFT's tensors of `denoiser`, whose products count `scale` times, as kohya's trainers write them.

    Layers that are one to them (q, k and v, say) become one of as many times the rank, block by block along the
    diagonal, which is the same change. Raises ConfigError for a DoRA of some of the layers of such a one.
    """
    layers = _layers(tensors)
    written: dict[str, torch.Tensor] = {}
    joined: set[str] = set()
    for name, joint in _dotted(denoiser, layers).items():
        written |= _entry(name, _join(name, joint, layers, denoiser), scale)
        joined.update(joint.modules)
    for name in layers.keys() - joined:
        written |= _entry(name, layers[name], scale)
    return dict(sorted(written.items()))


def _layers(tensors: Tensors) -> dict[str, dict[str, torch.Tensor]]:
    """By layer: `a` [r, in], `b` [out, r], and `magnitude` [out] of a DoRA."""
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        for suffix, part in ((_A, "a"), (_B, "b"), (_MAGNITUDE, "magnitude")):
            if name.endswith(suffix):
                found.setdefault(name.removesuffix(suffix), {})[part] = value
    return found


def _dotted(denoiser: Any, layers: Iterable[str]) -> dict[str, Joint]:
    """The joint layers that `layers` are of, by their names with dots."""
    names, known = set(layers), {name for name, _ in denoiser.named_modules()}
    joints = find_joints(denoiser, known)
    return {name: joint for name, joint in joints.items() if "." in name and names.intersection(joint.modules)}


def _join(
    name: str, joint: Joint, layers: Mapping[str, Mapping[str, torch.Tensor]], denoiser: Any
) -> dict[str, torch.Tensor]:
    own = [layers.get(module) for module in joint.modules]
    present = [one for one in own if one is not None]
    blocks = [
        one["b"] if one is not None else torch.zeros(denoiser.get_submodule(module).out_features, 0)
        for module, one in zip(joint.modules, own, strict=True)
    ]
    joined = {"a": torch.cat([one["a"] for one in present]), "b": _ordered(_placed(blocks), joint.swapped)}
    magnitudes = [one["magnitude"] for one in present if "magnitude" in one]
    if magnitudes:
        if len(magnitudes) != len(own):
            raise ConfigError(
                f"kohya's layout has no DoRA of a part of {name}: export it in diffusers' layout", "layout"
            )
        joined["magnitude"] = _ordered(torch.cat(magnitudes), joint.swapped)
    return joined


def _placed(blocks: Sequence[torch.Tensor]) -> torch.Tensor:
    """Blocks [out, r] along the diagonal of one matrix; those of rank 0 are rows of zeros."""
    whole = next(block for block in blocks if block.numel()).new_zeros(
        sum(len(block) for block in blocks), sum(block.shape[1] for block in blocks)
    )
    row = column = 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole


def _ordered(outputs: torch.Tensor, swapped: bool) -> torch.Tensor:
    return torch.cat(outputs.chunk(2)[::-1]) if swapped else outputs


def _entry(name: str, layer: Mapping[str, torch.Tensor], scale: float) -> dict[str, torch.Tensor]:
    prefix = f"lora_unet_{name.replace('.', '_')}"
    entry = {
        f"{prefix}.lora_down.weight": layer["a"].contiguous(),
        f"{prefix}.lora_up.weight": layer["b"].contiguous(),
        f"{prefix}.alpha": torch.tensor(scale * layer["a"].shape[0], dtype=torch.float32),
    }
    if "magnitude" in layer:
        entry[f"{prefix}.dora_scale"] = layer["magnitude"].reshape(-1, 1).contiguous()
    return entry
