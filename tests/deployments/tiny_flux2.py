"""FLUX.2 pipelines of random weights, dev and klein, small enough to build in every test, and diffusers' own pipelines
for the same request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    Mistral3Config,
    Mistral3ForConditionalGeneration,
    MistralConfig,
    PixtralVisionConfig,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from configs.schema import ModelConfig
from deployments.families.pictures import opened
from deployments.messages import GenerateRequest
from tests.deployments.tiny import LETTERS, SIZES, parts, tiny_config

__all__ = ["SIZES", "build", "config", "draw", "latents_alone", "read", "stock"]

WIDTH, TEXT_LENGTH = 16, 48
PIPELINES = {"base": "Flux2Pipeline", "klein": "Flux2KleinPipeline", "klein-base": "Flux2KleinPipeline"}
_SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", "[IMG]", "[IMG_BREAK]", "[IMG_END]")
_SAID = "{{ m['content'] if m['content'] is string else m['content'] | map(attribute='text') | join(' ') }}"
TEMPLATE = "{% for m in messages %}<s>" + _SAID + "</s>{% endfor %}"


def build(folder: Path, variant: str = "base") -> None:
    """Write a whole pipeline in diffusers' layout to `folder`. klein is distilled, klein-base is not."""
    torch.manual_seed(0)
    vae = parts.AutoencoderKLFlux2(
        block_out_channels=(4, 4, 4, 4), layers_per_block=1, latent_channels=4, norm_num_groups=1
    )
    torch.nn.init.uniform_(vae.bn.running_mean, -0.5, 0.5)
    torch.nn.init.uniform_(vae.bn.running_var, 0.5, 2.0)
    transformer = parts.Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * WIDTH,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=variant == "base",
    )
    tokenizer, encoder = _mistral() if variant == "base" else _qwen()
    distilled = {} if variant == "base" else {"is_distilled": variant == "klein"}
    pipeline = getattr(parts, PIPELINES[variant])(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        transformer=transformer,
        **distilled,
    )
    pipeline.save_pretrained(folder)


def config(folder: Path, variant: str = "base", **changes: Any) -> ModelConfig:
    """The YAML of a model that `build` wrote."""
    fields: dict[str, Any] = {"family": "flux2", "variant": variant, "text_length": TEXT_LENGTH}
    return tiny_config(folder, **{**fields, **changes})


def read(folder: Path, variant: str = "base") -> Any:
    """diffusers' own pipeline."""
    pipeline = getattr(parts, PIPELINES[variant]).from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def stock(folder: Path, request: GenerateRequest, variant: str = "base") -> torch.Tensor:
    """The latents that diffusers' own pipeline makes of a request, as ours lie."""
    return latents_alone(read(folder, variant), request)


def latents_alone(pipeline: Any, request: GenerateRequest) -> torch.Tensor:
    """`stock` by a pipeline that is read already. klein hands latents out unpacked and no longer normalised, so they
    are taken where they pass."""
    kept: list[torch.Tensor] = []

    def keep(_pipeline: object, _step: int, _timestep: object, tensors: dict[str, torch.Tensor]) -> dict[str, object]:
        kept.append(tensors["latents"])
        return {}

    draw(pipeline, request, callback_on_step_end=keep, output_type="np")
    return kept[-1]


def draw(pipeline: Any, request: GenerateRequest, **settings: Any) -> Any:
    """The request through the `__call__` that fits it; what has no mask is drawn over everywhere."""
    references = [opened(picture) for picture in request.references]
    told: dict[str, Any] = {"image": references or None}
    if request.image is not None:
        told = {
            "image": opened(request.image),
            "mask_image": opened(request.mask)
            if request.mask
            else Image.new("L", (request.width, request.height), 255),
            "strength": request.strength,
            "image_reference": references or None,
        }
        pipeline = parts.Flux2KleinInpaintPipeline(**pipeline.components, is_distilled=pipeline.config.is_distilled)
        pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        prompt=request.prompt,
        guidance_scale=request.guidance_scale,
        width=request.width,
        height=request.height,
        num_inference_steps=request.num_inference_steps,
        generator=torch.Generator("cpu").manual_seed(request.seed),
        max_sequence_length=TEXT_LENGTH,
        **told,
        **settings,
    ).images


def _words() -> PreTrainedTokenizerFast:
    """One token a letter."""
    pieces = [*_SPECIAL, " ", *LETTERS]
    raw = Tokenizer(models.WordLevel({piece: number for number, piece in enumerate(pieces)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=raw,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=list(_SPECIAL[4:]),
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _mistral() -> tuple[Any, Any]:
    tokenizer = _words()
    text = MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=24,
        num_hidden_layers=30,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    vision = PixtralVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    settings = Mistral3Config(text_config=text, vision_config=vision, image_token_index=4)
    return tokenizer, Mistral3ForConditionalGeneration(settings)


def _qwen() -> tuple[Any, Any]:
    tokenizer = _words()
    settings = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=24,
        num_hidden_layers=27,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    return tokenizer, Qwen3ForCausalLM(settings)
