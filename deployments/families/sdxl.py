"""SDXL and every model of its architecture (Turbo, Playground v2.5, the refiner, the inpainting UNet): equal to
`StableDiffusionXLPipeline`, its img2img and inpainting, ControlNets and IP-Adapters for the same seed.

Guidance above 1 takes a second row per step. An empty negative prompt is none, which most checkpoints want as zeros.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, cast

import torch

from configs.errors import ConfigError, StageError
from configs.schema import ModelConfig
from deployments.checkpoints.fingerprint import combine
from deployments.families import unet_control
from deployments.families.assembly import assemble
from deployments.families.autoencoder import Autoencoder
from deployments.families.control import ControlNet, ControlNets, load_controls
from deployments.families.denoising import Begun, Row
from deployments.families.diffusion import Diffusion
from deployments.families.family import FusedLora
from deployments.families.handover import check_handover
from deployments.families.ip_adapter import ImagePrompts
from deployments.families.ip_adapter import Read as ReadPrompt
from deployments.families.offloading import place_nets
from deployments.families.pictures import check_unread, opened
from deployments.families.samplers import Samplers
from deployments.families.sampling import SamplerSchedule, between, check_sampler, sampler_schedule
from deployments.families.schedule import Schedule
from deployments.families.sdxl_beginning import Beginning
from deployments.messages import GenerateRequest, Picture

PIPELINES = {
    "base": "StableDiffusionXLPipeline",
    "edm": "StableDiffusionXLPipeline",
    "turbo": "StableDiffusionXLPipeline",
    "refiner": "StableDiffusionXLImg2ImgPipeline",
    "inpaint": "StableDiffusionXLInpaintPipeline",
}
"""By variant, what its weights' model_index.json names."""
AESTHETIC_SCORES = 6.0, 2.5
"""What the refiner is told of the picture, and of the negative one: diffusers' defaults."""


@dataclass(frozen=True, slots=True)
class SdxlBucket:
    """The size of a picture in latents."""

    height: int
    width: int


@dataclass(frozen=True, slots=True)
class SdxlConditioning:
    """Both prompts: `tokens` [1, T, D] of all text encoders side by side, `pooled` [1, P] of the last one."""

    tokens: torch.Tensor
    pooled: torch.Tensor
    negative_tokens: torch.Tensor
    negative_pooled: torch.Tensor

    @property
    def nbytes(self) -> int:
        return sum(each.nbytes for each in (self.tokens, self.pooled, self.negative_tokens, self.negative_pooled))


@dataclass(frozen=True, slots=True)
class Brought:
    """What a request keeps beside its latents: what the inpainting UNet reads at every step (see `Beginning`), and
    image prompts."""

    channels: torch.Tensor | None = None
    prompts: tuple[ReadPrompt, ...] = ()


class Sdxl:
    """The architecture (see `Architecture`)."""

    def __init__(
        self,
        pipeline: Any,
        variant: str,
        autoencoder: Autoencoder,
        controls: ControlNets,
        prompts: ImagePrompts | None,
    ) -> None:
        from diffusers.image_processor import VaeImageProcessor

        self.pipeline = pipeline
        self.denoiser = pipeline.unet
        self._variant, self._autoencoder = variant, autoencoder
        self._samplers = Samplers(pipeline.scheduler)
        self._beginning = Beginning(pipeline, autoencoder, fills=variant == "inpaint")
        self._controls, self._prompts = controls, prompts
        self._device = torch.device(pipeline._execution_device)
        self._rated = bool(pipeline.config.get("requires_aesthetics_score", False))
        processor: Any = VaeImageProcessor
        self._control_pictures = processor(pipeline.vae_scale_factor, do_normalize=False, do_convert_rgb=True)

    def encode(self, prompt: str, negative_prompt: str) -> SdxlConditioning:
        tokens, negative_tokens, pooled, negative_pooled = self.pipeline.encode_prompt(
            prompt=prompt, device=self._device, negative_prompt=negative_prompt or None
        )
        return SdxlConditioning(tokens, pooled, negative_tokens, negative_pooled)

    def bucket(self, request: GenerateRequest) -> SdxlBucket:
        unit = self.pipeline.vae_scale_factor
        width, height = request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        check_handover(request, self.pipeline.vae)
        if self._variant in ("refiner", "inpaint") and request.image is None and request.latents is None:
            raise StageError("this model draws over a picture: give it one", "image")
        if self._variant == "inpaint" and request.mask is None:
            raise StageError("this model fills what a mask is white for: give it one", "mask")
        if self._variant == "refiner" and request.mask is not None:
            raise StageError("this model draws over whole pictures: leave the mask out", "mask")
        check_unread(request, "references")
        self._controls.check(request)
        if self._prompts is None:
            check_unread(request, "image_prompts")
        else:
            self._prompts.check(request)
        return SdxlBucket(height // unit, width // unit)

    def guided(self, request: GenerateRequest) -> bool:
        return request.guidance_scale > 1 and self.denoiser.config.time_cond_proj_dim is None

    def size(self, bucket: Hashable) -> float:
        own = cast(SdxlBucket, bucket)
        area, channels = own.height * own.width, tuple[int, ...](self.denoiser.config.block_out_channels)
        # Attention is where the picture is smallest: there its work is tokens / (6 channels) of the linears'.
        work: float = area * (1 + area / 4 ** (len(channels) - 1) / (6 * channels[-1]))
        return work

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:  # noqa: ARG002 - convolutions mix what is beside
        return None

    def schedule(self, request: GenerateRequest, bucket: Hashable) -> SamplerSchedule:  # noqa: ARG002 - of any size
        strength = 1.0 if request.image is None else request.strength
        scheduler = self._samplers.find(request)
        whole = sampler_schedule(scheduler, request.num_inference_steps, self._device, strength)
        return between(whole, request.denoising_start, request.denoising_end)

    def begin(
        self, request: GenerateRequest, conditioning: SdxlConditioning, schedule: Schedule, generator: torch.Generator
    ) -> Begun:
        controls = self._controls.follow(request, self._read_control)
        prompts = tuple(self._prompts.read(each) for each in request.image_prompts) if self._prompts else ()
        begun = self._beginning.begin(request, cast(SamplerSchedule, schedule), generator, conditioning.tokens)
        return Begun(begun.latents, begun.kept, controls, Brought(begun.extra, prompts))

    def predict(self, rows: Sequence[Row[SdxlConditioning]]) -> Sequence[torch.Tensor]:
        read = [_prompts(row) for row in rows]
        added = self._controls.residuals(rows, self._ask)
        with self._prompts.reading(read) if self._prompts else nullcontext():
            predicted = self.denoiser(
                torch.cat([_channels(row) for row in rows]),
                timestep_cond=self._told_guidance(rows),
                return_dict=False,
                **self._told(rows),
                **unet_control.places(added),
            )[0]
        return torch.split(predicted, 1)

    def pixels(self, latents: torch.Tensor, request: GenerateRequest, shrink: float) -> torch.Tensor:  # noqa: ARG002
        return self._autoencoder.decode(latents, shrink)

    def _told(self, rows: Sequence[Row[SdxlConditioning]]) -> dict[str, Any]:
        """What the UNet and its ControlNets are told of each row: step, prompt, and the size of the picture."""
        prompts = [row.state.conditioning for row in rows]
        tokens = [own.negative_tokens if row.negative else own.tokens for row, own in zip(rows, prompts, strict=True)]
        pooled = [own.negative_pooled if row.negative else own.pooled for row, own in zip(rows, prompts, strict=True)]
        sizes = torch.tensor([self._size(row) for row in rows], dtype=tokens[0].dtype, device=self._device)
        return {
            "timestep": torch.stack([row.timestep for row in rows]),
            "encoder_hidden_states": torch.cat(tokens),
            "added_cond_kwargs": {"text_embeds": torch.cat(pooled), "time_ids": sizes},
        }

    def _size(self, row: Row[SdxlConditioning]) -> tuple[float, ...]:
        """The size before cropping, what was cropped off, and the size after or, for the refiner, how fine it is."""
        own = row.state.request.height, row.state.request.width
        return (*own, 0, 0, AESTHETIC_SCORES[row.negative]) if self._rated else (*own, 0, 0, *own)

    def _told_guidance(self, rows: Sequence[Row[SdxlConditioning]]) -> torch.Tensor | None:
        """The embedded guidance of distilled UNets (LCM), which have no second row."""
        width = self.denoiser.config.time_cond_proj_dim
        if width is None:
            return None
        scales = torch.tensor([row.state.request.guidance_scale - 1 for row in rows])
        embedded: torch.Tensor = self.pipeline.get_guidance_scale_embedding(scales, embedding_dim=width)
        return embedded.to(rows[0].latents)

    def _ask(
        self, net: ControlNet, rows: Sequence[Row[SdxlConditioning]], pictures: torch.Tensor
    ) -> Sequence[torch.Tensor]:
        return unet_control.ask(net, torch.cat([row.latents for row in rows]), self._told(rows), pictures)

    def _read_control(self, net: ControlNet, picture: Picture) -> torch.Tensor:
        pixels: torch.Tensor = self._control_pictures.preprocess(opened(picture))
        return pixels.to(self._device, net.module.dtype)


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Diffusion[SdxlConditioning]:
    """Check the weights, build the pipeline with its ControlNets and IP-Adapter, fuse the LoRAs. Raises ConfigError
    with one plain sentence."""
    owner = f"model '{config.id}'"
    if config.variant not in PIPELINES:
        raise ConfigError(f"{owner}: SDXL has no '{config.variant}'; known: {', '.join(PIPELINES)}.", "variant")
    if config.image_prompt is not None and config.runtime.offload == "sequential":
        raise ConfigError(f"{owner}: an IP-Adapter cannot be offloaded layer by layer: set 'model'.", "runtime.offload")
    assembled = assemble(PIPELINES[config.variant], config, loras)
    pipeline = assembled.pipeline
    _check(pipeline, config.variant, owner)
    autoencoder = Autoencoder(pipeline, owner)
    controls = load_controls(config, unet_control.CLASSES, pipeline)
    unet_control.check_modes(controls, owner)
    place_nets(controls.nets, pipeline, config.runtime)
    prompts = None
    if config.image_prompt is not None:
        prompts = ImagePrompts(pipeline, config.image_prompt, config.runtime, owner)
    weights = controls.name(assembled.weights)
    named = weights if prompts is None else combine([weights, prompts.weights])
    return Diffusion(Sdxl(pipeline, config.variant, autoencoder, controls, prompts), named, config)


def _check(pipeline: Any, variant: str, owner: str) -> None:
    """Raises ConfigError for parts that this family does not run."""
    check_sampler(pipeline.scheduler, owner)
    name = type(pipeline.scheduler).__name__
    if name.startswith("EDM") != (variant == "edm"):
        does = "leave 'variant' out" if variant == "edm" else "set 'variant: edm'"
        raise ConfigError(f"{owner}: its scheduler is {name}: {does} in its YAML.", "variant")
    channels, expected = pipeline.unet.config.in_channels, 9 if variant == "inpaint" else 4
    if channels != expected:
        raise ConfigError(
            f"{owner}: its UNet reads {channels} channels, and one of variant '{variant}' reads {expected}: correct "
            "'variant' or 'weights' in its YAML.",
            "variant",
        )


def _channels(row: Row[SdxlConditioning]) -> torch.Tensor:
    """What the UNet reads of a row, [1, C, H, W]."""
    brought: Brought = row.state.extra
    return row.latents if brought.channels is None else torch.cat([row.latents, brought.channels], dim=1)


def _prompts(row: Row[SdxlConditioning]) -> list[tuple[torch.Tensor, float]]:
    brought: Brought = row.state.extra
    return [(read.negative_tokens if row.negative else read.tokens, read.scale) for read in brought.prompts]
