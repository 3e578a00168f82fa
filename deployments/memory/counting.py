"""A component built on the meta device, where nothing has memory, and counted: parameters, blocks, linears, widths."""

from __future__ import annotations

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
    import diffusers
    import transformers

    library: Any = diffusers if component.library == "diffusers" else transformers
    cls: Any = getattr(library, component.cls, None)
    if cls is None:
        raise ConfigError(f"component '{component.id}': {component.library} has no {component.cls}", "class")
    with torch.device("meta"):
        built: nn.Module = (
            cls.from_config(component.config)
            if component.library == "diffusers"
            else cls(cls.config_class(**component.config))
        )
    return built


def count(name: str, component: Component) -> Figures:
    """The figures of the component that a pipeline calls `name`."""
    model, role = build(component), role_of(name)
    config: Any = model.config
    blocks = list(_blocks(model))
    numbers = _numbers(model)
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
    width, inner = _widths(config, linears, component.cls)
    if role == "encoder":
        return Figures(**common, width=width, inner=inner)
    if role == "model":
        text = config.get_text_config()
        kept = 2 * text.num_hidden_layers * text.num_key_value_heads * (text.hidden_size // text.num_attention_heads)
        return Figures(**common, width=width, inner=inner, cache=kept, patch=16)
    slots = [each for place, each in linears.items() if ".experts." not in place]
    lines = sum(each.in_features + each.out_features for each in slots)
    return Figures(**common, lines=lines, width=width, inner=inner, patch=8 if "UNet" in component.cls else 16)


def _read_folder(folder: Path) -> dict[str, Component]:
    """The components of a diffusers pipeline's folder that hold numbers, by their configs."""
    index: dict[str, Any] = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    found = {}
    for name, entry in index.items():
        config = folder / name / "config.json"
        if isinstance(entry, list) and entry[0] in ("diffusers", "transformers") and config.exists():
            settings = json.loads(config.read_text(encoding="utf-8"))
            found[name] = Component(
                id=name, library=entry[0], **{"class": entry[1]}, config=settings, source=str(folder.name)
            )
    return found


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
    if "UNet" in cls:
        width = int(config.block_out_channels[0])
        return width, 4 * width
    width = _hidden(config)
    sides = [
        max(each.in_features, each.out_features)
        for place, each in linears.items()
        if not _BESIDE_TOKENS.search(place) and re.search(r"\.\d+\.", place)
    ]
    return width, max(sides, default=width)


def _hidden(config: Any) -> int:
    settings: dict[str, Any] = (
        config.get_text_config().to_dict() if hasattr(config, "get_text_config") else dict(config)
    )
    for key in ("hidden_size", "d_model", "dim"):
        if settings.get(key):
            return int(settings[key])
    return int(settings["num_attention_heads"]) * int(settings["attention_head_dim"])
