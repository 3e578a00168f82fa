"""How first publications call the layers of the models that LoRAs are made for, where diffusers has other names."""

from __future__ import annotations

from typing import TypeAlias

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
CHROMA = _black_forest(
    {name: meanings for name, meanings in _FLUX_MLP.items() if "fc" not in name},
    _SINGLE,
    "single_transformer_blocks_#_proj_out",
)
FLUX = CHROMA | {
    "double_blocks_#_img_mod_lin": (("transformer_blocks_#_norm#_linear",),),
    "double_blocks_#_txt_mod_lin": (("transformer_blocks_#_norm#_context_linear",),),
    "single_blocks_#_modulation_lin": (("single_transformer_blocks_#_norm_linear",),),
}
HUNYUAN_VIDEO = _black_forest(
    {name: meanings for name, meanings in _FLUX_MLP.items() if "fc" in name},
    _SINGLE,
    "single_transformer_blocks_#_proj_out",
) | {
    "double_blocks_#_img_mod_linear": (("transformer_blocks_#_norm#_linear",),),
    "double_blocks_#_txt_mod_linear": (("transformer_blocks_#_norm#_context_linear",),),
    "single_blocks_#_modulation_linear": (("single_transformer_blocks_#_norm_linear",),),
}
FLUX2 = _black_forest(
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
SD3: Sums = {
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
BLOCKS: Sums = {  # PixArt's and Sana's
    "blocks_#_attn_qkv": _attention("", "transformer_blocks_#_attn#_to_")[""],
    "blocks_#_attn_proj": (("transformer_blocks_#_attn#_to_out_#",),),
    "blocks_#_cross_attn_q_linear": (("transformer_blocks_#_attn#_to_q",),),
    "blocks_#_cross_attn_kv_linear": (("transformer_blocks_#_attn#_to_k", "transformer_blocks_#_attn#_to_v"),),
    "blocks_#_cross_attn_proj": (("transformer_blocks_#_attn#_to_out_#",),),
}
PIXART = BLOCKS | {
    "blocks_#_mlp_fc#": (("transformer_blocks_#_ff_net_#_proj",), ("transformer_blocks_#_ff_net_#",)),
}
WAN: Sums = {
    **{f"blocks_#_{kind}_attn_{one}": ((f"blocks_#_attn#_to_{one}",),) for kind in ("self", "cross") for one in "qkv"},
    **{f"blocks_#_{kind}_attn_o": (("blocks_#_attn#_to_out_#",),) for kind in ("self", "cross")},
    **{f"blocks_#_cross_attn_{one}_img": ((f"blocks_#_attn#_to_{one}",),) for one in "kv"},
    "blocks_#_ffn_#": (("blocks_#_ffn_net_#_proj",), ("blocks_#_ffn_net_#",)),
}
LAYERS: Sums = {
    "layers_#_attention_qkv": (("layers_#_attention_to_q", "layers_#_attention_to_k", "layers_#_attention_to_v"),),
    "layers_#_attention_out": (("layers_#_attention_to_out_#",),),
}
LUMINA: Sums = {
    "layers_#_attention_qkv": (("layers_#_attn_to_q", "layers_#_attn_to_k", "layers_#_attn_to_v"),),
    "layers_#_attention_out": (("layers_#_attn_to_out_#",),),
    "layers_#_feed_forward_w#": tuple((f"layers_#_feed_forward_linear_{one}",) for one in "#"),
}
AURA: Sums = {
    **{f"double_layers_#_attn_w#{one}": ((f"joint_transformer_blocks_#_attn_to_{one}",),) for one in "qkv"},
    "double_layers_#_attn_w#o": (("joint_transformer_blocks_#_attn_to_out_#",),),
    **{f"single_layers_#_attn_w#{one}": ((f"single_transformer_blocks_#_attn_to_{one}",),) for one in "qkv"},
    "single_layers_#_attn_w#o": (("single_transformer_blocks_#_attn_to_out_#",),),
    "double_layers_#_mlpX_c_fc#": (("joint_transformer_blocks_#_ff_linear_#",),),
    "double_layers_#_mlpC_c_fc#": (("joint_transformer_blocks_#_ff_context_linear_#",),),
    "single_layers_#_mlp_c_fc#": (("single_transformer_blocks_#_ff_linear_#",),),
}
