"""Pictures as prompts by FLUX.1 Redux: tokens for the text encoder's side, by `FluxPriorReduxPipeline`'s parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from configs.errors import ConfigError, StageError
from configs.inputs import InputImage
from configs.runtime import Runtime
from configs.schema import ImagePromptConfig
from deployments.checkpoints.preflight import inspect
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import display, locate
from deployments.families.flux.state import Prompt
from deployments.families.offloading import place_readers
from deployments.families.pictures import check_pixels, opened
from deployments.messages import GenerateRequest, Picture

PIPELINE = "FluxPriorReduxPipeline"


class Redux:
    """What reads pictures. Several count together, each with its scale, in the same tokens.

    The words count once, whatever the scales: so it equals diffusers' pipeline where the scales add up to 1.
    """

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        self._pipeline = pipeline
        self._device = device
        self._read = lru_cache(maxsize=8)(self._encode)  # variations show the same pictures, one after another
        config = pipeline.image_encoder.config
        self.tokens = (int(config.image_size) // int(config.patch_size)) ** 2
        """How many tokens are put behind those of the words."""

    def show(self, prompt: Prompt, pictures: Sequence[InputImage[Picture]]) -> Prompt:
        """`prompt` with the pictures behind its words."""
        seen = torch.stack([self._read(each.image) * each.scale for each in pictures]).sum(dim=0)
        return replace(prompt, tokens=torch.cat((prompt.tokens, seen.to(prompt.tokens.dtype)), dim=1))

    def _encode(self, picture: Picture) -> torch.Tensor:
        """A picture as tokens [1, tokens, D]."""
        features = self._pipeline.encode_image(opened(picture), self._device, 1)
        tokens: torch.Tensor = self._pipeline.image_embedder(features).image_embeds
        return tokens


def check_image_prompts(request: GenerateRequest) -> None:
    """Raises StageError for a picture that is none, or a scale that is no number."""
    for each in request.image_prompts:
        check_pixels(each.image, "image prompt", "image_prompts")
        if not math.isfinite(each.scale):
            raise StageError("the scale of an image prompt must be a number", "image_prompts")


def find_redux(config: ImagePromptConfig, owner: str) -> Path:
    """The folder of checked weights. Raises ConfigError with one plain sentence."""
    folder = locate(config.weights, owner)
    for component in inspect(folder, PIPELINE, owner):
        check_shapes(component, owner)
    return folder


def build_redux(folder: Path, prompted: Any, runtime: Runtime, owner: str) -> Redux:
    """Redux in the dtype of the pipeline that it prompts, where its `runtime` wants it. Raises ConfigError if it was
    made for another."""
    import diffusers

    cls: Any = getattr(diffusers, PIPELINE)
    denoiser = prompted.transformer
    built = cls.from_pretrained(folder, dtype=denoiser.dtype, use_safetensors=True, local_files_only=True)
    if built.image_embedder.config.txt_in_features != denoiser.config.joint_attention_dim:
        raise ConfigError(f"{owner}: {display(folder)} was made for another model", "image_prompt")
    place_readers([built.image_encoder, built.image_embedder], prompted, runtime)
    return Redux(built, torch.device(prompted._execution_device))
