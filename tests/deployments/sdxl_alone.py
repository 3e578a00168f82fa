"""A request through diffusers' own SDXL pipelines, one at a time: what the family must be equal to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from deployments.families.diffusion import Diffusion
from deployments.loras.slots import Selection
from deployments.messages import GenerateRequest
from tests.deployments import asking
from tests.deployments.diffusers_alone import left_half, painting, to_pil
from tests.deployments.samplers_alone import sampling_as
from tests.deployments.tiny import parts, request


def stock(folder: Path, asked: GenerateRequest, output_type: str = "latent", loras: Any = ()) -> Any:
    """The latents, or the picture, that diffusers' own pipeline makes of a request, alone.

    `loras` are (state dict, strength). An image prompt loads the adapter once for each picture.
    """
    pipeline = _pipeline(folder, len(asked.image_prompts))
    with sampling_as(pipeline, asked):
        call, arguments = _call(folder, pipeline, asked)
    call.set_progress_bar_config(disable=True)
    for index, (tensors, _) in enumerate(loras):
        call.load_lora_weights(dict(tensors), adapter_name=str(index))
    if loras:
        call.set_adapters([str(index) for index in range(len(loras))], [strength for _, strength in loras])
    if asked.image_prompts:
        call.set_ip_adapter_scale([prompt.scale for prompt in asked.image_prompts])
        arguments["ip_adapter_image"] = [to_pil(prompt.image) for prompt in asked.image_prompts]
    drawn = call(
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt or None,
        num_inference_steps=asked.num_inference_steps,
        guidance_scale=asked.guidance_scale,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        output_type=output_type,
        **arguments,
    ).images
    if loras:
        call.unload_lora_weights()
    return drawn


def stock_union(folder: Path, asked: GenerateRequest) -> Any:
    """`stock` for a request with one control, by the union ControlNet's second mode."""
    (control,), pipeline = asked.controls, _pipeline(folder, 0)
    net = parts.ControlNetUnionModel.from_pretrained(folder / "union", use_safetensors=True)
    call = parts.StableDiffusionXLControlNetUnionPipeline(**pipeline.components, controlnet=net)
    call.set_progress_bar_config(disable=True)
    return call(
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt or None,
        control_image=[to_pil(control.image)],
        control_mode=[1],
        controlnet_conditioning_scale=control.scale,
        control_guidance_start=control.start,
        control_guidance_end=control.end,
        width=asked.width,
        height=asked.height,
        num_inference_steps=asked.num_inference_steps,
        guidance_scale=asked.guidance_scale,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        output_type="latent",
    ).images


def _call(folder: Path, pipeline: Any, asked: GenerateRequest) -> tuple[Any, dict[str, Any]]:
    """The pipeline that draws such a request, and what it is told beside prompt and steps."""
    mode, extra = "", dict[str, Any]()
    arguments: dict[str, Any] = {"width": asked.width, "height": asked.height}
    if asked.image is not None:
        mode, arguments = "Img2Img", {"image": to_pil(asked.image), "strength": asked.strength}
    if asked.mask is not None:
        mode = "Inpaint"
        arguments |= {"mask_image": to_pil(asked.mask), "width": asked.width, "height": asked.height}
    name = f"StableDiffusionXL{mode}Pipeline"
    if asked.controls:
        name = f"StableDiffusionXLControlNet{mode}Pipeline"
        extra["controlnet"] = [_control(folder / each.kind) for each in asked.controls]
        pictures = [to_pil(each.image) for each in asked.controls]
        arguments["control_image" if mode else "image"] = pictures
        arguments["controlnet_conditioning_scale"] = [each.scale for each in asked.controls]
        arguments["control_guidance_start"] = [each.start for each in asked.controls]
        arguments["control_guidance_end"] = [each.end for each in asked.controls]
    if mode and "requires_aesthetics_score" in pipeline.config:
        extra["requires_aesthetics_score"] = pipeline.config.requires_aesthetics_score
    zeros = pipeline.config.force_zeros_for_empty_prompt
    call = getattr(parts, name)(**pipeline.components, force_zeros_for_empty_prompt=zeros, **extra)
    if mode == "Inpaint" and call.vae.config.latents_mean is not None:
        call._encode_vae_image = _normalised(call._encode_vae_image, call.vae.config)
    return call, arguments


def _normalised(encode: Any, settings: Any) -> Any:
    """diffusers' inpainting forgets the mean and the deviation that it decodes with."""
    mean, deviation = (torch.tensor(settings[name]).view(1, 4, 1, 1) for name in ("latents_mean", "latents_std"))
    factor = settings.scaling_factor
    return lambda image, generator: (encode(image, generator) / factor - mean) * factor / deviation


@lru_cache(maxsize=8)
def _pipeline(folder: Path, adapters: int) -> Any:
    pipeline = parts.DiffusionPipeline.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
    if adapters:
        names = ["ip-adapter.safetensors"] * adapters
        pipeline.load_ip_adapter(str(folder / "ip-adapter"), subfolder="", weight_name=names, local_files_only=True)
    return pipeline


@lru_cache(maxsize=8)
def _control(folder: Path) -> Any:
    return parts.ControlNetModel.from_pretrained(folder, use_safetensors=True)


def ask(**changes: Any) -> GenerateRequest:
    return request(**{"width": 64, "height": 64, "guidance_scale": 5.0, **changes})


def over(strength: float = 0.6, masked: bool = False, **changes: Any) -> GenerateRequest:
    asked = ask(**{"num_inference_steps": 5, "strength": strength, **changes})
    asked = asking.replace(asked, image=painting(asked.width, asked.height))
    return asking.replace(asked, mask=left_half(asked.width, asked.height)) if masked else asked


def draw(family: Diffusion[Any], asked: Sequence[GenerateRequest], adapters: Sequence[Selection] = ()) -> list[Any]:
    """All requests together, as many in each call as are not done."""
    worn = adapters or [()] * len(asked)
    states = [
        family.start(each, family.encode(each.prompt, each.negative_prompt), selection)
        for each, selection in zip(asked, worn, strict=True)
    ]
    while going := [state for state in states if state.step < state.steps]:
        family.step(going)
    return states
