"""A tiny FLUX to be trained on, once for all tests, and sets of small pictures."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import hashlib

import pytest
import torch
from PIL import Image

from configs.schema import ModelConfig
from configs.training import TrainingSettings
from deployments.families.training import Trainable
from tests.deployments.tiny import Shape, save_tiny, tiny_config
from training.lora.base import load_base
from training.lora.pictures import TrainingPicture

COLOURS = ("red", "green", "blue", "yellow", "purple", "orange", "black", "white")
SETTINGS = TrainingSettings(
    rank=4, steps=4, batch=2, rate=2e-3, size=64, precision="float32", validation_share=0, checkpoint_every=2, warm_up=2
)


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> ModelConfig:
    """The YAML of a FLUX of random weights."""
    torch.set_num_threads(1)
    return tiny_config(save_tiny(tmp_path_factory.mktemp("flux"), Shape(layers=2)))


@pytest.fixture(scope="session")
def model(config: ModelConfig) -> Trainable:
    return load_base(config, SETTINGS)


def changed(**changes: object) -> TrainingSettings:
    """`SETTINGS` with others."""
    return TrainingSettings.model_validate(SETTINGS.model_dump() | changes)


def plain(colour: str, size: tuple[int, int] = (64, 64), held_out: bool = False) -> TrainingPicture:
    """A picture of one colour, which its caption names."""
    digest = hashlib.sha256(f"{colour} {size}".encode()).hexdigest()
    return TrainingPicture(Image.new("RGB", size, colour), f"a {colour} square", digest, held_out)


@pytest.fixture
def squares() -> list[TrainingPicture]:
    return [plain(colour) for colour in COLOURS]
