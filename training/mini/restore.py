"""From the weights that ship back to checkpoints, so that training goes on from them on any machine."""

from pathlib import Path
from typing import Any

import torch
from diffusers import FluxPipeline

from training.mini import autoencoder, denoiser
from training.mini.denoiser import DenoiserPlan
from training.mini.networks import Networks
from training.mini.workspace import Workspace

PIPELINE: Any = FluxPipeline  # diffusers has no types


def restore(space: Workspace, source: Path) -> None:
    """Write tokenizers, autoencoder and denoiser of the pipeline at `source` as checkpoints at step 0.

    The optimisers begin anew. The shipped transformer is guidance-distilled; at guidance 1, where training goes on,
    it is the plain conditional model. The latents' scale stays the pipeline's: cache latents after this.
    """
    pipeline = PIPELINE.from_pretrained(source, dtype=torch.float32)
    pipeline.tokenizer.save_pretrained(space.path("tokenizer", "clip"))
    pipeline.tokenizer_2.save_pretrained(space.path("tokenizer", "t5"))
    space.save("scale", {"shift": pipeline.vae.config.shift_factor, "scaling": pipeline.vae.config.scaling_factor})
    space.save(autoencoder.STAGE, {"model": pipeline.vae.state_dict(), "step": 0})
    networks = Networks(DenoiserPlan().shape, len(pipeline.tokenizer), len(pipeline.tokenizer_2))
    networks.transformer.load_state_dict(pipeline.transformer.state_dict())
    networks.clip.load_state_dict(pipeline.text_encoder.state_dict())
    networks.t5.load_state_dict(pipeline.text_encoder_2.state_dict())
    weights = [parameter.detach() for parameter in networks.parameters()]
    space.save(denoiser.STAGE, {"step": 0, "master": weights, "mean": weights})
