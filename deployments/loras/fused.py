"""The LoRA combination of a placement, merged into the weights for good at the start: no cost per step afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from deployments.checkpoints.headers import read_header
from deployments.families.family import FusedLora
from deployments.loras import files
from deployments.loras.keys import Anatomy
from deployments.loras.merged import Part, blend
from deployments.loras.preflight import check, check_family


def find_loras(loras: Sequence[FusedLora], family: str, owner: str) -> tuple[Path, ...]:
    """The file of each LoRA, in order, found and whole, before anything is built. Raises ConfigError."""
    return tuple(_find(lora, family, _name(owner, lora)) for lora in loras)


def fuse(pipeline: Any, loras: Sequence[FusedLora], family: str, owner: str) -> None:
    """Add each LoRA, times its strength, to the pipeline's weights. Raises ConfigError for one that does not fit."""
    if not loras:
        return
    anatomy = Anatomy.of(pipeline)
    checked = [check(lora.config, family, anatomy, 0, _name(owner, lora)) for lora in loras]
    parts = [Part(one.converted.changes, lora.strength) for one, lora in zip(checked, loras, strict=True)]
    with torch.no_grad():
        for place in dict.fromkeys(place for part in parts for place in part.changes):
            weight = anatomy.weights[place]
            weight.copy_(blend(weight, place, parts))


def _find(lora: FusedLora, family: str, name: str) -> Path:
    check_family(lora.config, family, name)
    file = files.find(lora.config, name)
    read_header(file, name)
    return file


def _name(owner: str, lora: FusedLora) -> str:
    return f"{owner}, LoRA '{lora.config.id}'"
