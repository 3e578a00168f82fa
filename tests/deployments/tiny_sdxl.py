"""SDXL pipelines of random weights, tokenizers, ControlNets and an IP-Adapter included."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from configs.schema import ControlConfig, ImagePromptConfig, LicencePart, ModelConfig, Size
from configs.weights import Weights
from tests.deployments.sdxl_alone import stock as stock
from tests.deployments.tiny import tiny_config
from tests.deployments.tiny_components import autoencoder, clip_config, clip_tokenizer, models, parts

SIZES = (Size(width=64, height=64), Size(width=48, height=80))
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
LICENCE = (LicencePart(part="UNet", licence="apache-2.0"),)
_SHARED = (
    "down_block_types",
    "block_out_channels",
    "layers_per_block",
    "norm_num_groups",
    "cross_attention_dim",
    "transformer_layers_per_block",
    "attention_head_dim",
    "use_linear_projection",
    "addition_embed_type",
    "addition_time_embed_dim",
    "projection_class_embeddings_input_dim",
    "conditioning_embedding_out_channels",
)
"""What a union ControlNet has in common with a plain one."""
UNION = 320
"""The width for which diffusers' union ControlNet is made, whatever its config says."""
TEXT = 32
"""The width of one text encoder; also that of its pooled text."""


def build(folder: Path, variant: str = "base", scheduler: Any = None, width: int = 16) -> None:
    """Write a whole pipeline in diffusers' layout, of `variant`: one of the family's, or `playground`, whose checkpoint
    is an `edm` with another autoencoder.

    Beside it lie `canny` and `depth` (ControlNets) and `ip-adapter`, which no pipeline's index names; with a UNet that
    begins with UNION channels, also `union`.
    """
    torch.manual_seed(0)
    refines = variant == "refiner"
    tokenizer = clip_tokenizer()
    pipeline = getattr(parts, _class_of(variant))(
        vae=_vae(playground=variant == "playground"),
        text_encoder=None if refines else models.CLIPTextModel(_text_config()),
        text_encoder_2=models.CLIPTextModelWithProjection(_text_config()),
        tokenizer=None if refines else tokenizer,
        tokenizer_2=tokenizer,
        unet=unet_of(variant, width),
        scheduler=scheduler or _scheduler(variant),
        force_zeros_for_empty_prompt=not refines,
        **({"requires_aesthetics_score": True} if refines else {}),
    )
    pipeline.save_pretrained(folder)
    if not refines:
        _save_controls(folder, width)
        save_adapter(pipeline.unet, folder / "ip-adapter")


def config(folder: Path, variant: str = "base", **changes: Any) -> ModelConfig:
    """The YAML of a tiny model, as it would be parsed."""
    fields: dict[str, Any] = {
        "family": "sdxl",
        "variant": "edm" if variant == "playground" else variant,
        "text_length": 77,
        "native_sizes": SIZES,
        "guidance_scale": 5.0,
        "licence_parts": LICENCE,
    }
    if variant != "refiner":
        fields |= {
            "controls": {
                "canny": ControlConfig(weights=Weights(path=str(folder / "canny")), licence_parts=LICENCE),
                "depth": ControlConfig(weights=Weights(path=str(folder / "depth")), licence_parts=LICENCE),
            },
            "image_prompt": ImagePromptConfig(
                kind="ip-adapter",
                weights=Weights(path=str(folder / "ip-adapter"), file="ip-adapter.safetensors"),
                licence_parts=LICENCE,
            ),
        }
    return tiny_config(folder, **{**fields, **changes})


def _class_of(variant: str) -> str:
    kinds = {"refiner": "Img2Img", "inpaint": "Inpaint"}
    return f"StableDiffusionXL{kinds.get(variant, '')}Pipeline"


def _scheduler(variant: str) -> Any:
    if variant in ("playground", "edm"):
        return parts.EDMDPMSolverMultistepScheduler(sigma_min=0.002, sigma_max=80.0, sigma_data=0.5)
    if variant == "turbo":
        return parts.EulerAncestralDiscreteScheduler(**SCHEDULE, timestep_spacing="trailing")
    return parts.EulerDiscreteScheduler(**SCHEDULE, steps_offset=1, timestep_spacing="leading")


def unet_of(variant: str, width: int = 16) -> Any:
    encoders, numbers = (1, 5) if variant == "refiner" else (2, 6)
    return parts.UNet2DConditionModel(
        block_out_channels=(width, 32),
        layers_per_block=1,
        sample_size=8,
        in_channels=9 if variant == "inpaint" else 4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=8 * numbers + TEXT,
        cross_attention_dim=TEXT * encoders,
        norm_num_groups=4,
    )


def _vae(playground: bool) -> Any:
    moments: dict[str, Any] = {}
    if playground:
        moments = {"latents_mean": [-1.6, 1.1, 0.3, 1.2], "latents_std": [1.8, 0.7, 1.3, 0.9]}
    return autoencoder(
        norm_num_groups=2,
        use_quant_conv=True,
        use_post_quant_conv=True,
        shift_factor=None,
        scaling_factor=0.5 if playground else 0.13025,
        force_upcast=not playground,
        **moments,
    )


def _text_config() -> Any:
    return clip_config(hidden_size=TEXT, projection_dim=TEXT, num_hidden_layers=3, hidden_act="gelu")


def _save_controls(folder: Path, width: int) -> None:
    """As large as the UNet, but for what comes in: a ControlNet never reads an inpainting UNet's other channels."""
    unet = unet_of("base", width)
    nets = {kind: parts.ControlNetModel.from_unet(unet) for kind in ("canny", "depth")}
    if width == UNION:
        shared = {name: nets["canny"].config[name] for name in _SHARED}
        nets["union"] = parts.ControlNetUnionModel(**shared, num_trans_channel=UNION)
    for kind, net in nets.items():
        _unsilence(net)
        net.save_pretrained(folder / kind)


def _unsilence(net: Any) -> None:
    """A ControlNet begins with projections of zero, through which nothing would be seen."""
    with torch.no_grad():
        for parameter in net.parameters():
            if not parameter.any():
                parameter.normal_(std=0.3)


def save_adapter(unet: Any, folder: Path, tokens: bool = False) -> None:
    """As the published files are laid out: `image_proj.` and `ip_adapter.`, cross-attentions counted by odd numbers.

    It reads the encoder's embedding of a picture or, with `tokens`, what the encoder says of each of its patches.
    """
    width, seen, inside = unet.config.cross_attention_dim, 24, 32
    vision = models.CLIPVisionConfig(
        hidden_size=inside,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
        projection_dim=seen,
    )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    models.CLIPVisionModelWithProjection(vision).save_pretrained(folder / "image_encoder")
    shapes = {
        "proj.weight": (4 * width, seen),
        "proj.bias": (4 * width,),
        "norm.weight": (width,),
        "norm.bias": (width,),
    }
    if tokens:
        shapes = {"proj.0.weight": (inside, inside), "proj.0.bias": (inside,), "proj.2.weight": (width, inside)}
        shapes |= {"proj.2.bias": (width,), "proj.3.weight": (width,), "proj.3.bias": (width,)}
    tensors = {f"image_proj.{name}": torch.randn(shape) / shape[-1] ** 0.5 for name, shape in shapes.items()}
    crossing = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for index, name in enumerate(crossing):
        inner = unet.get_submodule(name.removesuffix(".processor")).to_k.out_features
        for part in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{2 * index + 1}.{part}.weight"] = torch.randn(inner, width) / width**0.5
    save_file(tensors, folder / "ip-adapter.safetensors")
