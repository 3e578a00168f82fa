"""How large the layers are of the models that LoRAs are made for. `python -m deployments.loras.counting` counts them
anew into models.json, which `origin` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from deployments.loras.models import MODELS, Model

FILE = Path(__file__).with_name("models.json")
Shape: TypeAlias = tuple[int, int]
Layers: TypeAlias = dict[str, tuple[int, list[Shape]]]
"""Pattern of a layer's name → how many blocks have it (0: not known), and its shapes (outputs, inputs)."""
_GENERATIVE = (  # Stability's names of a UNet's places
    (r"^down_blocks_#_attentions_#", "input_blocks_#_#"),
    (r"^mid_block_attentions_#", "middle_block_#"),
    (r"^up_blocks_#_attentions_#", "output_blocks_#_#"),
)


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
