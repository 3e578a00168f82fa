"""LoRA files of the families beside FLUX, in the key layouts that their trainers publish, from the naming rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch

from deployments.loras.changes import LowRank
from deployments.loras.keys import Anatomy, Place

RANK, ALPHA = 4, 2.0
Drawn = dict[Place, tuple[torch.Tensor, torch.Tensor]]
Tensors = dict[str, torch.Tensor]

_FIRST, _SECOND = "down_blocks.1.attentions.0", "down_blocks.1.attentions.1"
SGM = {
    f"{_FIRST}.transformer_blocks.0.attn1.to_q": "input_blocks_4_1_transformer_blocks_0_attn1_to_q",
    f"{_FIRST}.transformer_blocks.1.attn2.to_out.0": "input_blocks_4_1_transformer_blocks_1_attn2_to_out_0",
    f"{_SECOND}.transformer_blocks.1.ff.net.0.proj": "input_blocks_5_1_transformer_blocks_1_ff_net_0_proj",
    "down_blocks.1.attentions.1.proj_in": "input_blocks_5_1_proj_in",
    "mid_block.attentions.0.transformer_blocks.0.attn2.to_k": "middle_block_1_transformer_blocks_0_attn2_to_k",
    "up_blocks.0.attentions.2.proj_out": "output_blocks_2_1_proj_out",
    "up_blocks.0.attentions.1.transformer_blocks.0.ff.net.2": "output_blocks_1_1_transformer_blocks_0_ff_net_2",
}
SGM_CONVOLUTIONS = {
    "conv_in": "input_blocks_0_0",
    "down_blocks.0.resnets.1.conv1": "input_blocks_2_0_in_layers_2",
    "down_blocks.0.downsamplers.0.conv": "input_blocks_3_0_op",
    "down_blocks.1.resnets.0.conv_shortcut": "input_blocks_4_0_skip_connection",
    "mid_block.resnets.1.conv2": "middle_block_2_out_layers_3",
    "up_blocks.0.upsamplers.0.conv": "output_blocks_2_2_conv",
}
CLIP = ("encoder.layers.0.self_attn.q_proj", "encoder.layers.0.self_attn.out_proj")
SD3 = {
    "transformer_blocks.0.attn.to_out.0": "joint_blocks_0_x_block_attn_proj",
    "transformer_blocks.0.attn2.to_out.0": "joint_blocks_0_x_block_attn2_proj",
    "transformer_blocks.0.attn.to_add_out": "joint_blocks_0_context_block_attn_proj",
    "transformer_blocks.1.ff.net.0.proj": "joint_blocks_1_x_block_mlp_fc1",
    "transformer_blocks.0.ff_context.net.2": "joint_blocks_0_context_block_mlp_fc2",
    "transformer_blocks.1.norm1.linear": "joint_blocks_1_x_block_adaLN_modulation_1",
    "transformer_blocks.0.norm1_context.linear": "joint_blocks_0_context_block_adaLN_modulation_1",
    "context_embedder": "context_embedder",
    "time_text_embed.text_embedder.linear_1": "y_embedder_mlp_0",
    "proj_out": "final_layer_linear",
}
SD3_JOINT = {
    "joint_blocks_1_x_block_attn_qkv": [f"transformer_blocks.1.attn.to_{letter}" for letter in "qkv"],
    "joint_blocks_0_context_block_attn_qkv": [f"transformer_blocks.0.attn.add_{letter}_proj" for letter in "qkv"],
    "joint_blocks_0_x_block_attn2_qkv": [f"transformer_blocks.0.attn2.to_{letter}" for letter in "qkv"],
}
FLUX2 = {
    "transformer_blocks.0.attn.to_out.0": "double_blocks.0.img_attn.proj",
    "transformer_blocks.0.attn.to_add_out": "double_blocks.0.txt_attn.proj",
    "transformer_blocks.0.ff.linear_in": "double_blocks.0.img_mlp.0",
    "transformer_blocks.0.ff_context.linear_out": "double_blocks.0.txt_mlp.2",
    "single_transformer_blocks.0.attn.to_qkv_mlp_proj": "single_blocks.0.linear1",
    "single_transformer_blocks.0.attn.to_out": "single_blocks.0.linear2",
    "x_embedder": "img_in",
}
FLUX2_JOINT = {
    "double_blocks.0.img_attn.qkv": [f"transformer_blocks.0.attn.to_{letter}" for letter in "qkv"],
    "double_blocks.0.txt_attn.qkv": [f"transformer_blocks.0.attn.add_{letter}_proj" for letter in "qkv"],
}
HIDREAM = (
    "double_stream_blocks.0.block.attn1.to_q",
    "double_stream_blocks.0.block.attn1.to_out_t",
    "double_stream_blocks.0.block.ff_i.experts.2.w3",
    "single_stream_blocks.0.block.attn1.to_out",
    "single_stream_blocks.0.block.adaLN_modulation.1",
)
QWEN = (
    "transformer_blocks.0.attn.to_q",
    "transformer_blocks.0.attn.add_k_proj",
    "transformer_blocks.0.attn.to_out.0",
    "transformer_blocks.0.img_mlp.net.0.proj",
    "transformer_blocks.0.txt_mod.1",
    "img_in",
)
Z_IMAGE = (
    "layers.0.attention.to_q",
    "layers.0.attention.to_out.0",
    "layers.0.feed_forward.w2",
    "layers.0.adaLN_modulation.0",
    "context_refiner.0.attention.to_v",
)


def draw(anatomy: Anatomy, modules: Iterable[str], joint: Iterable[list[str]] = (), encoder: str = "") -> Drawn:
    """A random LoRA of these modules of the denoiser, and of two layers of a text encoder. Modules that are one layer
    to their trainer share their A."""
    generator = torch.Generator().manual_seed(1)
    places = [Place(anatomy.denoiser, module) for module in modules]
    if encoder:
        places += [place for place in anatomy.weights if place.component == encoder and place.module.endswith(CLIP)]
    drawn = {place: _pair(anatomy.weights[place], generator) for place in places}
    for together in joint:
        shared = _pair(anatomy.weights[Place(anatomy.denoiser, together[0])], generator)[0]
        for place in (Place(anatomy.denoiser, module) for module in together):
            drawn[place] = shared, _pair(anatomy.weights[place], generator)[1]
    return drawn


def _pair(weight: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    a = torch.randn(RANK, *weight.shape[1:], generator=generator) * 0.2
    return a, torch.randn(len(weight), RANK, *[1] * (weight.ndim - 2), generator=generator) * 0.2


def delta(drawn: Drawn, place: Place, weight: torch.Tensor) -> torch.Tensor:
    """What the LoRA adds to a weight."""
    a, b = drawn[place]
    return LowRank(a, b * (ALPHA / RANK)).delta(weight)


def peft(drawn: Drawn, name: str = "{}.{}.lora_{}.weight") -> Tensors:
    """`unet.….lora_A.weight`, as diffusers saves it."""
    tensors: Tensors = {}
    for (component, module), (a, b) in drawn.items():
        tensors |= {name.format(component, module, "A"): a, name.format(component, module, "B"): b * (ALPHA / RANK)}
    return tensors


def comfy(drawn: Drawn) -> Tensors:
    """`diffusion_model.….lora_A.weight`, with the model's own names."""
    return {name.replace("transformer.", "diffusion_model.", 1): tensor for name, tensor in peft(drawn).items()}


def before_peft(drawn: Drawn) -> Tensors:
    """`unet.….attn1.processor.to_q_lora.down.weight`, as diffusers saved it at first: of the attention only."""
    tensors: Tensors = {}
    for (component, module), (a, b) in drawn.items():
        root, _, projection = module.removesuffix(".0").rpartition(".")
        projection = {"q_proj": "to_q", "out_proj": "to_out"}.get(projection, projection)
        name = f"{component}.{root}{'.processor' if component == 'unet' else ''}.{projection}_lora"
        tensors |= {f"{name}.down.weight": a, f"{name}.up.weight": b * (ALPHA / RANK)}
    return tensors


def kohya(drawn: Drawn, names: Mapping[str, str], joint: Mapping[str, list[str]]) -> Tensors:
    """`lora_unet_….lora_down.weight`, `….lora_up.weight`, `….alpha`; own names where not in `names`."""
    tensors: Tensors = {}
    pairs = {theirs: [drawn[Place("transformer", ours)] for ours in modules] for theirs, modules in joint.items()}
    inside = {module for modules in joint.values() for module in modules}
    for (component, module), pair in drawn.items():
        if component in ("text_encoder", "text_encoder_2"):
            number = "2" if component.endswith("2") else "1"
            pairs[f"\0lora_te{number}_text_model_{module.removeprefix('text_model.').replace('.', '_')}"] = [pair]
        elif module not in inside:
            pairs[names.get(module, module).replace(".", "_")] = [pair]
    for theirs, parts in pairs.items():
        name = theirs.removeprefix("\0") if theirs.startswith("\0") else f"lora_unet_{theirs.replace('.', '_')}"
        tensors |= {
            f"{name}.lora_down.weight": parts[0][0],
            f"{name}.lora_up.weight": torch.cat([b for _, b in parts]),
            f"{name}.alpha": torch.tensor(ALPHA),
        }
    return tensors


def bfl(drawn: Drawn, prefix: str = "diffusion_model.") -> Tensors:
    """`diffusion_model.double_blocks.0.img_attn.qkv.lora_A.weight`, of FLUX.2."""
    tensors: Tensors = {}
    names = {theirs: [ours] for ours, theirs in FLUX2.items()} | FLUX2_JOINT
    for theirs, modules in names.items():
        parts = [drawn[Place("transformer", module)] for module in modules]
        tensors[f"{prefix}{theirs}.lora_A.weight"] = parts[0][0]
        tensors[f"{prefix}{theirs}.lora_B.weight"] = torch.cat([b for _, b in parts]) * (ALPHA / RANK)
    return tensors


Write = Callable[[Anatomy], tuple[Drawn, Tensors]]


def _sdxl(anatomy: Anatomy, encoder: str = "text_encoder_2") -> Drawn:
    return draw(anatomy, SGM, encoder=encoder)


def _attention(anatomy: Anatomy) -> Drawn:
    return draw(anatomy, [module for module in SGM if ".attn" in module], encoder="text_encoder")


def _with(drawn: Drawn, write: Callable[[Drawn], Tensors]) -> tuple[Drawn, Tensors]:
    return drawn, write(drawn)


def _sd3(anatomy: Anatomy) -> Drawn:
    return draw(anatomy, SD3, SD3_JOINT.values(), "text_encoder")


def _flux2(anatomy: Anatomy) -> Drawn:
    return draw(anatomy, FLUX2, FLUX2_JOINT.values())


LAYOUTS: dict[tuple[str, str], Write] = {
    ("sdxl", "diffusers"): lambda anatomy: _with(_sdxl(anatomy), peft),
    ("sdxl", "diffusers before PEFT"): lambda anatomy: _with(_attention(anatomy), before_peft),
    ("sdxl", "kohya SGM"): lambda anatomy: _with(_sdxl(anatomy), lambda drawn: kohya(drawn, SGM, {})),
    ("sdxl", "kohya SGM, convolutions"): lambda anatomy: _with(
        draw(anatomy, SGM | SGM_CONVOLUTIONS), lambda drawn: kohya(drawn, SGM | SGM_CONVOLUTIONS, {})
    ),
    ("sdxl", "kohya"): lambda anatomy: _with(_sdxl(anatomy, "text_encoder"), lambda drawn: kohya(drawn, {}, {})),
    ("sd3", "diffusers"): lambda anatomy: _with(_sd3(anatomy), peft),
    ("sd3", "kohya"): lambda anatomy: _with(_sd3(anatomy), lambda drawn: kohya(drawn, SD3, SD3_JOINT)),
    ("hidream", "diffusers"): lambda anatomy: _with(draw(anatomy, HIDREAM), peft),
    ("hidream", "ai-toolkit"): lambda anatomy: _with(draw(anatomy, HIDREAM), comfy),
    ("flux2", "diffusers"): lambda anatomy: _with(_flux2(anatomy), peft),
    ("flux2", "ai-toolkit"): lambda anatomy: _with(_flux2(anatomy), bfl),
    ("flux2", "PEFT, BFL's names"): lambda anatomy: _with(_flux2(anatomy), lambda d: bfl(d, "base_model.model.")),
    ("qwen-image", "diffusers"): lambda anatomy: _with(draw(anatomy, QWEN), peft),
    ("qwen-image", "ai-toolkit"): lambda anatomy: _with(draw(anatomy, QWEN), comfy),
    ("qwen-image", "kohya"): lambda anatomy: _with(draw(anatomy, QWEN), lambda drawn: kohya(drawn, {}, {})),
    ("z-image", "diffusers"): lambda anatomy: _with(draw(anatomy, Z_IMAGE), peft),
    ("z-image", "ai-toolkit"): lambda anatomy: _with(draw(anatomy, Z_IMAGE), comfy),
    ("z-image", "kohya"): lambda anatomy: _with(draw(anatomy, Z_IMAGE), lambda drawn: kohya(drawn, {}, {})),
    ("flux2", "kohya"): lambda anatomy: _with(_flux2(anatomy), lambda drawn: kohya(drawn, FLUX2, FLUX2_JOINT)),
}
UNKNOWN_TO_DIFFUSERS = {("sd3", "kohya"), ("sdxl", "kohya")}
