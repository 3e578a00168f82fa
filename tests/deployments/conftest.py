"""What the tests of a family share: the model of the module's `weights`, ours and diffusers' own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from deployments.families.flux import Flux, load
from tests.deployments.tiny import parts, tiny_config


@pytest.fixture(scope="module")
def variant() -> str:
    return "base"


@pytest.fixture(scope="module")
def flux(weights: Path, variant: str) -> Flux:
    return load(tiny_config(weights, variant=variant))


@pytest.fixture(scope="module")
def pipeline(weights: Path) -> Any:
    pipeline = parts.DiffusionPipeline.from_pretrained(weights, dtype=torch.float32, use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
