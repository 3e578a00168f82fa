"""A request through diffusers' own FLUX pipelines, one at a time: what the family must be equal to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from deployments.families.flux import Flux, FluxDenoising
from deployments.loras.slots import Selection
from deployments.messages import GenerateRequest, Picture
from tests.deployments.tiny import parts


@dataclass(frozen=True)
class Alone:
    """What diffusers made of a request, and how many passes through all blocks it took."""

    images: Any
    full_passes: int


def draw_alone(pipeline: Any, asked: GenerateRequest, text_length: int = 64, output_type: str = "latent") -> Alone:
    """The same request through the `__call__` that fits it, with diffusers' first-block cache if it has a threshold."""
    arguments: dict[str, Any] = {"guidance_scale": asked.guidance_scale}
    if not pipeline.transformer.config.guidance_embeds:
        arguments = {"negative_prompt": asked.negative_prompt, "true_cfg_scale": asked.guidance_scale}
    name = "FluxPipeline"
    if asked.image is not None:
        name = "FluxImg2ImgPipeline"
        arguments |= {"image": to_pil(asked.image), "strength": asked.strength}
    if asked.mask is not None:
        name = "FluxInpaintPipeline"
        arguments |= {"mask_image": to_pil(asked.mask)}
    call = getattr(parts, name)(**pipeline.components)
    call.set_progress_bar_config(disable=True)
    with _cached(pipeline.transformer, asked, named=name == "FluxPipeline"), _counted(pipeline.transformer) as passes:
        images = call(
            prompt=asked.prompt,
            width=asked.width,
            height=asked.height,
            num_inference_steps=asked.num_inference_steps,
            generator=torch.Generator("cpu").manual_seed(asked.seed),
            max_sequence_length=text_length,
            output_type=output_type,
            **arguments,
        ).images
    return Alone(images, len(passes))


def begin(flux: Flux, asked: GenerateRequest, adapters: Selection = ()) -> FluxDenoising:
    return flux.start(asked, flux.encode(asked.prompt, asked.negative_prompt), adapters)


def finish(flux: Flux, states: Sequence[FluxDenoising]) -> None:
    """Step all states to their ends, as many in each call as are not done."""
    while going := [state for state in states if state.step < state.steps]:
        flux.step(going)


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """Relative to the size of `other`."""
    return float(((one - other).norm() / other.norm()).detach())


def painting(width: int, height: int, seed: int = 0) -> Picture:
    """A picture of noise, coarse enough for an encoder to see something."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, height // 16, width // 16, generator=generator)
    pixels = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")[0]
    return Picture(width, height, (pixels * 255).byte().permute(1, 2, 0).contiguous().numpy().tobytes())


def left_half(width: int, height: int) -> Picture:
    """A mask, white on the left, and grey where diffusers' binarization has to decide."""
    image = Image.new("RGB", (width, height))
    image.paste((255, 255, 255), (0, 0, width // 2, height))
    image.paste((140, 140, 140), (width // 2, 0, width * 3 // 4, height // 2))
    image.paste((100, 100, 100), (width * 3 // 4, 0, width, height))
    return Picture(width, height, image.tobytes())


def to_pil(picture: Picture) -> Image.Image:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)


@contextmanager
def _cached(transformer: Any, asked: GenerateRequest, named: bool) -> Iterator[None]:
    if asked.step_cache is None or asked.step_cache.threshold is None:
        yield
        return
    transformer.enable_cache(parts.FirstBlockCacheConfig(threshold=asked.step_cache.threshold))
    try:
        # FluxPipeline names the cache's context itself, the other two do not.
        with nullcontext() if named else transformer.cache_context("cond"):
            yield
    finally:
        transformer.disable_cache()


@contextmanager
def _counted(transformer: Any) -> Iterator[list[None]]:
    passes: list[None] = []
    hook = transformer.single_transformer_blocks[-1].norm.register_forward_hook(lambda *_: passes.append(None))
    try:
        yield passes
    finally:
        hook.remove()
