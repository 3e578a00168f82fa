"""The noise schedule of one request, for families that denoise along a flow (FLUX, SD3 …)."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.flux.pipeline_flux import calculate_shift, retrieve_timesteps


def flow_schedule(scheduler: Any, steps: int, tokens: int, device: torch.device) -> Any:
    """A copy of `scheduler` set for `steps` steps over `tokens` latent tokens, as diffusers' pipelines set it.

    A copy, because a scheduler counts steps: one shared by two requests mixes them up.
    """
    own = copy.deepcopy(scheduler)
    config = own.config
    shift = calculate_shift(
        tokens,
        config.get("base_image_seq_len", 256),
        config.get("max_image_seq_len", 4096),
        config.get("base_shift", 0.5),
        config.get("max_shift", 1.15),
    )
    sigmas = None if config.get("use_flow_sigmas") else np.linspace(1.0, 1 / steps, steps).tolist()
    retrieve_timesteps(own, steps, device, sigmas=sigmas, mu=shift)
    own.set_begin_index(0)
    return own
