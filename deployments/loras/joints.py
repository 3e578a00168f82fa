"""Layers that trainers see as one, or call by the names of a model's first publication, and that no converter of
diffusers' takes apart for every model: FLUX's `linear1` it splits for one width only, SD3's names it does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from deployments.loras.changes import Change, Dora, LowRank
from deployments.loras.faults import Unusable

_FLUX = {
    "single_blocks.{}.linear1": [
        "single_transformer_blocks.{}.attn.to_q",
        "single_transformer_blocks.{}.attn.to_k",
        "single_transformer_blocks.{}.attn.to_v",
        "single_transformer_blocks.{}.proj_mlp",
    ],
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
_FLUX2 = {"final_layer.adaLN_modulation.1": ["norm_out.linear"]}
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
    Raises Unusable where a change of its kind cannot be taken apart."""
    if len(outputs) == 1 and not swapped:
        return [change]
    low_rank = change.change if isinstance(change, Dora) else change
    if not isinstance(low_rank, LowRank):
        raise Unusable("is a LoKr of a layer that is several layers in this model, and cannot be taken apart")
    parts = [_trimmed(low_rank.a, _ordered(b, swapped)) for b in _rows(low_rank.b, outputs)]
    if not isinstance(change, Dora):
        return [*parts]
    if change.by_input:
        raise Unusable("is a DoRA by inputs of a layer that is several layers in this model, and cannot be taken apart")
    magnitudes = _rows(change.magnitude.flatten(), outputs)
    return [Dora(part, _ordered(own, swapped)) for part, own in zip(parts, magnitudes, strict=True)]


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
