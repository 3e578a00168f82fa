"""The models that LoRAs are made for, those that are served here and the usual others: how they call their layers, and
how large these are. `python -m deployments.loras.models` counts them anew into models.json, which `origin` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

FILE = Path(__file__).with_suffix(".json")
Shape: TypeAlias = tuple[int, int]
Sums: TypeAlias = dict[str, tuple[tuple[str, ...], ...]]
"""Names of a first publication → the layers of diffusers' class that they stand for, in each of its meanings: several
are one layer whose outputs lie one after another. Numbers are `#`."""

_IMAGE, _TEXT = "transformer_blocks_#_attn_to_", "transformer_blocks_#_attn_add_"


def _one(**names: str) -> Sums:
    return {theirs: ((ours,),) for theirs, ours in names.items()}


def _attention(theirs: str, ours: str, after: str = "") -> Sums:
    return {theirs: (tuple(f"{ours}{letter}{after}" for letter in "qkv"),)}


def _black_forest(mlp: Sums, single: tuple[str, ...], out: str) -> Sums:
    """FLUX's own names, with or without XLabs' processors."""
    image, text = _attention("", _IMAGE)[""], _attention("", _TEXT, "_proj")[""]
    return {
        **mlp,
        "double_blocks_#_img_attn_qkv": image,
        "double_blocks_#_txt_attn_qkv": text,
        "double_blocks_#_qkv": image + text,
        "double_blocks_#_img_attn_proj": ((f"{_IMAGE}out_#",),),
        "double_blocks_#_txt_attn_proj": ((f"{_IMAGE}add_out",),),
        "double_blocks_#_proj": ((f"{_IMAGE}out_#",), (f"{_IMAGE}add_out",)),
        "single_blocks_#_linear#": (single, (out,)),
    }


_SINGLE = (
    *(f"single_transformer_blocks_#_attn_to_{letter}" for letter in "qkv"),
    "single_transformer_blocks_#_proj_mlp",
)
_FLUX_MLP: Sums = {
    f"double_blocks_#_{theirs}_mlp_{number}": (
        (f"transformer_blocks_#_{ours}_net_#_proj",),
        (f"transformer_blocks_#_{ours}_net_#",),
    )
    for theirs, ours in (("img", "ff"), ("txt", "ff_context"))
    for number in ("#", "fc#")
}
_CHROMA = _black_forest(
    {name: meanings for name, meanings in _FLUX_MLP.items() if "fc" not in name},
    _SINGLE,
    "single_transformer_blocks_#_proj_out",
)
_FLUX = _CHROMA | {
    "double_blocks_#_img_mod_lin": (("transformer_blocks_#_norm#_linear",),),
    "double_blocks_#_txt_mod_lin": (("transformer_blocks_#_norm#_context_linear",),),
    "single_blocks_#_modulation_lin": (("single_transformer_blocks_#_norm_linear",),),
}
_HUNYUAN_VIDEO = _black_forest(
    {name: meanings for name, meanings in _FLUX_MLP.items() if "fc" in name},
    _SINGLE,
    "single_transformer_blocks_#_proj_out",
) | {
    "double_blocks_#_img_mod_linear": (("transformer_blocks_#_norm#_linear",),),
    "double_blocks_#_txt_mod_linear": (("transformer_blocks_#_norm#_context_linear",),),
    "single_blocks_#_modulation_linear": (("single_transformer_blocks_#_norm_linear",),),
}
_FLUX2 = _black_forest(
    {
        f"double_blocks_#_{theirs}_mlp_#": (
            (f"transformer_blocks_#_{ours}_linear_in",),
            (f"transformer_blocks_#_{ours}_linear_out",),
        )
        for theirs, ours in (("img", "ff"), ("txt", "ff_context"))
    },
    ("single_transformer_blocks_#_attn_to_qkv_mlp_proj",),
    "single_transformer_blocks_#_attn_to_out",
) | _one(
    double_stream_modulation_img_lin="double_stream_modulation_img_linear",
    double_stream_modulation_txt_lin="double_stream_modulation_txt_linear",
    single_stream_modulation_lin="single_stream_modulation_linear",
)
_SD3: Sums = {
    "joint_blocks_#_x_block_attn_qkv": _attention("", _IMAGE)[""],
    "joint_blocks_#_x_block_attn#_qkv": _attention("", _IMAGE)[""],
    "joint_blocks_#_context_block_attn_qkv": _attention("", _TEXT, "_proj")[""],
    "joint_blocks_#_x_block_attn_proj": ((f"{_IMAGE}out_#",),),
    "joint_blocks_#_x_block_attn#_proj": ((f"{_IMAGE}out_#",),),
    "joint_blocks_#_context_block_attn_proj": ((f"{_IMAGE}add_out",),),
    "joint_blocks_#_x_block_mlp_fc#": (("transformer_blocks_#_ff_net_#_proj",), ("transformer_blocks_#_ff_net_#",)),
    "joint_blocks_#_context_block_mlp_fc#": (
        ("transformer_blocks_#_ff_context_net_#_proj",),
        ("transformer_blocks_#_ff_context_net_#",),
    ),
    "joint_blocks_#_x_block_adaLN_modulation_#": (("transformer_blocks_#_norm#_linear",),),
    "joint_blocks_#_context_block_adaLN_modulation_#": (("transformer_blocks_#_norm#_context_linear",),),
}
_BLOCKS: Sums = {  # PixArt's and Sana's
    "blocks_#_attn_qkv": _attention("", "transformer_blocks_#_attn#_to_")[""],
    "blocks_#_attn_proj": (("transformer_blocks_#_attn#_to_out_#",),),
    "blocks_#_cross_attn_q_linear": (("transformer_blocks_#_attn#_to_q",),),
    "blocks_#_cross_attn_kv_linear": (("transformer_blocks_#_attn#_to_k", "transformer_blocks_#_attn#_to_v"),),
    "blocks_#_cross_attn_proj": (("transformer_blocks_#_attn#_to_out_#",),),
}
_PIXART = _BLOCKS | {
    "blocks_#_mlp_fc#": (("transformer_blocks_#_ff_net_#_proj",), ("transformer_blocks_#_ff_net_#",)),
}
_WAN: Sums = {
    **{f"blocks_#_{kind}_attn_{one}": ((f"blocks_#_attn#_to_{one}",),) for kind in ("self", "cross") for one in "qkv"},
    **{f"blocks_#_{kind}_attn_o": (("blocks_#_attn#_to_out_#",),) for kind in ("self", "cross")},
    **{f"blocks_#_cross_attn_{one}_img": ((f"blocks_#_attn#_to_{one}",),) for one in "kv"},
    "blocks_#_ffn_#": (("blocks_#_ffn_net_#_proj",), ("blocks_#_ffn_net_#",)),
}
_LAYERS: Sums = {
    "layers_#_attention_qkv": (("layers_#_attention_to_q", "layers_#_attention_to_k", "layers_#_attention_to_v"),),
    "layers_#_attention_out": (("layers_#_attention_to_out_#",),),
}
_LUMINA: Sums = {
    "layers_#_attention_qkv": (("layers_#_attn_to_q", "layers_#_attn_to_k", "layers_#_attn_to_v"),),
    "layers_#_attention_out": (("layers_#_attn_to_out_#",),),
    "layers_#_feed_forward_w#": tuple((f"layers_#_feed_forward_linear_{one}",) for one in "#"),
}
_AURA: Sums = {
    **{f"double_layers_#_attn_w#{one}": ((f"joint_transformer_blocks_#_attn_to_{one}",),) for one in "qkv"},
    "double_layers_#_attn_w#o": (("joint_transformer_blocks_#_attn_to_out_#",),),
    **{f"single_layers_#_attn_w#{one}": ((f"single_transformer_blocks_#_attn_to_{one}",),) for one in "qkv"},
    "single_layers_#_attn_w#o": (("single_transformer_blocks_#_attn_to_out_#",),),
    "double_layers_#_mlpX_c_fc#": (("joint_transformer_blocks_#_ff_linear_#",),),
    "double_layers_#_mlpC_c_fc#": (("joint_transformer_blocks_#_ff_context_linear_#",),),
    "single_layers_#_mlp_c_fc#": (("single_transformer_blocks_#_ff_linear_#",),),
}
_GENERATIVE = (  # Stability's names of a UNet's places
    (r"^down_blocks_#_attentions_#", "input_blocks_#_#"),
    (r"^mid_block_attentions_#", "middle_block_#"),
    (r"^up_blocks_#_attentions_#", "output_blocks_#_#"),
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
_CLIP = {"te#": 768}
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
        _FLUX,
        {"te#": 768},
    ),
    Model(
        "FLUX.2",
        "flux2",
        r"flux[-_. ]?2|klein",
        ("flux-2-dev-transformer", "flux-2-klein-4b-transformer", "flux-2-klein-9b-transformer"),
        _FLUX2,
    ),
    Model(
        "Stable Diffusion 3",
        "sd3",
        r"sd[-_ ]?3|stable[-_ ]diffusion[-_ ]v?3",
        ("sd-3.5-large-transformer", "sd-3.5-medium-transformer"),
        _SD3,
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
    Model("Z-Image", "z-image", r"z[-_ ]?image", ("z-image-transformer",), _LAYERS),
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
        _WAN,
    ),
    Model("HunyuanVideo", None, r"hunyuan[-_ ]?video", (("HunyuanVideoTransformer3DModel", {}),), _HUNYUAN_VIDEO),
    Model("HunyuanImage", None, r"hunyuan[-_ ]?image", (("HunyuanImageTransformer2DModel", {}),), _HUNYUAN_VIDEO),
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
    Model("PixArt", None, r"pixart", (("PixArtTransformer2DModel", {"caption_channels": 4096}),), _PIXART),
    Model("Sana", None, r"sana", (("SanaTransformer2DModel", {}),), _BLOCKS),
    Model("Lumina", None, r"lumina", (("Lumina2Transformer2DModel", {}),), _LUMINA),
    Model("Chroma", None, r"chroma", (("ChromaTransformer2DModel", {}),), _CHROMA),
    Model(
        "AuraFlow",
        None,
        r"aura[-_ ]?flow",
        (("AuraFlowTransformer2DModel", {"num_mmdit_layers": 4, "num_single_dit_layers": 32}),),
        _AURA,
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

Layers: TypeAlias = dict[str, tuple[int, list[Shape]]]
"""Pattern of a layer's name → how many blocks have it (0: not known), and its shapes (outputs, inputs)."""


def pattern_of(name: str) -> tuple[str, int]:
    """A layer's name without its numbers, dots and underscores alike, and the first of the numbers."""
    first = re.search(r"(?<![a-z])\d+", name)
    return re.sub(r"\d+", "#", name.replace(".", "_")), int(first[0]) if first else 0


def count(model: Model) -> Layers:
    """The layers of a model as its classes build them, with their published names. Needs torch and diffusers."""
    found: Layers = {pattern: (0, []) for pattern in model.layers}
    for cls in model.classes:
        _merge(found, _built(cls))
    for theirs, meanings in model.published.items():
        _merge(found, dict.fromkeys((theirs,), entry) if (entry := _summed(found, meanings)) else {})
    for expression, theirs in _GENERATIVE:
        renamed = {re.sub(expression, theirs, ours): (0, shapes) for ours, (_, shapes) in found.items()}
        _merge(found, {name: entry for name, entry in renamed.items() if name not in found})
    for prefix, width in model.encoders.items():
        _merge(found, _encoder(prefix, width))
    return found


def _built(cls: str | tuple[str, Mapping[str, Any]]) -> Layers:
    import diffusers
    import torch
    from torch import nn

    from configs.load import load_architectures
    from deployments.memory.counting import build

    if isinstance(cls, str):
        module = build(load_architectures()[1][cls])
    else:
        with torch.device("meta"):
            module = getattr(diffusers, cls[0])(**cls[1])
    layers: Layers = {}
    for name, one in module.named_modules():
        if isinstance(one, nn.Linear | nn.Conv2d):
            pattern, number = pattern_of(name)
            _merge(
                layers, {pattern: (number + 1 if "#" in pattern else 0, [(one.weight.shape[0], one.weight.shape[1])])}
            )
    return layers


def _merge(into: Layers, more: Layers) -> None:
    for pattern, (blocks, shapes) in more.items():
        before = into.get(pattern, (0, []))
        into[pattern] = max(blocks, before[0]), sorted({*before[1], *shapes})


def _summed(layers: Layers, meanings: Iterable[tuple[str, ...]]) -> tuple[int, list[Shape]] | None:
    """One entry for all meanings of a name; None if the model has none of them."""
    blocks = 0
    shapes: set[Shape] = set()
    for parts in meanings:
        entries = [layers[part] for part in parts if part in layers]
        if len(entries) == len(parts):
            blocks = max(blocks, *(entry[0] for entry in entries), 0)
            shapes |= {
                (sum(one[0] for one in each), each[0][1]) for each in zip(*(e[1] for e in entries), strict=False)
            }
    return (blocks, sorted(shapes)) if shapes else None


def _encoder(prefix: str, width: int) -> Layers:
    attention = [f"self_attn_{one}_proj" for one in ("q", "k", "v", "out")]
    shapes = {**{one: [(width, width)] for one in attention}, "mlp_fc#": [(4 * width, width), (width, 4 * width)]}
    return {f"{prefix}_encoder_layers_#_{part}": (0, [*found]) for part, found in shapes.items()}


def to_json() -> str:
    """All of them, a line each."""
    lines = (f"{json.dumps(model.name)}: {json.dumps(count(model), separators=(',', ':'))}" for model in MODELS)
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(to_json(), encoding="utf-8")
