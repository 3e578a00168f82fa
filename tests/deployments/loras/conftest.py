"""One tiny pipeline of random weights for all tests of LoRAs; who changes it puts it back."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from typing import Any

import pytest
import torch

from deployments.loras.keys import Anatomy
from tests.deployments.tiny import parts, save_tiny


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Any:
    torch.set_num_threads(1)
    pipeline = parts.FluxPipeline.from_pretrained(save_tiny(tmp_path_factory.mktemp("flux")))
    for component in (pipeline.transformer, pipeline.text_encoder, pipeline.text_encoder_2):
        component.eval().requires_grad_(False)
    return pipeline


@pytest.fixture(scope="session")
def anatomy(pipeline: Any) -> Anatomy:
    return Anatomy.of(pipeline)
