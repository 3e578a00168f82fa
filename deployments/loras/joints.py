"""Layers that trainers see as one, or call by the names of a model's first publication, and that no converter of
diffusers' takes apart for every model: FLUX's `linear1` it splits for one width only, SD3's names it does not know."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from deployments.loras.changes import Change, Dora, LoKr, LowRank
from deployments.loras.faults import Unusable

_DOUBLE, _SINGLE = "transformer_blocks.{}", "single_transformer_blocks.{}"
_BLACK_FOREST = {
    "double_blocks.{}.img_attn.qkv": [f"{_DOUBLE}.attn.to_{letter}" for letter in "qkv"],
    "double_blocks.{}.txt_attn.qkv": [f"{_DOUBLE}.attn.add_{letter}_proj" for letter in "qkv"],
    "double_blocks.{}.img_attn.proj": [f"{_DOUBLE}.attn.to_out.0"],
    "double_blocks.{}.txt_attn.proj": [f"{_DOUBLE}.attn.to_add_out"],
}
_FLUX = {
    **_BLACK_FOREST,
    "double_blocks.{}.img_mlp.0": [f"{_DOUBLE}.ff.net.0.proj"],
    "double_blocks.{}.img_mlp.2": [f"{_DOUBLE}.ff.net.2"],
    "double_blocks.{}.txt_mlp.0": [f"{_DOUBLE}.ff_context.net.0.proj"],
    "double_blocks.{}.txt_mlp.2": [f"{_DOUBLE}.ff_context.net.2"],
    "double_blocks.{}.img_mod.lin": [f"{_DOUBLE}.norm1.linear"],
    "double_blocks.{}.txt_mod.lin": [f"{_DOUBLE}.norm1_context.linear"],
    "single_blocks.{}.linear1": [*(f"{_SINGLE}.attn.to_{letter}" for letter in "qkv"), f"{_SINGLE}.proj_mlp"],
    "single_blocks.{}.linear2": [f"{_SINGLE}.proj_out"],
    "single_blocks.{}.modulation.lin": [f"{_SINGLE}.norm.linear"],
}
_PICTURE, _TEXT = "joint_blocks.{}.x_block", "joint_blocks.{}.context_block"
_SD3 = {
    f"{_PICTURE}.attn.qkv": [f"transformer_blocks.{{}}.attn.to_{letter}" for letter in "qkv"],
    f"{_TEXT}.attn.qkv": [f"transformer_blocks.{{}}.attn.add_{letter}_proj" for letter in "qkv"],
    f"{_PICTURE}.attn2.qkv": [f"transformer_blocks.{{}}.attn2.to_{letter}" for letter in "qkv"],
    f"{_PICTURE}.attn.proj": ["transformer_blocks.{}.attn.to_out.0"],
    f"{_PICTURE}.attn2.proj": ["transformer_blocks.{}.attn2.to_out.0"],
    f"{_TEXT}.attn.proj": ["transformer_blocks.{}.attn.to_add_out"],
    f"{_PICTURE}.mlp.fc1": ["transformer_blocks.{}.ff.net.0.proj"],
    f"{_PICTURE}.mlp.fc2": ["transformer_blocks.{}.ff.net.2"],
    f"{_TEXT}.mlp.fc1": ["transformer_blocks.{}.ff_context.net.0.proj"],
    f"{_TEXT}.mlp.fc2": ["transformer_blocks.{}.ff_context.net.2"],
    f"{_PICTURE}.adaLN_modulation.1": ["transformer_blocks.{}.norm1.linear"],
    f"{_TEXT}.adaLN_modulation.1": ["transformer_blocks.{}.norm1_context.linear"],
    "x_embedder.proj": ["pos_embed.proj"],
    "t_embedder.mlp.0": ["time_text_embed.timestep_embedder.linear_1"],
    "t_embedder.mlp.2": ["time_text_embed.timestep_embedder.linear_2"],
    "y_embedder.mlp.0": ["time_text_embed.text_embedder.linear_1"],
    "y_embedder.mlp.2": ["time_text_embed.text_embedder.linear_2"],
    "final_layer.linear": ["proj_out"],
    "final_layer.adaLN_modulation.1": ["norm_out.linear"],
}
# diffusers' converter for LoRAs forgets to exchange the halves that its converter for checkpoints exchanges.
_FLUX2 = {
    **_BLACK_FOREST,
    "double_blocks.{}.img_mlp.0": [f"{_DOUBLE}.ff.linear_in"],
    "double_blocks.{}.img_mlp.2": [f"{_DOUBLE}.ff.linear_out"],
    "double_blocks.{}.txt_mlp.0": [f"{_DOUBLE}.ff_context.linear_in"],
    "double_blocks.{}.txt_mlp.2": [f"{_DOUBLE}.ff_context.linear_out"],
    "single_blocks.{}.linear1": [f"{_SINGLE}.attn.to_qkv_mlp_proj"],
    "single_blocks.{}.linear2": [f"{_SINGLE}.attn.to_out"],
    "final_layer.adaLN_modulation.1": ["norm_out.linear"],
}
_NAMES = {"FluxTransformer2DModel": _FLUX, "Flux2Transformer2DModel": _FLUX2, "SD3Transformer2DModel": _SD3}


@dataclass(frozen=True, slots=True)
class Joint:
    """The modules of the denoiser that are one layer to a trainer, in the order of its outputs. In `swapped` ones
    diffusers has the two halves of the outputs the other way round."""

    modules: tuple[str, ...]
    swapped: bool = False


def find_joints(denoiser: nn.Module, weights: Collection[str]) -> dict[str, Joint]:
    """Those of a denoiser whose modules in `weights` a LoRA can change, by their trainers' names, dotted and with
    underscores. Empty for a denoiser whose trainers have no names of their own."""
    found: dict[str, Joint] = {}
    for theirs, ours in _NAMES.get(type(denoiser).__name__, {}).items():
        for index in _indices(denoiser, ours[0]):
            modules = tuple(name.format(index) for name in ours)
            if all(name in weights for name in modules):
                joint = Joint(modules, _is_swapped(denoiser, modules[0]))
                name = theirs.format(index)
                found |= {name: joint, name.replace(".", "_"): joint}
    return found


def split(change: Change, outputs: Sequence[int], swapped: bool) -> list[Change]:
    """A joint layer's change, which fits it, as one change for each of its modules, which have so many outputs. Ranks
    that add nothing to a module are left out: trainers that keep q, k and v apart store them as one sparse matrix.
    A LoKr becomes rows of the same product. Raises Unusable where a change of its kind cannot be taken apart."""
    if len(outputs) == 1 and not swapped:
        return [change]
    if not isinstance(change, Dora):
        return [*_split(change, outputs, swapped)]
    if change.by_input:
        raise Unusable("is a DoRA by inputs of a layer that is several layers in this model, and cannot be taken apart")
    parts = _split(change.change, outputs, swapped)
    magnitudes = _rows(change.magnitude.flatten(), outputs)
    return [Dora(part, _ordered(own, swapped)) for part, own in zip(parts, magnitudes, strict=True)]


def _split(change: Change, outputs: Sequence[int], swapped: bool) -> Sequence[LowRank | LoKr]:
    if isinstance(change, LoKr):
        if swapped:
            raise Unusable("is a LoKr of a layer whose halves are the other way round in this model")
        ends = [*itertools.accumulate(outputs)]
        return [change.part(end - count, end) for end, count in zip(ends, outputs, strict=True)]
    if not isinstance(change, LowRank):
        raise Unusable("is of a layer that is several layers in this model, and cannot be taken apart")
    return [_trimmed(change.a, _ordered(b, swapped)) for b in _rows(change.b, outputs)]


def _rows(tensor: torch.Tensor, counts: Sequence[int]) -> tuple[torch.Tensor, ...]:
    return torch.split_with_sizes(tensor, list(counts))


def _ordered(outputs: torch.Tensor, swapped: bool) -> torch.Tensor:
    return torch.cat(outputs.chunk(2)[::-1]) if swapped else outputs


def _trimmed(a: torch.Tensor, b: torch.Tensor) -> LowRank:
    used = b.transpose(0, 1).flatten(1).ne(0).any(1)
    if not used.any():
        used[0] = True
    return LowRank(a, b) if used.all() else LowRank(a[used], b[:, used])


def _indices(denoiser: nn.Module, name: str) -> Iterable[int]:
    root, numbered, _ = name.partition(".{}.")
    return range(len(list(denoiser.get_submodule(root).children()))) if numbered else (0,)


def _is_swapped(denoiser: nn.Module, name: str) -> bool:
    """diffusers' last norms read scale and shift, those of the publications shift and scale."""
    parent = denoiser.get_submodule(name.rpartition(".")[0])
    return type(parent).__name__ == "AdaLayerNormContinuous"
