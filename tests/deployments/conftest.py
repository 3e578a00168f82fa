"""What the tests of a family share: the model of the module's `weights`, ours and diffusers' own. Libraries of models
are imported where they are needed: most tests of the engine load none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from deployments.families.flux import Flux


@pytest.fixture(scope="module")
def variant() -> str:
    return "base"


@pytest.fixture(scope="module")
def flux(weights: Path, variant: str) -> Flux:
    from deployments.families.flux import load
    from tests.deployments.tiny import tiny_config

    return load(tiny_config(weights, variant=variant))


@pytest.fixture(scope="module")
def pipeline(weights: Path) -> Any:
    import torch

    from tests.deployments.tiny import parts

    pipeline = parts.DiffusionPipeline.from_pretrained(weights, dtype=torch.float32, use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
