"""The models that LoRAs are made for, those that are served here and the usual others. `counting` looks at how large
their layers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deployments.loras.published import (
    AURA,
    BLOCKS,
    CHROMA,
    FLUX,
    FLUX2,
    HUNYUAN_VIDEO,
    LAYERS,
    LUMINA,
    PIXART,
    SD3,
    WAN,
    Sums,
)


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of models whose LoRAs fit one another's layers by name. `family` is None where none here serves it.
    `stated` is how headers name it. `classes` are diffusers' with the configs that were published, or ids of
    `configs/components`. `encoders`: prefix → width of the text encoders that trainers change, too."""

    name: str
    family: str | None
    stated: str
    classes: tuple[str | tuple[str, Mapping[str, Any]], ...] = ()
    published: Sums = field(default_factory=dict)
    encoders: Mapping[str, int] = field(default_factory=dict)
    layers: tuple[str, ...] = ()


_UNET = {"down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",)}
_TALKS = tuple(
    f"layers_#_{part}"
    for part in (*(f"self_attn_{one}_proj" for one in "qkvo"), *(f"mlp_{one}_proj" for one in ("gate", "up", "down")))
)
MODELS: tuple[Model, ...] = (
    Model(
        "FLUX.1",
        "flux",
        r"flux[-_. ]?(1|dev|schnell|fill|kontext|$)",
        ("flux-1-dev-transformer", "flux-1-fill-transformer"),
        FLUX,
        {"te#": 768},
    ),
    Model(
        "FLUX.2",
        "flux2",
        r"flux[-_. ]?2|klein",
        ("flux-2-dev-transformer", "flux-2-klein-4b-transformer", "flux-2-klein-9b-transformer"),
        FLUX2,
    ),
    Model(
        "Stable Diffusion 3",
        "sd3",
        r"sd[-_ ]?3|stable[-_ ]diffusion[-_ ]v?3",
        ("sd-3.5-large-transformer", "sd-3.5-medium-transformer"),
        SD3,
        {"te#": 768},
    ),
    Model(
        "SDXL",
        "sdxl",
        r"sdxl|stable[-_ ]diffusion[-_ ]xl|pony|illustrious",
        ("sdxl-unet", "sdxl-refiner-unet"),
        encoders={"te#": 768},
    ),
    Model("HiDream-I1", "hidream", r"hidream", ("hidream-i1-transformer",)),
    Model("Qwen-Image", "qwen-image", r"qwen[-_ ]?image", ("qwen-image-transformer",)),
    Model("Z-Image", "z-image", r"z[-_ ]?image", ("z-image-transformer",), LAYERS),
    Model(
        "Janus",
        "janus",
        r"janus",
        layers=tuple(f"language_model_{prefix}{name}" for name in _TALKS for prefix in ("", "model_")),
    ),
    Model(
        "Stable Diffusion 1",
        None,
        r"sd[-_ ]?v?1|stable[-_ ]diffusion[-_ ]v?1",
        (("UNet2DConditionModel", _UNET | {"cross_attention_dim": 768, "attention_head_dim": 8}),),
        encoders={"te": 768, "te#": 768},
    ),
    Model(
        "Stable Diffusion 2",
        None,
        r"sd[-_ ]?v?2|stable[-_ ]diffusion[-_ ]v?2",
        (
            (
                "UNet2DConditionModel",
                _UNET
                | {"cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20), "use_linear_projection": True},
            ),
        ),
        encoders={"te": 1024, "te#": 1024},
    ),
    Model(
        "Wan",
        None,
        r"wan[-_ ]?(2|i2v|t2v|video|vace)",
        (
            ("WanTransformer3DModel", {"image_dim": 1280, "added_kv_proj_dim": 5120}),
            ("WanTransformer3DModel", {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30}),
            ("WanTransformer3DModel", {"num_attention_heads": 24, "ffn_dim": 14336, "num_layers": 30}),
        ),
        WAN,
    ),
    Model("HunyuanVideo", None, r"hunyuan[-_ ]?video", (("HunyuanVideoTransformer3DModel", {}),), HUNYUAN_VIDEO),
    Model("HunyuanImage", None, r"hunyuan[-_ ]?image", (("HunyuanImageTransformer2DModel", {}),), HUNYUAN_VIDEO),
    Model(
        "Hunyuan-DiT",
        None,
        r"hunyuan[-_ ]?dit",
        (
            (
                "HunyuanDiT2DModel",
                {"in_channels": 4, "patch_size": 2, "num_layers": 40, "sample_size": 128, "hidden_size": 1408},
            ),
        ),
    ),
    Model("LTX-Video", None, r"ltx", (("LTXVideoTransformer3DModel", {}),)),
    Model("LTX-2", None, r"ltx[-_ ]?2", (("LTX2VideoTransformer3DModel", {}),)),
    Model("PixArt", None, r"pixart", (("PixArtTransformer2DModel", {"caption_channels": 4096}),), PIXART),
    Model("Sana", None, r"sana", (("SanaTransformer2DModel", {}),), BLOCKS),
    Model("Lumina", None, r"lumina", (("Lumina2Transformer2DModel", {}),), LUMINA),
    Model("Chroma", None, r"chroma", (("ChromaTransformer2DModel", {}),), CHROMA),
    Model(
        "AuraFlow",
        None,
        r"aura[-_ ]?flow",
        (("AuraFlowTransformer2DModel", {"num_mmdit_layers": 4, "num_single_dit_layers": 32}),),
        AURA,
    ),
    Model(
        "CogVideoX",
        None,
        r"cogvideo",
        (
            ("CogVideoXTransformer3DModel", {}),
            ("CogVideoXTransformer3DModel", {"num_attention_heads": 48, "num_layers": 42}),
        ),
    ),
    Model("CogView4", None, r"cogview", (("CogView4Transformer2DModel", {}),)),
    Model("Mochi", None, r"mochi", (("MochiTransformer3DModel", {}),)),
    Model(
        "Cosmos",
        None,
        r"cosmos|anima",
        (("CosmosTransformer3DModel", {}),),
        layers=(
            *(
                f"blocks_#_{kind}_attn_{one}"
                for kind in ("self", "cross")
                for one in ("q_proj", "k_proj", "v_proj", "output_proj")
            ),
            "blocks_#_mlp_layer#",
        ),
    ),
    Model("Kandinsky 5", None, r"kandinsky", (("Kandinsky5Transformer3DModel", {}),)),
    Model("Krea 2", None, r"krea[-_ ]?2", (("Krea2Transformer2DModel", {}),)),
    Model(
        "OmniGen",
        None,
        r"omnigen",
        layers=(
            "layers_#_self_attn_qkv_proj",
            "layers_#_self_attn_o_proj",
            "layers_#_mlp_gate_up_proj",
            "layers_#_mlp_down_proj",
        ),
    ),
    Model("a language model", None, r"llama|mistral|qwen[-_ ]?(2|3)", layers=_TALKS),
)
