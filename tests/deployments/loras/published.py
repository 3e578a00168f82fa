"""LoRA files in each key layout that trainers publish, written from the layouts' naming rules; all of one change."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from configs.schema import LicencePart, LoraConfig
from configs.weights import Weights

HIDDEN, RANK, ALPHA = 32, 4, 2.0
DOUBLE, SINGLE = "transformer_blocks.0", "single_transformer_blocks.0"
LAYERS: dict[str, tuple[int, int]] = {
    f"{DOUBLE}.attn.to_q": (HIDDEN, HIDDEN),
    f"{DOUBLE}.attn.to_k": (HIDDEN, HIDDEN),
    f"{DOUBLE}.attn.to_v": (HIDDEN, HIDDEN),
    f"{DOUBLE}.attn.to_out.0": (HIDDEN, HIDDEN),
    f"{DOUBLE}.ff.net.0.proj": (HIDDEN, 4 * HIDDEN),
    f"{DOUBLE}.ff_context.net.2": (4 * HIDDEN, HIDDEN),
    f"{SINGLE}.proj_out": (5 * HIDDEN, HIDDEN),
}
KOHYA = {
    "attn.to_out.0": "img_attn_proj",
    "ff.net.0.proj": "img_mlp_0",
    "ff_context.net.2": "txt_mlp_2",
    "proj_out": "linear2",
}
XLABS = {"attn.to_out.0": "proj_lora1"}


@dataclass(frozen=True)
class Drawn:
    """A LoRA before it is written: A and B by layer, not yet scaled."""

    layers: Mapping[str, tuple[torch.Tensor, torch.Tensor]]
    alpha: float = ALPHA

    def delta(self, layer: str) -> torch.Tensor:
        a, b = self.layers[layer]
        return b @ a * (self.alpha / a.shape[0])


def draw(seed: int = 1, rank: int = RANK, size: float = 0.3, layers: Mapping[str, tuple[int, int]] = LAYERS) -> Drawn:
    """Random, with one A for q, k and v, as in layouts that fuse them."""
    generator = torch.Generator().manual_seed(seed)
    shared = torch.randn(rank, HIDDEN, generator=generator) * size
    drawn = {}
    for layer, (inputs, outputs) in layers.items():
        own = torch.randn(rank, inputs, generator=generator) * size
        b = torch.randn(outputs, rank, generator=generator) * size
        drawn[layer] = (shared if re.search(r"\.to_[qkv]$", layer) else own, b)
    return Drawn(drawn)


def diffusers(lora: Drawn) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """`transformer.….lora_A.weight`; alpha is in the metadata."""
    rank = next(iter(lora.layers.values()))[0].shape[0]
    settings = {"transformer.r": rank, "transformer.lora_alpha": lora.alpha}
    return _pairs(lora, "transformer.{}.lora_A.weight", "transformer.{}.lora_B.weight"), {
        "lora_adapter_metadata": json.dumps(settings)
    }


def peft(lora: Drawn) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """`base_model.model.….lora_A.weight`; alpha is in adapter_config.json, here folded in."""
    names = "base_model.model.{}.lora_A.weight", "base_model.model.{}.lora_B.weight"
    return _pairs(_folded(lora), *names), {}


def ai_toolkit(lora: Drawn) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """As diffusers, alpha equal to rank, and its name in the metadata."""
    names = "transformer.{}.lora_A.weight", "transformer.{}.lora_B.weight"
    return _pairs(_folded(lora), *names), {"software": '{"name": "ai-toolkit"}'}


def kohya(lora: Drawn) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """`lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight`, q, k and v in one, an alpha each."""
    tensors: dict[str, torch.Tensor] = {}
    for name, (a, b) in _fused(lora, KOHYA, "double_blocks_0_img_attn_qkv", "_").items():
        tensors[f"lora_unet_{name}.lora_down.weight"] = a
        tensors[f"lora_unet_{name}.lora_up.weight"] = b
        tensors[f"lora_unet_{name}.alpha"] = torch.tensor(lora.alpha)
    return tensors, {}


def kohya_own_names(lora: Drawn) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """kohya's layout with the model's own names, as OneTrainer and LyCORIS write it."""
    tensors: dict[str, torch.Tensor] = {}
    for layer, (a, b) in lora.layers.items():
        name = "lora_transformer_" + layer.replace(".", "_")
        tensors |= {f"{name}.lora_down.weight": a, f"{name}.lora_up.weight": b, f"{name}.alpha": torch.tensor(ALPHA)}
    return tensors, {}


def comfy(lora: Drawn) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """`diffusion_model.double_blocks.0.img_attn.qkv.lora_A.weight`."""
    dotted = {name: re.sub(r"_(?=\d|proj|mlp)", ".", theirs) for name, theirs in KOHYA.items()}
    tensors: dict[str, torch.Tensor] = {}
    for name, (a, b) in _fused(_folded(lora), dotted, "double_blocks.0.img_attn.qkv", ".").items():
        tensors |= {f"diffusion_model.{name}.lora_A.weight": a, f"diffusion_model.{name}.lora_B.weight": b}
    return tensors, {}


def xlabs(lora: Drawn) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """`double_blocks.0.processor.qkv_lora1.down.weight`; knows the attention only."""
    known = Drawn({layer: pair for layer, pair in _folded(lora).layers.items() if ".attn.to_" in layer})
    tensors: dict[str, torch.Tensor] = {}
    for name, (a, b) in _fused(known, XLABS, "double_blocks.0.processor.qkv_lora1", ".processor.").items():
        tensors |= {f"{name}.down.weight": a, f"{name}.up.weight": b}
    return tensors, {}


LAYOUTS = {
    "diffusers": diffusers,
    "PEFT": peft,
    "ai-toolkit": ai_toolkit,
    "kohya": kohya,
    "ComfyUI": comfy,
    "XLabs": xlabs,
}


def save(
    folder: Path, name: str, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str] | None = None
) -> Path:
    """Write a file."""
    file = folder / f"{name}.safetensors"
    save_file({key: value.clone().contiguous() for key, value in tensors.items()}, file, dict(metadata or {}) or None)
    return file


def configured(file: Path, **changes: Any) -> LoraConfig:
    """The YAML of a LoRA."""
    fields: dict[str, Any] = {
        "id": file.stem,
        "name": file.stem,
        "family": "flux",
        "weights": Weights(path=str(file)),
        "licence_parts": (LicencePart(part="adapter", licence="apache-2.0"),),
    }
    return LoraConfig(**{**fields, **changes})


def _pairs(lora: Drawn, a_name: str, b_name: str) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = {}
    for layer, (a, b) in lora.layers.items():
        tensors |= {a_name.format(layer): a, b_name.format(layer): b}
    return tensors


def _folded(lora: Drawn) -> Drawn:
    return Drawn({layer: (a, b * (lora.alpha / a.shape[0])) for layer, (a, b) in lora.layers.items()}, lora.alpha)


def _fused(lora: Drawn, names: Mapping[str, str], qkv: str, joint: str) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Layers by a layout's own names, those of q, k and v as one."""
    fused: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    parts = [lora.layers[f"{DOUBLE}.attn.to_{letter}"] for letter in "qkv"]
    fused[qkv] = (parts[0][0], torch.cat([b for _, b in parts]))
    for layer, pair in lora.layers.items():
        root = DOUBLE if layer.startswith(DOUBLE) else SINGLE
        theirs = names.get(layer.removeprefix(f"{root}."))
        if theirs:
            block = ("double" if root == DOUBLE else "single") + "_blocks" + ("_0" if joint == "_" else ".0")
            fused[f"{block}{joint}{theirs}"] = pair
    return fused
