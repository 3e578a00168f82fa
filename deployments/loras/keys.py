"""How published LoRA files name their tensors: which layer, in which component, and which part of its change."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

import torch
from torch import nn

from deployments.loras.joints import Joint, find_joints

Format: TypeAlias = Literal["diffusers", "PEFT", "kohya", "ai-toolkit", "XLabs", "ComfyUI", "LyCORIS"]

# What follows a layer's name, longest first; and what it is.
_PARTS = {
    ".lora_magnitude_vector.weight": "magnitude",
    ".lora_magnitude_vector": "magnitude",
    ".lora_A.weight": "a",
    ".lora_B.weight": "b",
    ".lora_down.weight": "a",
    ".lora_up.weight": "b",
    ".lora.down.weight": "a",
    ".lora.up.weight": "b",
    ".lora_linear_layer.down.weight": "a",
    ".lora_linear_layer.up.weight": "b",
    "_lora.down.weight": "a",
    "_lora.up.weight": "b",
    ".down.weight": "a",
    ".up.weight": "b",
    ".dora_scale": "dora_scale",
    ".alpha": "alpha",
    ".lokr_w1_a": "w1_a",
    ".lokr_w1_b": "w1_b",
    ".lokr_w1": "w1",
    ".lokr_w2_a": "w2_a",
    ".lokr_w2_b": "w2_b",
    ".lokr_w2": "w2",
}
# What precedes it, longest first; the component, or "" for the denoiser. kohya numbers text encoders from 1 and, for
# FLUX, calls T5 the third, of which there are only two.
_PREFIXES = {
    "base_model.model.transformer.": "",
    "base_model.model.unet.": "",
    "base_model.model.diffusion_model.": "",
    "base_model.model.": "",
    "transformer.": "",
    "unet.": "",
    "diffusion_model.": "",
    "model.diffusion_model.": "",
    "text_encoder.": "text_encoder",
    "text_encoder_2.": "text_encoder_2",
    "text_encoder_3.": "text_encoder_3",
    "lora_transformer_": "",
    "lora_unet_": "",
    "lycoris_": "",
    "lora_te_": "text_encoder",
    "lora_te1_": "text_encoder",
    "lora_te2_": "text_encoder_2",
    "lora_te3_": "text_encoder_3",
    "": "",
}


_ADAPTER = re.compile(r"(\.lora_(?:A|B|magnitude_vector))\.(?!weight$|bias$)[^.]+(?=$|\.weight$|\.bias$)")
_BIAS = re.compile(r"[._]lora(?:_linear_layer|\d)?[._](?:A|B|up|down)\.bias$")
_XLABS = re.compile(r"\.processor\.(qkv|proj)_lora\d")
_PROJECTION = re.compile(r"(?<=self_attn)\.(q|k|v|out)_proj$")


class Place(NamedTuple):
    """A module of a pipeline: `transformer`, `transformer_blocks.0.attn.to_q`."""

    component: str
    module: str


class Key(NamedTuple):
    """A tensor's name, taken apart: the layer as the file calls it, and the part ("" if it is no known part)."""

    layer: str
    part: str


def take_apart(name: str) -> Key:
    """`transformer.proj_out.lora_A.weight` → the layer `transformer.proj_out`, part `a`."""
    name = _ADAPTER.sub(r"\1", name)  # PEFT's own name for the adapter: `lora_A.default.weight`
    for suffix, part in _PARTS.items():
        if name.endswith(suffix):
            # Before PEFT, diffusers hung a LoRA's layers into the attention's processor.
            return Key(name.removesuffix(suffix).replace(".processor.to_", ".to_"), part)
    return Key(name, "")


def is_bias(name: str) -> bool:
    """Whether a tensor is the bias of one of a LoRA's two factors, as any trainer spells it."""
    return _BIAS.search(_ADAPTER.sub(r"\1", name)) is not None


def without_component(layer: str) -> str:
    """A layer's name in the file as its trainer's model knows it: what PEFT's patterns are about."""
    return layer.removeprefix(next(prefix for prefix in _PREFIXES if layer.startswith(prefix)))


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The weights of a pipeline that an adapter can change, its class, and its name for the denoiser. `aliases` finds
    modules under every spelling of their names, `joints` what trainers see as one layer or call by another name.
    `config` is the denoiser's own: how many layers a block of a UNet has decides what trainers call it. `packed` are
    the weights kept in few bits (nf4, GGUF), which nothing can be merged into, with the shapes that they unpack to."""

    denoiser: str
    pipeline: Any
    weights: Mapping[Place, torch.Tensor]
    aliases: Mapping[Place, Place]
    joints: Mapping[str, Joint] = field(default_factory=dict)
    config: Any = None
    packed: Mapping[Place, torch.Size] = field(default_factory=dict)

    @classmethod
    def of(cls, pipeline: Any) -> Anatomy:
        """That of a diffusers pipeline."""
        components = changeable(pipeline)
        modules = {
            Place(component, name): module
            for component, root in components.items()
            for name, module in root.named_modules()
            if isinstance(module, nn.Linear | nn.Conv2d) and ".processor." not in name  # those are an IP-Adapter's
        }
        weights = {place: module.weight for place, module in modules.items()}
        aliases = {alias: place for place in weights for alias in _spellings(place)}
        denoiser, root = next(iter(components.items()))
        joints = find_joints(root, {place.module for place in weights if place.component == denoiser})
        packed = {place: shape for place, module in modules.items() if (shape := _unpacked(module)) is not None}
        return cls(denoiser, type(pipeline), weights, aliases, joints, getattr(root, "config", None), packed)

    def find(self, layer: str) -> Place | None:
        """The module that a file calls `layer`, in any spelling that is the model's own, with or without prefix."""
        for prefix, component in _PREFIXES.items():
            if layer.startswith(prefix):
                name = layer.removeprefix(prefix)
                for candidate in (component, "text_encoder_2") if component == "text_encoder_3" else (component,):
                    found = self.aliases.get(Place(candidate or self.denoiser, name))
                    if found is not None:
                        return found
        return None

    def find_owner(self, name: str) -> str | None:
        """The layer of this model, as the file calls it, that a tensor without a known part is of."""
        while "." in name:
            name = name.rpartition(".")[0]
            if self.find(name) is not None or self.find_joint(name) is not None:
                return name
        return None

    def find_joint(self, layer: str) -> Joint | None:
        """The layers of the denoiser that a file calls `layer`, where their trainers have names of their own."""
        prefixes = (prefix for prefix, component in _PREFIXES.items() if not component and layer.startswith(prefix))
        return next((self.joints[name] for p in prefixes if (name := layer.removeprefix(p)) in self.joints), None)

    def shape(self, place: Place) -> torch.Size:
        """Of a weight, as it computes."""
        return self.packed[place] if place in self.packed else self.weights[place].shape

    def norm(self, place: Place) -> float:
        """The Frobenius norm of a weight; that of a typical one while it is packed, or not in memory (offloaded)."""
        weight = self.weights[place]
        if weight.is_meta or place in self.packed:
            return 0.02 * math.sqrt(self.shape(place).numel())
        return float(torch.linalg.vector_norm(weight.detach(), dtype=torch.float32))


def _unpacked(module: nn.Module) -> torch.Size | None:
    """The shape of a linear's weight where that is kept in another one; None where it is not."""
    if not isinstance(module, nn.Linear):
        return None
    shape = torch.Size((module.out_features, module.in_features))
    return None if module.weight.shape == shape else shape


def changeable(pipeline: Any) -> dict[str, nn.Module]:
    """The components that adapters change, the denoiser first."""
    denoiser = "transformer" if getattr(pipeline, "transformer", None) is not None else "unet"
    encoders = sorted(name for name in pipeline.components if name.startswith("text_encoder"))
    found = {name: getattr(pipeline, name, None) for name in (denoiser, *encoders)}
    return {name: component for name, component in found.items() if isinstance(component, nn.Module)}


def format_of(names: Iterable[str], metadata: Mapping[str, str]) -> Format:
    """Who wrote a file, judged by how it names tensors. ai-toolkit and diffusers differ in the metadata alone."""
    names = list(names)
    if any(".lokr_" in name or name.startswith("lycoris_") for name in names):
        return "LyCORIS"
    if any(_XLABS.search(name) for name in names):
        return "XLabs"
    if any(name.startswith("base_model.model.") for name in names):
        return "PEFT"
    if "ai-toolkit" in metadata.get("software", ""):
        return "ai-toolkit"
    if any(name.startswith(("diffusion_model.", "model.diffusion_model.")) for name in names):
        return "ComfyUI"
    return "kohya" if any(".lora_down." in name for name in names) else "diffusers"


def _spellings(place: Place) -> Iterable[Place]:
    """With dots and with underscores (kohya)."""
    for name in _names(place):
        yield Place(place.component, name)
        yield Place(place.component, name.replace(".", "_"))


def _names(place: Place) -> Iterable[str]:
    """Its own, those that diffusers had for attention before PEFT, and with the level that transformers took out of
    its CLIP."""
    yield place.module
    if not place.component.startswith("text_encoder"):
        yield place.module.replace(".to_out.0", ".to_out")
        return
    older = _PROJECTION.sub(r".to_\1", place.module)
    yield from (older, f"text_model.{place.module}", f"text_model.{older}")
