"""A studio in one process with every replica real: mini, its upscaler, and each stage as the cluster has it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from configs.catalog import Installation
from configs.schema import ModelConfig
from deployments.exchange import Exchange
from deployments.generator import Generator
from router.files import open_files
from router.replicas import DirectReplicas
from router.stage_table import STAGES
from router.studio import Studio
from tests.studio import local_installation


def real_replicas(installation: Installation) -> dict[str, Any]:
    """One of each deployment of the profile, by name; what begins when it is asked for is begun."""
    exchange = Exchange(open_files=partial(open_files, installation))
    replicas: dict[str, Any] = {
        placement.name: Generator(
            installation.catalog.models[placement.model], loras=tuple(installation.catalog.loras.values())
        )
        for placement in installation.profile.generators
    }
    for kind in STAGES:
        for one in kind.deployments(installation):
            replicas[one.name] = one.replica(*one.arguments, exchange, **one.options)
    return replicas


def real_studio(folder: Path, models: Mapping[str, ModelConfig] | None = None, **profile: Any) -> Studio:
    """A studio with its state under `folder`; `models` replace those of the same id, keywords settings of the
    profile."""
    installation = local_installation(folder, **profile)
    if models:
        catalog = installation.catalog
        changed = catalog.model_copy(update={"models": {**catalog.models, **models}})
        installation = installation.model_copy(update={"catalog": changed})
    return Studio.assemble(installation, DirectReplicas(real_replicas(installation)))
