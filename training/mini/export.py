"""Checkpoints to folders: mini as a diffusers pipeline, its upscaler as a state dict with its sizes beside it."""

from pathlib import Path
from typing import Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline
from transformers import CLIPTokenizer, T5Tokenizer

from training.mini.denoiser import STAGE, DenoiserPlan
from training.mini.latents import Scale
from training.mini.networks import Networks
from training.mini.polish import load_polished
from training.mini.workspace import Workspace

SHIFT = 2.0
PIPELINE: Any = FluxPipeline  # diffusers has no types
SCHEDULER: Any = FlowMatchEulerDiscreteScheduler


def load_scale(space: Workspace) -> Scale:
    """The latents' shift and scaling as measured when they were cached."""
    state = space.load("scale")
    if state is None:
        raise FileNotFoundError("the latents are not cached yet: run `python -m training.mini latents`")
    return Scale(float(state["shift"]), float(state["scaling"]))


def assemble(space: Workspace, plan: DenoiserPlan, stage: str = STAGE) -> Any:
    """The pipeline in float32, with the running mean of the weights of `stage`."""
    clip = CLIPTokenizer.from_pretrained(space.path("tokenizer", "clip"))
    t5 = T5Tokenizer.from_pretrained(space.path("tokenizer", "t5"))
    networks = Networks(plan.shape, len(clip), len(t5)).eval()
    state = space.load(stage)
    if state is None:
        raise FileNotFoundError(f"no checkpoint of `{stage}` yet")
    with torch.no_grad():
        for parameter, value in zip(networks.parameters(), state["mean"], strict=True):
            parameter.copy_(value)
    scale = load_scale(space)
    vae = load_polished(space)
    vae.register_to_config(scaling_factor=scale.scaling, shift_factor=scale.shift)
    pipeline = PIPELINE(
        scheduler=SCHEDULER(shift=SHIFT),
        vae=vae,
        text_encoder=networks.clip,
        tokenizer=clip,
        text_encoder_2=networks.t5,
        tokenizer_2=t5,
        transformer=networks.transformer,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def export(space: Workspace, target: Path, stage: str = STAGE) -> None:
    """Write the pipeline folder in float16: the size of bfloat16 with three more bits of mantissa."""
    pipeline = assemble(space, DenoiserPlan(), stage)
    pipeline.to(dtype=torch.float16)
    pipeline.save_pretrained(target, safe_serialization=True)
    for file in target.rglob("*.safetensors"):
        file.chmod(0o644)  # the writer leaves them readable by their owner alone
