"""The kinds of captioners, a row each: how one is loaded from its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import torch

from configs.captioners import CAPTIONER_FILES, CaptionerConfig, CaptionerKind
from configs.weights import Weights
from deployments.captioners.attribute_captioner import load_attributes
from deployments.captioners.captioner import Captioner
from deployments.captioners.vision_language_captioner import load_vision_language
from deployments.checkpoints.fingerprint import fingerprint
from deployments.checkpoints.source import locate
from deployments.families.hardware import DTYPES, choose_device

Load: TypeAlias = Callable[[CaptionerConfig, Path, torch.device, torch.dtype, str], Captioner]
"""From a folder of weights, computed where and as what is said; the text is how messages call the captioner."""

CAPTIONERS: Mapping[CaptionerKind, Load] = MappingProxyType(
    {"attributes": load_attributes, "vision-language": load_vision_language}
)
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Loaded:
    """A captioner, and what its captions are marked with: `captioner@revision`."""

    captioner: Captioner
    author: str


def load_captioner(config: CaptionerConfig) -> Loaded:
    """Raises `ConfigError` in one plain sentence."""
    owner = f"captioner '{config.id}'"
    device = choose_device(config.runtime, owner)
    folder = locate(config.weights, owner, CAPTIONER_FILES[config.kind])
    captioner = CAPTIONERS[config.kind](config, folder, device, DTYPES[config.runtime.dtype], owner)
    return Loaded(captioner, f"{config.id}@{_revision(config.weights, folder)}")


def _revision(weights: Weights, folder: Path) -> str:
    """Of a repository the commit that it is pinned at, of other weights what the files hold."""
    pinned = weights.revision if weights.commit else None
    return (pinned or fingerprint([folder]))[:_DIGITS]
