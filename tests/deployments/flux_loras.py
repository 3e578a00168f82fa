"""LoRAs of random numbers for a FLUX model: in its slots, and in diffusers' own pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from deployments.families.flux import Flux
from deployments.loras.changes import LowRank
from deployments.loras.slots import Adapter, Selection, Slot
from deployments.messages import GenerateRequest

RANKS = {"small": 4, "large": 24}
TARGETS = (
    "attn.to_q",
    "attn.to_out.0",
    "attn.add_k_proj",
    "ff.net.0.proj",
    "ff_context.net.2",
    "proj_mlp",
    "norm.linear",
)
OUTSIDE = (
    "x_embedder",
    "context_embedder",
    "time_text_embed.timestep_embedder.linear_1",
    "norm_out.linear",
    "proj_out",
)


def random_loras(flux: Flux) -> dict[str, dict[str, LowRank]]:
    """Two, in blocks and outside."""
    transformer = flux._pipeline.transformer
    names = [name for name in flux.slots.targets if name.endswith(TARGETS) or name in OUTSIDE]
    return {id: {name: _random(transformer.get_submodule(name), rank) for name in names} for id, rank in RANKS.items()}


def put_loras(flux: Flux, changes: Mapping[str, Mapping[str, LowRank]]) -> dict[str, Slot]:
    """Their slots."""
    return {id: flux.slots.put(Adapter(id, "flux", RANKS[id], tensors, 0)) for id, tensors in changes.items()}


def selection(asked: GenerateRequest, slots: Mapping[str, Slot]) -> Selection:
    """The LoRAs that a request asks for."""
    return tuple((slots[use.lora], use.strength) for use in asked.loras)


@contextmanager
def with_loras(pipeline: Any, asked: GenerateRequest, changes: Mapping[str, Mapping[str, LowRank]]) -> Iterator[None]:
    """The same in diffusers."""
    for use in asked.loras:
        pipeline.load_lora_weights(
            {f"transformer.{name}.lora_A.weight": change.a for name, change in changes[use.lora].items()}
            | {f"transformer.{name}.lora_B.weight": change.b for name, change in changes[use.lora].items()},
            adapter_name=use.lora,
        )
    if asked.loras:
        pipeline.set_adapters([use.lora for use in asked.loras], [use.strength for use in asked.loras])
    yield
    if asked.loras:
        pipeline.unload_lora_weights()


def _random(linear: Any, rank: int) -> LowRank:
    generator = torch.Generator().manual_seed(linear.in_features + rank)
    strength = 0.5 * float(linear.weight.detach().norm()) / rank
    a = torch.randn(rank, linear.in_features, generator=generator) / linear.in_features**0.5
    b = torch.randn(linear.out_features, rank, generator=generator) / linear.out_features**0.5
    return LowRank(a, b * strength)
