"""A LoRA out of a model that was tuned whole: the difference to its base, layer by layer, in low rank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import safe_open

from configs.errors import ConfigError
from deployments.checkpoints.headers import Entry, read_header
from deployments.checkpoints.source import display
from deployments.loras.keys import Anatomy, Place
from training.lora.merging.factors import Kept, Limit, truncate

_SAME = 1e-6
"""A relative difference that is rounding: tuned models are kept in 16 bits, from bases that were."""


@dataclass(slots=True)
class Extracted:
    """Layers in low rank, and the names of what no LoRA changes: norms, biases and embeddings."""

    layers: dict[Place, Kept] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def extract(tuned: Path, anatomy: Anatomy, limit: Limit, seed: int = 0) -> Extracted:
    """What the denoiser in `tuned` (a file, the component's folder, or its pipeline's) has more than that of
    `anatomy`. Raises ConfigError where the two are not of one architecture, or do not differ."""
    found, shards = Extracted(), _shards(tuned, anatomy.denoiser)
    known = {f"{place.module}.weight": place for place in anatomy.weights if place.component == anatomy.denoiser}
    if anatomy.packed:
        raise ConfigError(
            "this model keeps its weights in few bits: name one whose 'runtime.quantisation' is none", "model"
        )
    _check(shards, known, anatomy, tuned)
    for name, tensor in _tensors(shards):
        place = known.get(name)
        if place is None:
            found.left_out.append(name)
            continue
        weight = anatomy.weights[place].detach().float().cpu()
        difference = tensor.float() - weight
        if float(difference.norm()) <= _SAME * float(weight.norm()):
            continue
        kept = truncate(difference, limit, seed)
        if kept.change.rank:
            found.layers[place] = kept
    if not found.layers:
        raise ConfigError(f"{display(tuned)} has the weights of the model itself: there is nothing to extract", "file")
    return found


def _shards(tuned: Path, component: str) -> dict[Path, dict[str, Entry]]:
    folder = tuned / component if (tuned / component).is_dir() else tuned
    files = [folder] if folder.is_file() else sorted(folder.glob("*.safetensors"))
    if not files:
        raise ConfigError(f"{display(tuned)} is no .safetensors file and no folder with any", "file")
    return {file: read_header(file, display(file)) for file in files}


def _check(
    shards: Mapping[Path, Mapping[str, Entry]], known: Mapping[str, Place], anatomy: Anatomy, tuned: Path
) -> None:
    shapes = {name: entry.shape for entries in shards.values() for name, entry in entries.items()}
    missing = [name for name in known if name not in shapes]
    if missing:
        raise ConfigError(
            f"{display(tuned)} lacks {len(missing)} of {len(known)} layers of this model, {missing[0]} first: give it "
            "in diffusers' layout, tuned from this very model",
            "file",
        )
    other = next((name for name, place in known.items() if shapes[name] != tuple(anatomy.shape(place))), None)
    if other is not None:
        raise ConfigError(f"{display(tuned)} is of another model: {other} has another size", "file")


def _tensors(shards: Mapping[Path, Mapping[str, Entry]]) -> Iterator[tuple[str, torch.Tensor]]:
    """One at a time: two models need not fit into memory."""
    for file, entries in shards.items():
        with safe_open(file, framework="pt") as opened:
            for name in entries:
                yield name, opened.get_tensor(name)
