"""A Stable Diffusion 3 pipeline of random weights, small enough to build in every test, and diffusers' own pipelines
for the same request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import torch
from diffusers.models import attention_processor as _attention
from diffusers.models import embeddings as _embeddings
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
    SiglipVisionModel,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from configs.inputs import InputImage
from configs.schema import ControlConfig, ImagePromptConfig, LicencePart, ModelConfig
from configs.weights import Weights
from deployments.families.pictures import opened
from deployments.messages import GenerateRequest, Picture
from tests.deployments import asking
from tests.deployments.diffusers_alone import left_half, painting
from tests.deployments.tiny import LETTERS, SIZES, parts, tiny_config
from tests.deployments.tiny import request as ask

__all__ = ["SIZES", "Shape", "along", "build", "call", "config", "over", "read", "save_adapter", "stock"]

attention_processor: Any = _attention
embeddings: Any = _embeddings
ADAPTER = "prompts/ip-adapter"
LICENCE = (LicencePart(part="transformer", licence="apache-2.0"),)
CONTROLS = {"canny": "instantx", "depth": "stability"}
"""The two conventions: with positions, prompt and a zero pooled prompt, or with none of these."""


@dataclass(frozen=True)
class Shape:
    """What differs between the tiny models that the tests build. The published VAE's distributions are narrow."""

    t5: bool = True
    dynamic: bool = False
    narrow: bool = True
    layers: int = 3


def build(folder: Path, variant: str = "base", shape: Shape = Shape()) -> None:  # noqa: B008 - frozen
    """Write a whole pipeline in diffusers' layout to `folder`, two ControlNets to `folder`/controls, and an IP-Adapter
    with its encoder to `folder`/prompts."""
    del variant  # turbo differs in its weights alone
    torch.manual_seed(0)
    clip, clip_2, t5 = _clip(32), _clip(24), _t5() if shape.t5 else (None, None)
    transformer = parts.SD3Transformer2DModel(**_sizes(), num_layers=shape.layers, dual_attention_layers=(0,))
    pipeline = parts.StableDiffusion3Pipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=shape.dynamic, shift=3.0),
        vae=_vae(shape.narrow),
        tokenizer=clip[0],
        text_encoder=clip[1],
        tokenizer_2=clip_2[0],
        text_encoder_2=clip_2[1],
        tokenizer_3=t5[0],
        text_encoder_3=t5[1],
        transformer=transformer,
    )
    pipeline.save_pretrained(folder)
    for kind, layers in zip(CONTROLS, (1, 2), strict=True):
        _control(kind, layers).save_pretrained(folder / "controls" / kind)
    save_adapter(transformer, folder / ADAPTER)


def config(folder: Path, variant: str = "base", **changes: Any) -> ModelConfig:
    """The YAML of a model that `build` wrote, with both controls and the IP-Adapter."""
    controls = {
        kind: ControlConfig(weights=Weights(path=str(folder / "controls" / kind)), licence_parts=LICENCE)
        for kind in CONTROLS
    }
    fields: dict[str, Any] = {"family": "sd3", "variant": variant, "text_length": 32, "controls": controls}
    if (folder / ADAPTER).exists():
        fields["image_prompt"] = adapter_config(folder / ADAPTER)
    return tiny_config(folder, **{**fields, **changes})


def adapter_config(folder: Path) -> ImagePromptConfig:
    return ImagePromptConfig(
        kind="ip-adapter",
        weights=Weights(path=str(folder), file="ip-adapter.safetensors"),
        licence_parts=(LicencePart(part="IP-Adapter", licence="apache-2.0"),),
    )


def save_adapter(transformer: Any, folder: Path) -> None:
    """As the published one is laid out: `image_proj.` and `ip_adapter.`, and a folder that has SigLIP's words too."""
    width = transformer.inner_dim
    torch.manual_seed(7)
    projection = embeddings.IPAdapterTimeImageProjection(
        embed_dim=24, output_dim=width, hidden_dim=64, heads=1, num_queries=4, timestep_in_dim=8
    )
    tensors = {f"image_proj.{name}": value for name, value in projection.state_dict().items()}
    for index, _ in enumerate(transformer.attn_processors):
        own = attention_processor.SD3IPAdapterJointAttnProcessor2_0(
            width, width, transformer.config.attention_head_dim, timesteps_emb_dim=64
        )
        tensors |= {f"ip_adapter.{index}.{name}": value for name, value in own.state_dict().items()}
    vision = {
        "hidden_size": 24,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 8,
    }
    words = {"hidden_size": 24, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    settings = SiglipConfig(text_config={**words, "vocab_size": 8}, vision_config=vision)
    SiglipModel(settings).save_pretrained(folder / "image_encoder")
    save_file(tensors, folder / "ip-adapter.safetensors")


def over(strength: float = 0.6, masked: bool = False, **changes: Any) -> GenerateRequest:
    """A request that draws over a picture, or over what a mask leaves of it."""
    asked = ask(**{"num_inference_steps": 5, "strength": strength, **changes})
    asked = asking.replace(asked, image=painting(asked.width, asked.height))
    return asking.replace(asked, mask=left_half(asked.width, asked.height)) if masked else asked


def along(kind: str, **changes: Any) -> InputImage[Picture]:
    """A control of some picture of its own."""
    return asking.control(**{"kind": kind, "image": painting(128, 128, seed=len(kind)), "scale": 0.7, **changes})


def stock(folder: Path, request: GenerateRequest, output_type: str = "latent", **settings: Any) -> Any:
    """What diffusers' own pipeline draws: latents [1, C, h, w], or a list of Pillow's pictures."""
    return call(read(folder), folder, request, output_type, **settings)


def read(folder: Path) -> Any:
    """diffusers' own pipeline, to `call` several times."""
    absent = {} if (folder / "text_encoder_3").exists() else {"text_encoder_3": None, "tokenizer_3": None}
    pipeline = parts.StableDiffusion3Pipeline.from_pretrained(
        folder, dtype=torch.float32, use_safetensors=True, **absent
    )
    if (folder / ADAPTER).exists():
        pipeline.register_modules(
            image_encoder=SiglipVisionModel.from_pretrained(folder / ADAPTER / "image_encoder"),
            feature_extractor=SiglipImageProcessorPil(size={"height": 32, "width": 32}),
        )
        pipeline.load_ip_adapter(
            str(folder / ADAPTER), subfolder="", weight_name="ip-adapter.safetensors", local_files_only=True
        )
    return pipeline


def call(pipeline: Any, folder: Path, request: GenerateRequest, output_type: str = "latent", **settings: Any) -> Any:
    """The request through the `__call__` that fits it, which is told `settings` besides or instead."""
    name, nets, more = _fitting(folder, request)
    drawing = getattr(parts, name)(**pipeline.components, **nets)
    drawing.set_progress_bar_config(disable=True)
    for prompt in request.image_prompts:  # at most one, for diffusers
        pipeline.set_ip_adapter_scale(prompt.scale)
        more["ip_adapter_image"] = opened(prompt.image)
    with _guided(pipeline, folder, request) if request.image is not None else nullcontext():
        return drawing(
            prompt=request.prompt,
            negative_prompt=request.negative_prompt,
            guidance_scale=request.guidance_scale,
            width=request.width,
            height=request.height,
            num_inference_steps=request.num_inference_steps,
            generator=torch.Generator("cpu").manual_seed(request.seed),
            max_sequence_length=32,
            output_type=output_type,
            **{**more, **settings},
        ).images


def _fitting(folder: Path, request: GenerateRequest) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Which of diffusers' pipelines it is, its ControlNets, and what its call is told besides."""
    over = {} if request.image is None else {"image": opened(request.image), "strength": request.strength}
    if request.mask is not None:
        return "StableDiffusion3InpaintPipeline", {}, {**over, "mask_image": opened(request.mask)}
    if request.image is not None:
        return "StableDiffusion3Img2ImgPipeline", {}, over
    if not request.controls:
        return "StableDiffusion3Pipeline", {}, {}
    controls = request.controls
    nets = [_read_control(folder, each.kind) for each in controls]
    told = {
        "control_image": [opened(each.image) for each in controls],
        "controlnet_conditioning_scale": [each.scale for each in controls],
        "control_guidance_start": [each.start for each in controls],
        "control_guidance_end": [each.end for each in controls],
    }
    if len(nets) == 1:
        told = {name: value[0] for name, value in told.items()}
    return "StableDiffusion3ControlNetPipeline", {"controlnet": nets[0] if len(nets) == 1 else nets}, told


def _read_control(folder: Path, kind: str) -> Any:
    return parts.SD3ControlNetModel.from_pretrained(folder / "controls" / kind)


@contextmanager
def _guided(pipeline: Any, folder: Path, request: GenerateRequest) -> Iterator[None]:
    """diffusers has no pipeline that draws over a picture along a control: at most one, hung before the transformer."""
    if not request.controls:
        yield
        return
    (control,) = request.controls
    guide = parts.StableDiffusion3ControlNetPipeline(
        **pipeline.components, controlnet=_read_control(folder, control.kind)
    )
    net, vae = guide.controlnet, pipeline.vae
    with torch.no_grad():
        latents = vae.encode(pipeline.image_processor.preprocess(opened(control.image))).latent_dist.mode()
    stability = CONTROLS[control.kind] == "stability"
    picture = (latents - (vae.config.shift_factor if stability else 0)) * vae.config.scaling_factor
    steps = request.num_inference_steps - int(request.num_inference_steps * (1 - request.strength))
    passed = count()

    def add(_module: Any, _arguments: Any, told: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        step = next(passed)
        if step / steps < control.start or (step + 1) / steps > control.end:
            return (), told
        pooled = told["pooled_projections"]
        added = net(
            hidden_states=told["hidden_states"],
            timestep=told["timestep"],
            controlnet_cond=picture.expand(len(told["hidden_states"]), -1, -1, -1),
            conditioning_scale=control.scale,
            encoder_hidden_states=None if stability else told["encoder_hidden_states"],
            pooled_projections=pooled if stability else torch.zeros_like(pooled),
            return_dict=False,
        )[0]
        return (), {**told, "block_controlnet_hidden_states": added}

    hook = pipeline.transformer.register_forward_pre_hook(add, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()


def _sizes() -> dict[str, Any]:
    return {
        "sample_size": 32,
        "patch_size": 2,
        "in_channels": 16,
        "out_channels": 16,
        "attention_head_dim": 8,
        "num_attention_heads": 2,
        "caption_projection_dim": 16,
        "joint_attention_dim": 64,
        "pooled_projection_dim": 56,
        "pos_embed_max_size": 24,
        "qk_norm": "rms_norm",
    }


def _control(kind: str, layers: int) -> Any:
    sizes = _sizes()
    if CONTROLS[kind] == "stability":
        sizes |= {"joint_attention_dim": None, "use_pos_embed": False, "force_zeros_for_pooled_projection": False}
        sizes["pos_embed_type"] = None
    net = parts.SD3ControlNetModel(**sizes, num_layers=layers)
    # A new net's last layers are zeros, so that it adds nothing.
    for module in (*net.controlnet_blocks, net.pos_embed_input.proj):
        torch.nn.init.normal_(module.weight, std=0.3)
    return net


def _clip(width: int) -> tuple[Any, Any]:
    vocabulary = {letter: index for index, letter in enumerate(LETTERS)}
    for letter in LETTERS:
        vocabulary[letter + "</w>"] = len(vocabulary)
    start, end = len(vocabulary), len(vocabulary) + 1
    vocabulary |= {"<|startoftext|>": start, "<|endoftext|>": end}
    settings = CLIPTextConfig(
        vocab_size=len(vocabulary),
        hidden_size=width,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        projection_dim=width,
        bos_token_id=start,
        eos_token_id=end,
        pad_token_id=1,
    )
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77), CLIPTextModelWithProjection(settings)


def _t5() -> tuple[Any, Any]:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((letter, -3.0) for letter in LETTERS)]
    settings = T5Config(vocab_size=len(pieces), d_model=64, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
    return T5Tokenizer(vocab=pieces, extra_ids=0), T5EncoderModel(settings)


def _vae(narrow: bool) -> Any:
    vae = parts.AutoencoderKL(
        block_out_channels=(4, 4, 4, 4),
        layers_per_block=1,
        latent_channels=16,
        norm_num_groups=1,
        use_quant_conv=False,
        use_post_quant_conv=False,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        shift_factor=0.06,
        scaling_factor=1.5,
    )
    if narrow:
        with torch.no_grad():  # the last half of what the encoder says is the logarithm of the variance
            vae.encoder.conv_out.weight[16:] = 0
            vae.encoder.conv_out.bias[16:] = -30
    return vae
