"""How large the model and its pictures are: FLUX.1-dev as published, or a toy that runs the same code anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Size:
    """What is measured, and how often. `sides` are the pixels of what the table calls 256², 512² and 1024²."""

    transformer: Mapping[str, Any]
    dtype: torch.dtype
    text: int
    sides: Mapping[int, int]
    steps: int
    swaps: int
    rounds: int
    forgets: bool
    """Whether each figure starts with an empty compiler, so that none meets the compiler's limit for all together."""


FULL = Size(
    # The published configuration of FLUX.1-dev's transformer.
    transformer={
        "patch_size": 1,
        "in_channels": 64,
        "num_layers": 19,
        "num_single_layers": 38,
        "attention_head_dim": 128,
        "num_attention_heads": 24,
        "joint_attention_dim": 4096,
        "pooled_projection_dim": 768,
        "guidance_embeds": True,
        "axes_dims_rope": (16, 56, 56),
    },
    dtype=torch.bfloat16,
    text=512,
    sides={256: 256, 512: 512, 1024: 1024},
    steps=28,
    swaps=50,
    rounds=9,
    forgets=True,
)
TOY = Size(
    transformer={
        "patch_size": 1,
        "in_channels": 64,
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "joint_attention_dim": 32,
        "pooled_projection_dim": 32,
        "guidance_embeds": True,
        "axes_dims_rope": (4, 4, 8),
    },
    dtype=torch.float32,
    text=8,
    sides={256: 32, 512: 32, 1024: 32},  # of one size, because every shape takes time to compile
    steps=4,
    swaps=5,
    rounds=2,
    forgets=False,
)
