"""The kinds of scorers, a row each: how one is loaded from its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import torch

from configs.scorers import SCORER_FILES, ScorerConfig, ScorerKind
from deployments.checkpoints.source import locate
from deployments.families.hardware import DTYPES, choose_device
from deployments.scorers.clip import load_clip
from deployments.scorers.scorer import Scorer
from deployments.scorers.two_towers import load_two_towers

Load: TypeAlias = Callable[[Path, torch.device, torch.dtype, str], Scorer]
"""From a folder of weights, computed where and as what is said; the text is how messages call the scorer."""

SCORERS: Mapping[ScorerKind, Load] = MappingProxyType({"two-towers": load_two_towers, "clip": load_clip})


def load_scorer(config: ScorerConfig) -> Scorer:
    """A scorer, loaded. Raises `ConfigError` in one plain sentence."""
    owner = f"scorer '{config.id}'"
    device = choose_device(config.runtime, owner)
    folder = locate(config.weights, owner, SCORER_FILES[config.kind])
    return SCORERS[config.kind](folder, device, DTYPES[config.runtime.dtype], owner)
