"""Pipelines of random weights that are called whole, small enough to build in every test, tokenizers included."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import torch

from configs.schema import ModelConfig, Size
from deployments.families.pictures import opened
from deployments.messages import GenerateRequest
from tests.deployments import tiny
from tests.deployments.tiny_components import LETTERS, autoencoder, clip_config, clip_tokenizer, parts, t5_tokenizer
from tests.deployments.tiny_components import models as texts

SIDE = 32
_TEMPLATE = (
    "{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{%- endfor %}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{%- endif %}"
)


def save_qwen(folder: Path, seed: int = 0) -> Path:
    """Qwen-Image."""
    torch.manual_seed(seed)
    tokenizer = _qwen_tokenizer()
    text = texts.Qwen2_5_VLForConditionalGeneration(
        texts.Qwen2_5_VLConfig(
            text_config={
                "vocab_size": len(tokenizer),
                "hidden_size": 16,
                "intermediate_size": 16,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e6},
            },
            vision_config={
                "depth": 1,
                "hidden_size": 16,
                "intermediate_size": 16,
                "num_heads": 2,
                "out_hidden_size": 16,
                "fullatt_block_indexes": [0],
            },
        )
    )
    pipeline = parts.QwenImagePipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=parts.AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 2],
            num_res_blocks=1,
            temperal_downsample=[False],
            latents_mean=[0.1] * 4,
            latents_std=[1.5] * 4,
        ),
        text_encoder=text.eval(),
        tokenizer=tokenizer,
        transformer=parts.QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            axes_dims_rope=(8, 4, 4),
        ),
    )
    pipeline.save_pretrained(folder)
    return folder


def save_z(folder: Path, seed: int = 0) -> Path:
    """Z-Image."""
    torch.manual_seed(seed)
    tokenizer = _qwen_tokenizer()
    text = texts.Qwen3Model(
        texts.Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
        )
    )
    pipeline = parts.ZImagePipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(2, use_quant_conv=True, use_post_quant_conv=True),
        text_encoder=text.eval(),
        tokenizer=tokenizer,
        transformer=parts.ZImageTransformer2DModel(
            in_channels=4,
            dim=32,
            n_layers=2,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            cap_feat_dim=16,
            axes_dims=[8, 4, 4],
            axes_lens=[256, 32, 32],
        ),
    )
    _settle(pipeline.transformer)
    pipeline.save_pretrained(folder)
    return folder


def save_sana(folder: Path, seed: int = 0) -> Path:
    """Sana: a pipeline that nobody described to the families."""
    torch.manual_seed(seed)
    tokenizer = t5_tokenizer()
    text = texts.Gemma2Model(
        texts.Gemma2Config(
            vocab_size=len(tokenizer),
            hidden_size=8,
            head_dim=8,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
        )
    )
    pipeline = parts.SanaPipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(shift=7.0),
        vae=parts.AutoencoderDC(
            latent_channels=4,
            attention_head_dim=2,
            encoder_block_out_channels=(8, 8),
            decoder_block_out_channels=(8, 8),
            encoder_qkv_multiscales=((), ()),
            decoder_qkv_multiscales=((), ()),
            encoder_layers_per_block=(1, 1),
            decoder_layers_per_block=(1, 1),
            upsample_block_type="interpolate",
            downsample_block_type="conv",
            scaling_factor=0.41,
        ),
        text_encoder=text.eval(),
        tokenizer=tokenizer,
        transformer=parts.SanaTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_attention_heads=2,
            attention_head_dim=4,
            num_cross_attention_heads=2,
            cross_attention_head_dim=4,
            cross_attention_dim=8,
            caption_channels=8,
            sample_size=SIDE,
        ),
    )
    pipeline.save_pretrained(folder)
    return folder


def save_stable_diffusion(folder: Path, seed: int = 0) -> Path:
    """Stable Diffusion 1, whose scheduler takes more steps than it is asked for and remembers them."""
    torch.manual_seed(seed)
    text = texts.CLIPTextModel(clip_config())
    pipeline = parts.StableDiffusionPipeline(
        scheduler=parts.PNDMScheduler(skip_prk_steps=True, steps_offset=1),
        vae=autoencoder(2, use_quant_conv=True, use_post_quant_conv=True),
        text_encoder=text,
        tokenizer=clip_tokenizer(),
        unet=parts.UNet2DConditionModel(
            sample_size=16,
            block_out_channels=(8, 8),
            layers_per_block=1,
            norm_num_groups=2,
            attention_head_dim=2,
            cross_attention_dim=32,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)
    return folder


def whole_config(folder: Path, family: str, **changes: Any) -> ModelConfig:
    """The YAML of one of them, as it would be parsed."""
    sizes = (Size(width=SIDE, height=SIDE), Size(width=2 * SIDE, height=SIDE))
    return tiny.tiny_config(folder, family=family, native_sizes=sizes, text_length=512, **changes)


def whole_request(**changes: Any) -> GenerateRequest:
    """A request for one of them."""
    return tiny.request(**{"width": SIDE, "height": SIDE, "num_inference_steps": 3, **changes})


def stock_pixels(pipeline: Any, asked: GenerateRequest) -> torch.Tensor:
    """What diffusers' own pipeline, or the one with its components that draws over pictures, draws: [1, 3, H, W] in
    0..1."""
    kind, more = "Pipeline", dict[str, Any]()
    if asked.image is not None:
        kind, more = "Img2ImgPipeline", {"image": opened(asked.image), "strength": asked.strength}
    if asked.mask is not None:
        kind, more = "InpaintPipeline", {**more, "mask_image": opened(asked.mask)}
    cls = getattr(parts, type(pipeline).__name__.replace("Pipeline", kind))
    call = pipeline if kind == "Pipeline" else cls(**pipeline.components)
    call.set_progress_bar_config(disable=True)
    known = inspect.signature(cls.__call__).parameters
    told = {"max_sequence_length": 512, "use_resolution_binning": False}
    scale = "true_cfg_scale" if cls.__name__.startswith("Qwen") else "guidance_scale"
    pixels: torch.Tensor = call(
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        width=asked.width,
        height=asked.height,
        num_inference_steps=asked.num_inference_steps,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        output_type="pt",
        **{scale: asked.guidance_scale},
        **{name: value for name, value in told.items() if name in known},
        **more,
    ).images
    return pixels


def _qwen_tokenizer() -> Any:
    """Letters as tokens; `Ġ` and `Ċ` are how it writes space and newline."""
    vocabulary = {letter: index for index, letter in enumerate([*LETTERS, "Ġ", "Ċ", "<|endoftext|>"])}
    tokenizer = texts.Qwen2Tokenizer(vocab=vocabulary, merges=[], chat_template=_TEMPLATE)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    return tokenizer


def _settle(module: torch.nn.Module) -> None:
    """Numbers where the class leaves its padding tokens uninitialised."""
    for name, parameter in module.named_parameters():
        if "pad_token" in name:
            torch.nn.init.normal_(parameter, std=0.02)
