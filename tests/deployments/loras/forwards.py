"""One forward of a tiny FLUX transformer on fixed inputs, so that only its weights and adapters decide the result."""

from __future__ import annotations

from typing import Any

import torch

IMAGE, TEXT = 16, 6


def forward(transformer: Any, rows: slice = slice(0, 4)) -> torch.Tensor:
    """The velocities [rows, 16, 16] of some of four fixed rows."""
    generator = torch.Generator().manual_seed(3)
    latents = torch.randn(4, IMAGE, 16, generator=generator)
    pooled = torch.randn(4, 32, generator=generator)
    tokens = torch.randn(4, TEXT, 32, generator=generator)
    with torch.inference_mode():
        velocity: torch.Tensor = transformer(
            hidden_states=latents[rows],
            timestep=torch.tensor([0.9, 0.7, 0.5, 0.3])[rows],
            guidance=torch.full((4,), 3.5)[rows],
            pooled_projections=pooled[rows],
            encoder_hidden_states=tokens[rows],
            txt_ids=torch.zeros(TEXT, 3),
            img_ids=torch.arange(IMAGE).float()[:, None].repeat(1, 3),
            return_dict=False,
        )[0]
    return velocity


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest difference, relative to the largest value."""
    return float((one - other).abs().max() / other.abs().max())
