"""FLUX.1's variants of random weights, with all that stands beside them, and what diffusers' own pipelines draw with
them: by `diffusers_alone.py` without controls and image prompts, by other pipelines with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from configs.schema import ControlConfig, ModelConfig
from deployments.messages import GenerateRequest
from tests.deployments.diffusers_alone import draw_alone, to_pil
from tests.deployments.tiny import Shape, parts, save_tiny, tiny_config
from tests.deployments.tiny_flux import (
    components,
    control_config,
    redux_config,
    save_control,
    save_fill,
    save_kontext,
    save_redux,
)

WORDS = 64
_ENCODERS = ("text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2")
_BARE = ("fill", "kontext")


def build(folder: Path, variant: str = "base") -> None:
    """Write a whole pipeline in diffusers' layout to `folder`; beside base and schnell, a ControlNet and Redux."""
    shape = Shape(guidance_embeds=variant != "schnell")
    if variant in _BARE:
        (save_fill if variant == "fill" else save_kontext)(folder, shape)
        return
    save_tiny(folder, shape)
    save_control(folder / "depth", seed=1, guidance_embeds=shape.guidance_embeds)
    save_redux(folder / "redux")


def config(folder: Path, variant: str = "base", **changes: Any) -> ModelConfig:
    """The YAML of a model that `build` wrote."""
    fields: dict[str, Any] = {"variant": variant, "text_length": WORDS}
    if variant == "schnell":
        fields["guidance_scale"] = 0.0
    if variant not in _BARE:
        fields |= {"controls": {"depth": control_config(folder / "depth")}}
        fields |= {"image_prompt": redux_config(folder / "redux")}
    return tiny_config(folder, **{**fields, **changes})


@lru_cache
def read(folder: Path) -> Any:
    """diffusers' own pipeline, once."""
    pipeline = parts.DiffusionPipeline.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def stock(folder: Path, asked: GenerateRequest) -> torch.Tensor:
    """The latents that diffusers' own pipelines make of a request to a model that `build` wrote."""
    pipeline, kind = read(folder), type(read(folder)).__name__
    if kind == "FluxFillPipeline":
        return fill_alone(pipeline, asked)  # type: ignore[no-any-return]
    if kind == "FluxKontextPipeline":
        return edit_alone(pipeline, asked)
    if asked.image_prompts:
        return show_alone(pipeline, read_redux(pipeline, folder / "redux"), asked)
    return follow_alone(pipeline, {"depth": control_config(folder / "depth")}, asked)


def follow_alone(pipeline: Any, kinds: Mapping[str, ControlConfig], asked: GenerateRequest) -> torch.Tensor:
    """The latents of a request with controls, or without."""
    if not asked.controls:
        return draw_alone(pipeline, asked).images  # type: ignore[no-any-return]
    name, arguments = _following(pipeline, asked)
    nets = [_net(Path(str(kinds[each.kind].weights.path))) for each in asked.controls]
    modes = [kinds[each.kind].mode for each in asked.controls]
    several = len(nets) > 1
    kind = getattr(parts, name)
    call = kind(**components(pipeline, kind), controlnet=nets if several else nets[0])
    call.set_progress_bar_config(disable=True)

    def one_or_all(values: Sequence[Any]) -> Any:
        return [*values] if several else values[0]

    latents: torch.Tensor = call(
        prompt=asked.prompt,
        control_image=one_or_all([to_pil(each.image) for each in asked.controls]),
        control_mode=one_or_all(modes),
        controlnet_conditioning_scale=one_or_all([each.scale for each in asked.controls]),
        control_guidance_start=one_or_all([each.start for each in asked.controls]),
        control_guidance_end=one_or_all([each.end for each in asked.controls]),
        max_sequence_length=WORDS,
        **_settings(asked),
        **arguments,
    ).images
    return latents


def show_alone(pipeline: Any, prior: Any, asked: GenerateRequest) -> torch.Tensor:
    """The latents of a request with image prompts, or without, through diffusers' two pipelines."""
    if not asked.image_prompts:
        return draw_alone(pipeline, asked).images  # type: ignore[no-any-return]
    tokens, pooled, _ = pipeline.encode_prompt(asked.prompt, max_sequence_length=WORDS)
    scales = [each.scale for each in asked.image_prompts]
    told = prior(
        [to_pil(each.image) for each in asked.image_prompts],
        prompt_embeds=tokens.repeat(len(scales), 1, 1),
        pooled_prompt_embeds=pooled.repeat(len(scales), 1),
        prompt_embeds_scale=scales,
        pooled_prompt_embeds_scale=scales,
    )
    latents: torch.Tensor = pipeline(
        **told, max_sequence_length=WORDS, **_settings(asked), **_guidance(pipeline, asked)
    ).images
    return latents


def fill_alone(pipeline: Any, asked: GenerateRequest, output_type: str = "latent") -> Any:
    """The latents, or the picture, of a request to FLUX.1 Fill."""
    assert asked.image is not None
    assert asked.mask is not None
    return pipeline(
        prompt=asked.prompt,
        image=to_pil(asked.image),
        mask_image=to_pil(asked.mask),
        strength=asked.strength,
        guidance_scale=asked.guidance_scale,
        max_sequence_length=WORDS,
        **{**_settings(asked), "output_type": output_type},
    ).images


def edit_alone(pipeline: Any, asked: GenerateRequest) -> torch.Tensor:
    """The latents of a request to FLUX.1 Kontext, with diffusers' first-block cache if it has a threshold."""
    if asked.step_cache is not None:
        pipeline.transformer.enable_cache(parts.FirstBlockCacheConfig(threshold=asked.step_cache.threshold))
    with pipeline.transformer.cache_context("cond"):  # which this pipeline leaves to its caller
        latents: torch.Tensor = pipeline(
            prompt=asked.prompt,
            image=to_pil(asked.references[0]) if asked.references else None,
            max_area=asked.width * asked.height,
            max_sequence_length=WORDS,
            **_settings(asked),
            **_guidance(pipeline, asked),
        ).images
    pipeline.transformer.disable_cache()
    return latents


def read_redux(pipeline: Any, folder: Path) -> Any:
    """diffusers' pipeline for pictures as prompts, beside one that reads words."""
    encoders = {name: getattr(pipeline, name) for name in _ENCODERS}
    return parts.FluxPriorReduxPipeline.from_pretrained(folder, use_safetensors=True, **encoders)


def _following(pipeline: Any, asked: GenerateRequest) -> tuple[str, dict[str, Any]]:
    """The pipeline that follows a control, and what it is told besides."""
    if asked.image is None:
        return "FluxControlNetPipeline", _guidance(pipeline, asked)
    arguments = {
        "guidance_scale": asked.guidance_scale,
        "image": to_pil(asked.image),
        "strength": asked.strength,
    }
    if asked.mask is None:
        return "FluxControlNetImg2ImgPipeline", arguments
    return "FluxControlNetInpaintPipeline", arguments | {"mask_image": to_pil(asked.mask)}


def _guidance(pipeline: Any, asked: GenerateRequest) -> dict[str, Any]:
    if pipeline.transformer.config.guidance_embeds:
        return {"guidance_scale": asked.guidance_scale}
    return {"negative_prompt": asked.negative_prompt, "true_cfg_scale": asked.guidance_scale}


def _settings(asked: GenerateRequest) -> dict[str, Any]:
    return {
        "width": asked.width,
        "height": asked.height,
        "num_inference_steps": asked.num_inference_steps,
        "generator": torch.Generator("cpu").manual_seed(asked.seed),
        "output_type": "latent",
    }


@lru_cache
def _net(folder: Path) -> Any:
    return parts.FluxControlNetModel.from_pretrained(folder, use_safetensors=True)
