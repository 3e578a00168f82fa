"""Stable Diffusion 3.5 (large, turbo, medium) and 3: equal to diffusers' StableDiffusion3 pipelines for the same seed,
with ControlNets and an IP-Adapter beside it. Guidance is classifier-free, above a scale of 1."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch

from configs.errors import ConfigError, StageError
from configs.schema import ModelConfig
from deployments.checkpoints.fingerprint import combine
from deployments.families.assembly import assemble
from deployments.families.control import ControlNet, ControlNets, load_controls
from deployments.families.denoising import Begun, Row
from deployments.families.diffusion import Diffusion
from deployments.families.family import FusedLora
from deployments.families.ip_adapter.files import check_prompts
from deployments.families.ip_adapter.joint import ImagePrompts
from deployments.families.offloading import place_nets
from deployments.families.pictures import Kept, check_unread, opened
from deployments.families.samplers import Samplers
from deployments.families.schedule import FlowSchedule, Schedule, check_flow, flow_schedule
from deployments.messages import GenerateRequest, Picture


@dataclass(frozen=True, slots=True)
class Sd3Conditioning:
    """Both prompts: `tokens` [1, T, D] of the two CLIPs, then of T5 (zeros without it), and `pooled` [1, P]."""

    tokens: torch.Tensor
    pooled: torch.Tensor
    negative_tokens: torch.Tensor
    negative_pooled: torch.Tensor

    @property
    def nbytes(self) -> int:
        tensors = (self.tokens, self.pooled, self.negative_tokens, self.negative_pooled)
        return sum(tensor.nbytes for tensor in tensors)


class Bucket(NamedTuple):
    """The size of a picture in tokens."""

    height: int
    width: int


class Batch(NamedTuple):
    """Some rows as the transformer and its ControlNets read them."""

    latents: torch.Tensor
    timesteps: torch.Tensor
    tokens: torch.Tensor
    pooled: torch.Tensor

    @classmethod
    def of(cls, rows: Sequence[Row[Sd3Conditioning]]) -> Batch:
        prompts = [(row.state.conditioning, row.negative) for row in rows]
        return cls(
            latents=torch.cat([row.latents for row in rows]),
            timesteps=torch.stack([row.timestep for row in rows]),
            tokens=torch.cat([each.negative_tokens if negative else each.tokens for each, negative in prompts]),
            pooled=torch.cat([each.negative_pooled if negative else each.pooled for each, negative in prompts]),
        )


class Sd3:
    """What is peculiar to this family (see `Architecture`)."""

    def __init__(self, pipeline: Any, controls: ControlNets, prompts: ImagePrompts | None, config: ModelConfig) -> None:
        import diffusers

        parts: Any = diffusers
        self.pipeline = pipeline
        self.denoiser = pipeline.transformer
        self._drawing_over = parts.StableDiffusion3InpaintPipeline(**pipeline.components)  # the same parts
        self._controls, self._prompts = controls, prompts
        self._aligned = len({len(net.module.transformer_blocks) for net in controls.nets}) <= 1
        self._samplers = Samplers(pipeline.scheduler)
        self._text_length = config.text_length
        self._device = torch.device(pipeline._execution_device)

    def encode(self, prompt: str, negative_prompt: str) -> Sd3Conditioning:
        tokens, negative_tokens, pooled, negative_pooled = self.pipeline.encode_prompt(
            prompt=prompt,
            prompt_2=None,
            prompt_3=None,
            negative_prompt=negative_prompt,
            device=self._device,
            max_sequence_length=self._text_length,
        )
        return Sd3Conditioning(tokens, pooled, negative_tokens, negative_pooled)

    def bucket(self, request: GenerateRequest) -> Bucket:
        unit = self.pipeline.vae_scale_factor * self.pipeline.patch_size
        width, height = request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        check_unread(request, "latents", "references", *(() if self._prompts else ("image_prompts",)))
        check_prompts(request)
        self._controls.check(request)
        longest = unit * self._longest(request)
        if max(width, height) > longest:
            raise StageError(f"this model draws up to {longest} pixels a side, and {width}x{height} is more", "size")
        return Bucket(height // unit, width // unit)

    def guided(self, request: GenerateRequest) -> bool:
        return request.guidance_scale > 1

    def size(self, bucket: Hashable) -> float:
        height, width = cast(Bucket, bucket)
        tokens = height * width + self.pipeline.tokenizer_max_length + self._text_length
        # The work of the linears grows with the tokens, that of attention with their square.
        return float(tokens * (1 + tokens / (6 * self.denoiser.inner_dim)))

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:  # noqa: ARG002 - none would be exact
        """None: a token's position is counted from the middle of its picture, so sizes cannot share a canvas."""
        return None

    def schedule(self, request: GenerateRequest, bucket: Hashable) -> FlowSchedule:
        height, width = cast(Bucket, bucket)
        strength = 1.0 if request.image is None else request.strength
        scheduler, steps = self._samplers.find(request), request.num_inference_steps
        return flow_schedule(scheduler, steps, height * width, self._device, strength, spaced=False)

    def begin(
        self,
        request: GenerateRequest,
        conditioning: Sd3Conditioning,
        schedule: Schedule,
        generator: torch.Generator,
    ) -> Begun:
        like = conditioning.tokens
        controls = self._controls.follow(request, self._read)
        seen = tuple(self._prompts.see(each) for each in request.image_prompts) if self._prompts else ()
        if request.image is None:
            channels, size = self.denoiser.config.in_channels, (request.height, request.width)
            latents = self.pipeline.prepare_latents(1, channels, *size, like.dtype, self._device, generator)
            return Begun(latents, controls=controls, extra=seen)
        pixels = self._drawing_over.image_processor.preprocess(opened(request.image)).to(like)
        clean = self._drawing_over._encode_vae_image(pixels, generator)
        noise = torch.randn(clean.shape, generator=generator, dtype=like.dtype).to(like.device)
        latents = schedule.mix(clean, noise, 0)
        if request.mask is None:
            return Begun(latents, controls=controls, extra=seen)
        drawn = self._drawing_over.mask_processor.preprocess(opened(request.mask))
        mask = torch.nn.functional.interpolate(drawn, size=clean.shape[-2:]).to(like).expand_as(clean)
        return Begun(latents, Kept(clean, noise, mask), controls, seen)

    def predict(self, rows: Sequence[Row[Sd3Conditioning]]) -> Sequence[torch.Tensor]:
        batch = Batch.of(rows)
        added = self._controls.residuals(rows, self._ask)
        with self._prompts.reading(rows) if self._prompts else nullcontext():
            velocities: torch.Tensor = self.denoiser(
                hidden_states=batch.latents,
                timestep=batch.timesteps,
                encoder_hidden_states=batch.tokens,
                pooled_projections=batch.pooled,
                block_controlnet_hidden_states=added,
                return_dict=False,
            )[0]
        return torch.split(velocities, 1)

    def pixels(self, latents: torch.Tensor, request: GenerateRequest, shrink: float) -> torch.Tensor:  # noqa: ARG002
        vae = self.pipeline.vae
        if shrink < 1:
            latents = torch.nn.functional.interpolate(latents, scale_factor=shrink, mode="area")
        scaled = (latents / vae.config.scaling_factor + vae.config.shift_factor).to(vae.dtype)
        pixels: torch.Tensor = vae.decode(scaled, return_dict=False)[0][0]
        return pixels

    def _longest(self, request: GenerateRequest) -> int:
        """How many tokens a side have positions in the transformer and in the nets that the request follows."""
        configs = [self.denoiser.config, *(self._controls.find(each.kind).module.config for each in request.controls)]
        return min(int(config.pos_embed_max_size) for config in configs if config.get("use_pos_embed", True))

    def _read(self, net: ControlNet, picture: Picture) -> torch.Tensor:
        """A control picture as latents [1, C, h, w], by the net's own convention.

        diffusers draws them around the middle of the encoder's distribution, which is narrow, with numbers that no
        seed decides; here they are the middle.
        """
        vae = self.pipeline.vae
        pixels = self.pipeline.image_processor.preprocess(opened(picture))
        if net.levels is not None:
            black, white = net.levels
            pixels = (pixels / 2 + 0.5) * (white - black) + black
        encoded = vae.encode(pixels.to(self._device, self.denoiser.dtype))
        latents: torch.Tensor = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latents
        shift = 0.0 if net.module.config.force_zeros_for_pooled_projection else vae.config.shift_factor
        return latents.sub(shift).mul(vae.config.scaling_factor)

    def _ask(
        self, net: ControlNet, rows: Sequence[Row[Sd3Conditioning]], pictures: torch.Tensor
    ) -> Sequence[torch.Tensor]:
        """What `net` adds behind each of its blocks."""
        batch, config = Batch.of(rows), net.module.config
        added: Sequence[torch.Tensor] = net.module(
            hidden_states=batch.latents,
            controlnet_cond=pictures,
            timestep=batch.timesteps,
            encoder_hidden_states=None if config.joint_attention_dim is None else batch.tokens,
            pooled_projections=(
                torch.zeros_like(batch.pooled) if config.force_zeros_for_pooled_projection else batch.pooled
            ),
            return_dict=False,
        )[0]
        if self._aligned:
            return added
        # Nets of different depth answer for each block of the transformer, as that spreads what it is given.
        blocks = len(self.denoiser.transformer_blocks)
        return [added[int(block / (blocks / len(added)))] for block in range(blocks)]


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Diffusion[Sd3Conditioning]:
    """Check the weights, build the pipeline with its ControlNets and IP-Adapter, fuse the LoRAs. Raises ConfigError
    with one plain sentence."""
    owner = f"model '{config.id}'"
    if config.image_prompt is not None and config.runtime.offload == "sequential":
        raise ConfigError(f"{owner}: an IP-Adapter cannot be offloaded layer by layer: set 'model'.", "runtime.offload")
    assembled = assemble("StableDiffusion3Pipeline", config, loras)
    pipeline = assembled.pipeline
    check_flow(pipeline.scheduler, owner)
    controls = load_controls(config, ("SD3ControlNetModel",), pipeline, levels=True)
    for net in controls.nets:
        _fit(net, pipeline.transformer, f"control '{net.kind}' of {owner}")
    weights, prompts = controls.name(assembled.weights), None
    if config.image_prompt is not None:
        prompts = ImagePrompts(pipeline, config.image_prompt, config.runtime, owner)
        weights = combine([weights, prompts.weights])
    place_nets([*controls.nets, *([prompts] if prompts else [])], pipeline, config.runtime)
    return Diffusion(Sd3(pipeline, controls, prompts, config), weights, config)


def _fit(net: ControlNet, transformer: Any, owner: str) -> None:
    """Give a net the positions of its transformer where it has none of its own (those of SD 3.5 large)."""
    module = net.module
    if module.config.extra_conditioning_channels:
        raise ConfigError(
            f"{owner}: it wants a mask beside its picture, which this family does not give it. Leave it out: "
            "inpainting needs no ControlNet here.",
            "controls",
        )
    if not module.config.use_pos_embed and module.pos_embed is None:
        if any(each.is_meta for each in transformer.pos_embed.parameters()):
            raise ConfigError(
                f"{owner}: it wants its transformer's positions, and that is offloaded layer by layer: set 'model'.",
                "runtime.offload",
            )
        positions = module._get_pos_embed_from_transformer(transformer)
        module.pos_embed = positions.to(module.device, module.dtype).eval().requires_grad_(False)
