"""The noise schedule of one request, for families that denoise along a flow (FLUX, SD3 …)."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch


def flow_schedule(scheduler: Any, steps: int, tokens: int, device: torch.device) -> Any:
    """A copy of `scheduler` set for `steps` steps over `tokens` latent tokens, as diffusers' pipelines set it.

    A copy, because a scheduler counts steps: one shared by two requests mixes them up.
    """
    own = copy.deepcopy(scheduler)
    shift = _shift(own.config, tokens)
    if own.config.get("use_flow_sigmas"):
        own.set_timesteps(steps, device=device, mu=shift)
    else:
        own.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps).tolist(), device=device, mu=shift)
    own.set_begin_index(0)
    return own


def _shift(config: Any, tokens: int) -> float:
    """How far the schedule leans towards noise: more for more tokens, on the line through the config's two points."""
    fewest, most = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    least, greatest = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    slope = (greatest - least) / (most - fewest)
    shift: float = tokens * slope + least - slope * fewest
    return shift
