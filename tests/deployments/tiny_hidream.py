"""A HiDream-I1 pipeline of random weights, small enough to build in every test, and diffusers' own for the same
request. Its Llama lies elsewhere, as that of the published checkpoints does."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Any

import tokenizers
import torch

from configs.schema import LicencePart, ModelConfig
from configs.weights import Weights
from deployments.families.diffusion import Diffusion
from deployments.families.hidream import HiDreamConditioning, load
from deployments.messages import GenerateRequest
from tests.deployments.tiny import SIZES as SIZES
from tests.deployments.tiny import tiny_config
from tests.deployments.tiny_components import (
    LETTERS,
    autoencoder,
    clip_config,
    clip_tokenizer,
    models,
    parts,
    t5,
    t5_tokenizer,
)

# It is not typed; through this name mypy does not follow it.
spelling: Any = tokenizers

HiDream = Diffusion[HiDreamConditioning]
SIDE = 8
"""Tokens of the side of the largest square; SIZES are to it what the published sizes are to theirs."""
SCHEDULERS = {
    "base": lambda: parts.UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    ),
    "dev": lambda: parts.FlowMatchLCMScheduler(shift=6.0),
    "fast": lambda: parts.FlowMatchLCMScheduler(shift=3.0),
}
TEXT = 16


def build(folder: Path, variant: str = "base", scheduler: Any = None, width: int = 2) -> None:
    """Write a whole pipeline in diffusers' layout to `folder`, but its Llama to `folder`/llama. `width` in heads."""
    torch.manual_seed(0)
    pipeline = parts.HiDreamImagePipeline(
        scheduler=scheduler or SCHEDULERS[variant](),
        vae=autoencoder(),
        tokenizer=clip_tokenizer(),
        text_encoder=_clip(16),
        tokenizer_2=clip_tokenizer(),
        text_encoder_2=_clip(24),
        tokenizer_3=t5_tokenizer(),
        text_encoder_3=t5(24),
        tokenizer_4=None,
        text_encoder_4=None,
        transformer=_transformer(width),
    )
    pipeline.save_pretrained(folder)
    _llama_tokenizer().save_pretrained(folder / "llama")
    _llama().save_pretrained(folder / "llama")


def config(folder: Path, variant: str = "base", **changes: Any) -> ModelConfig:
    """The YAML of a model that `build` wrote."""
    llama = Weights(path=str(folder / "llama"))
    fields: dict[str, Any] = {
        "family": "hidream",
        "variant": variant,
        "text_length": TEXT,
        "native_sizes": SIZES,
        "guidance_scale": 5.0 if variant == "base" else 0.0,
        "borrowed": {"text_encoder_4": llama, "tokenizer_4": llama},
        "licence_parts": (LicencePart(part="transformer", licence="mit"),),
    }
    return tiny_config(folder, **{**fields, **changes})


def stock(folder: Path, request: GenerateRequest, output_type: str = "latent") -> Any:
    """What diffusers' own pipeline draws: latents [1, C, h, w], or a list of Pillow's pictures."""
    return call(read(folder), request, output_type)


def read(folder: Path) -> Any:
    """diffusers' own pipeline, to `call` several times."""
    llama = folder / "llama"
    pipeline = parts.HiDreamImagePipeline.from_pretrained(
        folder,
        dtype=torch.float32,
        use_safetensors=True,
        tokenizer_4=models.AutoTokenizer.from_pretrained(llama),
        text_encoder_4=models.LlamaForCausalLM.from_pretrained(llama, dtype=torch.float32),
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def call(pipeline: Any, request: GenerateRequest, output_type: str = "latent") -> Any:
    """The request through `__call__`, which draws every size with the area that it takes for the model's: that is made
    to be the request's. Noise that its scheduler adds is the generator's, where diffusers takes torch's own."""
    side = math.sqrt(request.width * request.height) / pipeline.vae_scale_factor
    pipeline.default_sample_size = side * (1 + 1e-9)  # it rounds down
    generator = torch.Generator("cpu").manual_seed(request.seed)
    step = type(pipeline.scheduler).step
    if not isinstance(pipeline.scheduler, parts.UniPCMultistepScheduler):
        pipeline.scheduler.step = functools.partial(step, pipeline.scheduler, generator=generator)
    return pipeline(
        prompt=request.prompt,
        negative_prompt=request.negative_prompt,
        guidance_scale=request.guidance_scale,
        width=request.width,
        height=request.height,
        num_inference_steps=request.num_inference_steps,
        generator=generator,
        max_sequence_length=TEXT,
        output_type=output_type,
    ).images


def pair(folder: Path, kind: str) -> tuple[HiDream, Any]:
    """A family and diffusers' pipeline of the same weights: of a variant, or of `euler`, full with Euler's steps."""
    variant = "base" if kind == "euler" else kind
    euler = parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0)
    build(folder, variant, scheduler=euler if kind == "euler" else None)
    return load(config(folder, variant, lora_slots={8: 2})), read(folder)


def _transformer(width: int) -> Any:
    return parts.HiDreamImageTransformer2DModel(
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_single_layers=2,
        attention_head_dim=16,
        num_attention_heads=width,
        caption_channels=[24, 16],
        text_emb_dim=40,
        num_routed_experts=4,
        num_activated_experts=2,
        axes_dims_rope=(8, 4, 4),
        max_resolution=(2 * SIDE, 2 * SIDE),
        llama_layers=[0, 2, 1],
    )


def _clip(width: int) -> Any:
    return models.CLIPTextModelWithProjection(clip_config(projection_dim=width, max_position_embeddings=TEXT))


def _llama() -> Any:
    settings = models.LlamaConfig(
        vocab_size=3 + len(LETTERS),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        bos_token_id=0,
        eos_token_id=1,
    )
    return models.LlamaForCausalLM(settings)


def _llama_tokenizer() -> Any:
    vocabulary = {token: index for index, token in enumerate(["<s>", "</s>", "<unk>", *LETTERS])}
    inner = spelling.Tokenizer(spelling.models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = spelling.pre_tokenizers.Split("", "isolated")
    inner.post_processor = spelling.processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return models.PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", unk_token="<unk>", model_max_length=131072
    )
