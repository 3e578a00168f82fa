"""Requests of a family that `diffusion.py` steps, from their noise to the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import torch

from deployments.families.denoising import Diffusing
from deployments.families.diffusion import Diffusion
from deployments.families.family import Conditioning
from deployments.loras.slots import Selection
from deployments.messages import GenerateRequest

C = TypeVar("C", bound=Conditioning)


def begin(family: Diffusion[C], asked: GenerateRequest, adapters: Selection = ()) -> Diffusing[C]:
    return family.start(asked, family.encode(asked.prompt, asked.negative_prompt), adapters)


def finish(family: Diffusion[Any], states: Sequence[Diffusing[Any]]) -> None:
    """Step all states to their ends, as many in each call as are not done."""
    while going := [state for state in states if state.step < state.steps]:
        family.step(going)


def draw(family: Diffusion[C], asked: GenerateRequest) -> Diffusing[C]:
    """The request alone, all its steps taken."""
    state = begin(family, asked)
    finish(family, [state])
    return state


def alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Equal but for rounding: weights that come and go lie elsewhere in memory, and some processors add in the order
    that suits where numbers lie. Latents within 2e-5, 8-bit levels within one."""
    if one.dtype == torch.uint8:
        return one.shape == other.shape and int((one.int() - other.int()).abs().max()) <= 1
    return torch.allclose(one, other, rtol=1e-5, atol=2e-5)
