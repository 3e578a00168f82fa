"""What an adapter's file says of itself: ModelSpec's fields, PEFT's configuration, and where it comes from.

Never in it: names of folders, captions, addresses. What kohya's trainers write of these (`ss_*`) is not written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import torch

from configs.schema import ModelConfig
from configs.training import TrainingSettings
from configs.version import VERSION

_TOLD = ("kind", "rank", "targets", "size", "steps", "batch", "accumulation", "optimiser", "rate", "seed", "noise")
_TOLD_TOO = ("shift", "guidance", "guidance_scale", "guidance_least", "guidance_most", "caption_dropout", "ema")


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where an adapter comes from. `licences` are those of the base and of what was learned; `dataset` names a version
    of one, with its hash."""

    title: str
    trigger: str = ""
    licences: Sequence[str] = ()
    dataset: str = ""
    dataset_sha256: str = ""
    pictures: int = 0
    author: str = ""
    made_on: date | None = None


def describe(
    config: ModelConfig, weights: str, settings: TrainingSettings, lineage: Lineage, tensors: Mapping[str, torch.Tensor]
) -> dict[str, str]:
    """The header of a file with `tensors`, an adapter of `config`'s model, whose weights have that hash."""
    size = config.native_sizes[0]
    told = {
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": f"{config.architecture or config.id}/{settings.kind}",
        "modelspec.implementation": "diffusers",
        "modelspec.title": lineage.title,
        "modelspec.author": lineage.author,
        "modelspec.date": "" if lineage.made_on is None else lineage.made_on.isoformat(),
        "modelspec.trigger_phrase": lineage.trigger,
        "modelspec.license": ", ".join(sorted(set(lineage.licences))),
        "modelspec.resolution": f"{settings.size}x{settings.size}" if settings.size else f"{size.width}x{size.height}",
        "modelspec.hash_sha256": f"0x{hash_of(tensors)}",
        "modelspec.tags": settings.kind,
        "atelier.version": VERSION,
        "atelier.base": config.id,
        "atelier.base_weights": weights,
        "atelier.dataset": lineage.dataset,
        "atelier.dataset_sha256": lineage.dataset_sha256,
        "atelier.pictures": str(lineage.pictures) if lineage.pictures else "",
        # Without alpha: loaders look for one in every entry, and it is in PEFT's configuration.
        "atelier.training": json.dumps(settings.model_dump(mode="json", include={*_TOLD, *_TOLD_TOO}), sort_keys=True),
    }
    return {name: value for name, value in told.items() if value}


def hash_of(tensors: Mapping[str, torch.Tensor]) -> str:
    """ModelSpec's hash: of the tensors' bytes, in the order in which safetensors lays them out (by size of a number,
    the largest first, then by name)."""
    digest = hashlib.sha256()
    for _, value in sorted(tensors.items(), key=lambda each: (-each[1].element_size(), each[0])):
        digest.update(value.flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
