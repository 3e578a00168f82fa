"""Every model's memory, from the figures that were counted: what the ledger and `GET /models` are told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from configs.architecture import FigureTable
from configs.capabilities import Capabilities
from configs.catalog import Catalog
from configs.errors import ConfigError
from configs.ledger import Need
from configs.memory import Prediction, predict
from configs.runtime import Preset
from configs.schema import ModelConfig

FIGURES = "figures.json"
COMMAND = "python -m deployments.memory --write"


def read_figures(*folders: Path) -> FigureTable:
    """What was counted, by architecture; an earlier folder's word counts more. Raises ConfigError."""
    table: FigureTable = {}
    for file in (folder / FIGURES for folder in reversed(folders)):
        if not file.exists():
            continue
        try:
            table |= TypeAdapter(FigureTable).validate_json(file.read_bytes())
        except ValidationError:
            raise ConfigError(f"{file.name} is not what `{COMMAND}` writes: run it again", FIGURES) from None
    return table


def predict_all(catalog: Catalog, capabilities: Mapping[str, Capabilities]) -> dict[str, Prediction]:
    """By model, of those whose architecture was counted."""
    return {
        id: predict(model, catalog.figures[model.architecture], capabilities[id].engine)
        for id, model in catalog.models.items()
        if model.architecture in catalog.figures
    }


def predict_presets(
    model: ModelConfig, catalog: Catalog, can: Capabilities, presets: Mapping[str, Preset]
) -> dict[str, Prediction]:
    """What `model` would take with each of `presets`; nothing if its architecture was not counted."""
    if model.architecture not in catalog.figures:
        return {}
    parts = catalog.figures[model.architecture]
    return {
        name: predict(model.model_copy(update={"runtime": preset.runtime}), parts, can.engine)
        for name, preset in presets.items()
    }


def needs_of(catalog: Catalog, capabilities: Mapping[str, Capabilities]) -> dict[str, Need]:
    """What a replica of each model takes, for the ledger. One whose `device` is auto goes where its share lets it."""
    predictions = predict_all(catalog, capabilities)
    return {id: _need(model, catalog, capabilities[id], predictions.get(id)) for id, model in catalog.models.items()}


def _need(model: ModelConfig, catalog: Catalog, can: Capabilities, prediction: Prediction | None) -> Need:
    if prediction is None:
        return Need(None, model.runtime.device == "cuda", {})
    others = predict_presets(model, catalog, can, catalog.presets)
    smaller = {name: other.gb for name, other in others.items() if other.total < prediction.total}
    return Need(prediction.total, model.runtime.device == "cuda", smaller)
