"""The settings that a run begins with where nobody says otherwise."""

from __future__ import annotations

from configs.load import load_catalog
from configs.schema import ModelConfig
from configs.training import TrainingSettings
from configs.training_defaults import settings_of

MINI = TrainingSettings(
    rank=8,
    steps=200,
    batch=4,
    rate=2e-3,
    guidance="contrastive",
    precision="float32",
    weight_decay=1e-4,
)
"""In a minute or two of one core: measured on mini, with pictures in a look that it did not know."""


def starting_settings(config: ModelConfig, pictures: int) -> TrainingSettings:
    """Of a model, for so many pictures (`configs/training/<family>.yaml`)."""
    return settings_of(load_catalog().trainings.get(config.family), config, None, pictures)
