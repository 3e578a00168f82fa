"""What a model samples with where a request says nothing: as its YAML says, else as its checkpoint does."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from configs.catalog import Installation
from configs.sampling import Sampling, read_sampling
from configs.schema import ModelConfig
from deployments.checkpoints.here import find_here

_CONFIG = "scheduler/scheduler_config.json"


def usual_sampling(model: ModelConfig, installation: Installation) -> Sampling:
    """What neither says, because the checkpoint is not on this machine yet, is the family's one sampler or, of several,
    `default`; and the checkpoint's schedule."""
    samplers = installation.capabilities[model.id].samplers
    file = find_here(model.weights, _CONFIG, Path(installation.root))
    own = (
        _read(file) if file is not None else Sampling(sampler=next(iter(samplers)) if len(samplers) == 1 else "default")
    )
    sampler = model.sampler or own.sampler
    kept = sampler == own.sampler or own.schedule in samplers.get(sampler, ())
    return Sampling(sampler=sampler, schedule=model.schedule or (own.schedule if kept else None))


@lru_cache(maxsize=64)
def _read(file: Path) -> Sampling:
    """A file that is broken says nothing; its model will not load."""
    try:
        settings = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return Sampling()
    return read_sampling(settings) if isinstance(settings, dict) else Sampling()
