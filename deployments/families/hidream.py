"""HiDream-I1 (full, dev, fast): equal to diffusers' HiDreamImagePipeline for the same seed. Pictures of every published
size share a call; full is guided by the negative prompt, above a scale of 1, dev and fast by none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch

from configs.errors import ConfigError, StageError
from configs.schema import ModelConfig
from deployments.families.assembly import assemble
from deployments.families.denoising import Begun, Row
from deployments.families.diffusion import Diffusion, linears
from deployments.families.family import FusedLora
from deployments.families.hidream_tokens import Tokens
from deployments.families.pictures import check_unread
from deployments.families.samplers import Samplers
from deployments.families.sampling import check_sampler, sampler_schedule
from deployments.families.schedule import Schedule, flow_schedule
from deployments.messages import GenerateRequest

FORGETFUL = ("FlowMatchEulerDiscreteScheduler", "FlowMatchLCMScheduler")
"""The schedulers whose step is a function of its number: LCM's is that of dev and fast."""
REMEMBERING = "UniPCMultistepScheduler"
"""That of full."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as four encoders read it: `pooled` [1, P] of the two CLIPs, `t5` [1, T, D], and `llama` [L, 1, T, E],
    of whose layers each block of the transformer reads one."""

    pooled: torch.Tensor
    t5: torch.Tensor
    llama: torch.Tensor

    @property
    def nbytes(self) -> int:
        return self.pooled.nbytes + self.t5.nbytes + self.llama.nbytes


@dataclass(frozen=True, slots=True)
class HiDreamConditioning:
    """Both prompts; the negative one where the model is guided by it."""

    prompt: Prompt
    negative: Prompt | None

    @property
    def nbytes(self) -> int:
        return self.prompt.nbytes + (0 if self.negative is None else self.negative.nbytes)


class Bucket(NamedTuple):
    """How many tokens of picture a row has, padding included."""

    tokens: int


class HiDream:
    """What is peculiar to this family (see `Architecture`).

    The transformer pads pictures that are not square to as many tokens as it was trained for. The padding counts: its
    keys are zeros, which attention sees. So a row is padded exactly as it would be alone, and shares a call with rows
    of as many tokens, whatever their pictures' sizes: those of a square of the full size too, which leaves none over.
    """

    def __init__(self, pipeline: Any, config: ModelConfig) -> None:
        self.pipeline = pipeline
        self.denoiser = pipeline.transformer
        patch = int(self.denoiser.config.patch_size)
        self._unit = int(pipeline.vae_scale_factor) * patch
        self._most = int(self.denoiser.max_seq)
        self._guidable = config.variant == "base"
        self._text_length = config.text_length
        self._device = torch.device(pipeline._execution_device)
        self._tokens = Tokens(patch, self._device)
        self._samplers = Samplers(pipeline.scheduler)

    @property
    def targets(self) -> list[str]:
        """The linears that read the tokens of each row in order: not those of experts, which are sent some tokens of
        all rows. A LoRA of experts is merged into them."""
        return [name for name in linears(self.denoiser) if ".experts." not in name]

    def encode(self, prompt: str, negative_prompt: str) -> HiDreamConditioning:
        t5, negative_t5, llama, negative_llama, pooled, negative_pooled = self.pipeline.encode_prompt(
            prompt=prompt,
            negative_prompt=negative_prompt,
            do_classifier_free_guidance=self._guidable,
            device=self._device,
            max_sequence_length=self._text_length,
        )
        negative = Prompt(negative_pooled, negative_t5, negative_llama) if self._guidable else None
        return HiDreamConditioning(Prompt(pooled, t5, llama), negative)

    def bucket(self, request: GenerateRequest) -> Bucket:
        unit, width, height = self._unit, request.width, request.height
        if width % unit or height % unit or width <= 0 or height <= 0:
            raise StageError(f"this model draws multiples of {unit} pixels, and {width}x{height} is not one", "size")
        tokens = (height // unit) * (width // unit)
        if tokens > self._most:
            raise StageError(
                f"this model draws up to {self._most * unit**2} pixels in all, and {width}x{height} has more", "size"
            )
        for name, picture in (("image", request.image), ("mask", request.mask)):
            if picture is not None:
                raise StageError(f"this model draws over no pictures: leave '{name}' out", name)
        check_unread(request, "latents", "references", "controls", "image_prompts")
        return Bucket(tokens if width == height else self._most)

    def guided(self, request: GenerateRequest) -> bool:
        return self._guidable and request.guidance_scale > 1

    def size(self, bucket: Hashable) -> float:
        # The prompt is there three times: as T5 reads it, and twice as Llama does.
        tokens = cast(Bucket, bucket).tokens + 3 * self._text_length
        # The work of the linears grows with the tokens, that of attention with their square.
        return float(tokens * (1 + tokens / (6 * self.denoiser.inner_dim)))

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:  # noqa: ARG002 - none would be exact
        """None: more padding would be another picture. Sizes that may share a call have equal buckets."""
        return None

    def schedule(self, request: GenerateRequest, bucket: Hashable) -> Schedule:  # noqa: ARG002 - alike for all sizes
        scheduler, steps = self._samplers.find(request), request.num_inference_steps
        if type(scheduler).__name__ == REMEMBERING:
            return sampler_schedule(scheduler, steps, self._device)
        return flow_schedule(
            scheduler, steps, self._most, self._device, spaced=False, shift=_published().calculate_shift(self._most)
        )

    def begin(
        self,
        request: GenerateRequest,
        conditioning: HiDreamConditioning,
        schedule: Schedule,  # noqa: ARG002 - nothing is drawn over
        generator: torch.Generator,
    ) -> Begun:
        channels, dtype = self.denoiser.config.in_channels, conditioning.prompt.pooled.dtype
        return Begun(
            self.pipeline.prepare_latents(1, channels, request.height, request.width, dtype, self._device, generator)
        )

    def predict(self, rows: Sequence[Row[HiDreamConditioning]]) -> Sequence[torch.Tensor]:
        tokens = cast(Bucket, rows[0].state.bucket).tokens
        prompts = [_prompt(row) for row in rows]
        places = [self._tokens.places(row.latents, tokens) for row in rows]
        latents = torch.stack([self._tokens.pack(row.latents, tokens) for row in rows])
        predicted: torch.Tensor = self.denoiser(
            hidden_states=latents,
            timesteps=torch.stack([row.timestep for row in rows]),
            encoder_hidden_states_t5=torch.cat([prompt.t5 for prompt in prompts]),
            encoder_hidden_states_llama3=torch.cat([prompt.llama for prompt in prompts], dim=1),
            pooled_embeds=torch.cat([prompt.pooled for prompt in prompts]),
            img_ids=torch.stack([place.ids for place in places]),
            # Asked for as one line of tokens each, so that pictures of all sizes come back in one tensor.
            img_sizes=[(1, tokens)] * len(rows),
            hidden_states_masks=torch.stack([place.mask for place in places]).to(latents.dtype),
            return_dict=False,
        )[0]
        # It says where the noise is; the schedules ask where the picture is.
        return [-self._tokens.unpack(line, row.latents) for line, row in zip(predicted, rows, strict=True)]

    def pixels(self, latents: torch.Tensor, request: GenerateRequest, shrink: float) -> torch.Tensor:  # noqa: ARG002
        vae = self.pipeline.vae
        if shrink < 1:
            latents = torch.nn.functional.interpolate(latents, scale_factor=shrink, mode="area")
        scaled = (latents / vae.config.scaling_factor + vae.config.shift_factor).to(vae.dtype)
        pixels: torch.Tensor = vae.decode(scaled, return_dict=False)[0][0]
        return pixels


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Diffusion[HiDreamConditioning]:
    """Check the weights, build the pipeline, fuse the LoRAs. Raises ConfigError with one plain sentence."""
    assembled = assemble("HiDreamImagePipeline", config, loras)
    check_parts(assembled.pipeline, f"model '{config.id}'")
    hidream = HiDream(assembled.pipeline, config)
    return Diffusion(hidream, assembled.weights, config, hidream.targets)


def check_parts(pipeline: Any, owner: str) -> None:
    """Raises ConfigError for one without its Llama, and for a scheduler not compared with diffusers' pipeline."""
    absent = sorted(name for name, component in pipeline.components.items() if component is None)
    if absent:
        raise ConfigError(
            f"{owner}: its weights come without {', '.join(absent)}: say under 'borrowed' in its YAML where they lie "
            "(Llama-3.1-8B-Instruct).",
            "borrowed",
        )
    scheduler = pipeline.scheduler
    name = type(scheduler).__name__
    if name == REMEMBERING:
        check_sampler(scheduler, owner)
    elif name not in FORGETFUL:
        raise ConfigError(
            f"{owner}: its scheduler is {name}; this family steps with {', '.join(FORGETFUL)} and {REMEMBERING}. "
            "Name a 'sampler' in its YAML.",
            "weights",
        )
    elif scheduler.config.get("scale_factors"):
        raise ConfigError(
            f"{owner}: its scheduler changes the picture's size between steps, which this family does not: remove "
            "scale_factors from its scheduler_config.json.",
            "weights",
        )


def _prompt(row: Row[HiDreamConditioning]) -> Prompt:
    conditioning = row.state.conditioning
    if not row.negative:
        return conditioning.prompt
    assert conditioning.negative is not None
    return conditioning.negative


def _published() -> Any:
    """The module of diffusers' pipeline, which is not typed."""
    from diffusers.pipelines.hidream_image import pipeline_hidream_image

    return pipeline_hidream_image
