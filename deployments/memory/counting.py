"""A component built on the meta device, where nothing has memory, and counted: parameters, blocks, linears, widths."""

from __future__ import annotations

import importlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from configs.architecture import Architecture, Component, Figures, role_of
from configs.errors import ConfigError

_BESIDE_TOKENS = re.compile(r"norm|mod|adaLN|ada_ln|embed")  # linears that read a row's time step, not its tokens
_CROSSED = re.compile(r"\.attn2\.to_[kv]$")
_PLACES: Any = {
    "diffusers": ("diffusers", "diffusers.pipelines.flux", "diffusers.models.embeddings"),
    "transformers": ("transformers",),
}
"""Where a library keeps the classes of components, by its name."""


def count_architecture(
    architecture: Architecture, components: Mapping[str, Component], root: Path
) -> dict[str, Figures]:
    """Figures of every component that holds numbers. Raises ConfigError for one that is not known."""
    if architecture.folder is not None:
        found = _read_folder(root / architecture.folder)
    else:
        unknown = [one for one in architecture.components.values() if one not in components]
        if unknown:
            raise ConfigError(f"architecture '{architecture.id}': there is no component '{unknown[0]}'", "components")
        found = {name: components[one] for name, one in architecture.components.items()}
    return {name: count(name, component) for name, component in found.items()}


def build(component: Component) -> nn.Module:
    """It, on the meta device. Raises ConfigError for a class that its library does not have."""
    places = (importlib.import_module(place) for place in _PLACES[component.library])
    cls: Any = next((found for place in places if (found := getattr(place, component.cls, None))), None)
    if cls is None:
        raise ConfigError(f"component '{component.id}': {component.library} has no {component.cls}", "class")
    with torch.device("meta"):
        if component.library == "transformers":
            built: nn.Module = cls(cls.config_class(**component.config))
        else:
            built = cls.from_config(component.config) if hasattr(cls, "from_config") else cls(**component.config)
    return built


def count(name: str, component: Component) -> Figures:
    """The figures of the component that a pipeline calls `name`."""
    model, role = build(component), role_of(name)
    config: Any = getattr(model, "config", component.config)
    blocks = list(_blocks(model))
    numbers = _numbers(model) + _given(model, component.cls)
    linears = {place: each for place, each in model.named_modules() if isinstance(each, nn.Linear)}
    kept = tuple(getattr(model, "_skip_layerwise_casting_patterns", None) or ())
    common: dict[str, Any] = {
        "cls": component.cls,
        "numbers": numbers,
        "linear": sum(each.weight.numel() for each in linears.values()),
        "cast": sum(
            each.weight.numel()
            for place, each in linears.items()
            if not any(re.search(pattern, place) for pattern in kept)
        ),
    }
    common |= {
        "loose": numbers - sum(map(_numbers, blocks)),
        "block": max(map(_numbers, blocks), default=0),
        "layer": max(_numbers(each) for each in model.modules() if not any(each.children())),
    }
    if role == "autoencoder":
        return Figures(**common, width=_pixel_width(config), tile=int(config.get("sample_size", 0) or 256))
    if role == "reader" or component.cls == "IPAdapterTimeImageProjection":
        return Figures(**common, **_seen(config))
    width, inner = _widths(config, linears, component.cls)
    if role == "encoder":
        return Figures(**common, width=width, inner=inner)
    if role == "model":
        text = config.get_text_config()
        kept = 2 * text.num_hidden_layers * text.num_key_value_heads * (text.hidden_size // text.num_attention_heads)
        return Figures(**common, width=width, inner=inner, cache=kept, patch=16)
    patch = 8 if _is_convolved(component.cls) else 16
    if role == "control":
        inner = max(inner, _hint(config) // 2 - 4 * width) if _is_convolved(component.cls) else inner
        return Figures(**common, width=width, inner=inner, patch=patch, added=_added(model, component.cls))
    slots = [each for place, each in linears.items() if ".experts." not in place]
    lines = sum(each.in_features + each.out_features for each in slots)
    return Figures(
        **common, lines=lines, width=width, inner=inner, patch=patch, **_adapted(model, linears, component.cls)
    )


def _read_folder(folder: Path) -> dict[str, Component]:
    """The components of a diffusers pipeline's folder that hold numbers, by their configs; or a lone ControlNet."""
    if not (folder / "model_index.json").exists():
        cls = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("_class_name")
        return {"controlnet": _read("controlnet", "diffusers", str(cls), folder)}
    index: dict[str, Any] = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    # What is no part of transformers is one of diffusers, under its own name or a room's, such as `flux`.
    return {
        name: _read(name, "transformers" if entry[0] == "transformers" else "diffusers", entry[1], folder / name)
        for name, entry in index.items()
        if isinstance(entry, list) and entry[0] and (folder / name / "config.json").exists()
    }


def _read(name: str, library: str, cls: str, folder: Path) -> Component:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings = {"id": name, "class": cls, "library": library, "config": config, "source": folder.name}
    return Component.model_validate(settings)


def _blocks(model: nn.Module) -> Iterator[nn.Module]:
    """Those of the outermost lists of modules, which are what repeats and what waits elsewhere when it is offloaded."""
    for child in model.children():
        if isinstance(child, nn.ModuleList):
            yield from child
        else:
            yield from _blocks(child)


def _numbers(model: nn.Module) -> int:
    tensors = {id(each): each.numel() for each in (*model.parameters(), *model.buffers()) if each.is_floating_point()}
    return sum(tensors.values())


def _pixel_width(config: Any) -> int:
    """Channels where the decoder comes to the full size: those of the second finest level."""
    channels = config.get("decoder_block_out_channels") or config.get("block_out_channels")
    return int(channels[1] if channels else config["base_dim"] * config["dim_mult"][1])


def _widths(config: Any, linears: Mapping[str, nn.Linear], cls: str) -> tuple[int, int]:
    """Numbers of a token between blocks, and most inside one."""
    if _is_convolved(cls):
        width = int(config.block_out_channels[0])
        return width, 4 * width
    width = _hidden(config)
    sides = [
        max(each.in_features, each.out_features)
        for place, each in linears.items()
        if not _BESIDE_TOKENS.search(place) and re.search(r"\.\d+\.", place)
    ]
    return width, max(sides, default=width)


def _adapted(denoiser: Any, linears: Mapping[str, nn.Linear], cls: str) -> dict[str, Any]:
    """What an IP-Adapter adds inside a denoiser."""
    if cls != "SD3Transformer2DModel":
        return {"crossed": sum(each.weight.numel() for place, each in linears.items() if _CROSSED.search(place))}
    from diffusers.models import attention_processor

    processors: Any = attention_processor
    width, steps = denoiser.inner_dim, 1
    with torch.device("meta"):
        own = processors.SD3IPAdapterJointAttnProcessor2_0(width, width, denoiser.config.attention_head_dim, steps)
    timed, count = own.norm_ip.linear.weight.numel(), len(denoiser.attn_processors)
    return {"crossed": count * (_numbers(own) - timed), "timed": count * timed}


def _is_convolved(cls: str) -> bool:
    """A UNet, or a ControlNet of one: a token is a pixel of the latents."""
    return "UNet" in cls or cls in ("ControlNetModel", "ControlNetUnionModel")


def _given(net: Any, cls: str) -> int:
    """Numbers that a ControlNet of SD 3.5 gets of its transformer: the positions, where it has none of its own."""
    if cls != "SD3ControlNetModel" or net.config.use_pos_embed:
        return 0
    config = net.config
    pixels, width = config.in_channels * config.patch_size**2, config.num_attention_heads * config.attention_head_dim
    return int((pixels + 1 + config.pos_embed_max_size**2) * width)


def _added(net: Any, cls: str) -> int:
    """Numbers for each token that a ControlNet hands to the denoiser's blocks. Those of a UNet's shrink by its levels,
    at each but the last of which there is a layer more, which halves the sides."""
    if not _is_convolved(cls):
        blocks = (getattr(net, f"controlnet_{kind}blocks", None) or () for kind in ("", "single_"))
        layers = (each.after_proj for each in getattr(net, "control_layers", ()))  # Z-Image's
        return sum(each.out_features for each in itertools.chain(*blocks, layers))
    places, levels = [each.out_channels for each in net.controlnet_down_blocks], len(net.config.block_out_channels)
    deep = net.config.layers_per_block
    depths = [0] + [level + (layer == deep) for level in range(levels) for layer in range(deep + (level < levels - 1))]
    found = sum(width / 4**depth for width, depth in zip(places, depths, strict=True))
    return int(found + net.controlnet_mid_block.out_channels / 4 ** (levels - 1))


def _hint(config: Any) -> int:
    """Numbers for each token (8 x 8 pixels) while a UNet's ControlNet reads its picture: that, and what the first
    convolution made of it before and after its activation."""
    return 64 * (3 + 2 * int(config.conditioning_embedding_out_channels[0]))


def _seen(config: Any) -> dict[str, Any]:
    """Of what reads pictures: how many tokens one becomes, and how wide they are. What only turns them into the
    denoiser's has next to none."""
    if not hasattr(config, "image_size"):
        return {"width": int(config.get("hidden_dim", 0))}
    tokens = (int(config.image_size) // int(config.patch_size)) ** 2 + config.model_type.startswith("clip")
    return {"width": int(config.hidden_size), "inner": int(config.intermediate_size), "tokens": tokens}


def _hidden(config: Any) -> int:
    settings: dict[str, Any] = (
        config.get_text_config().to_dict() if hasattr(config, "get_text_config") else dict(config)
    )
    for key in ("hidden_size", "d_model", "dim"):
        if settings.get(key):
            return int(settings[key])
    return int(settings["num_attention_heads"]) * int(settings["attention_head_dim"])
