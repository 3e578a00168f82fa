"""Every model's memory, from the figures that were counted: what the ledger and `GET /models` are told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from configs.architecture import Figures, FigureTable
from configs.capabilities import Capabilities
from configs.catalog import Catalog
from configs.errors import ConfigError
from configs.ledger import Need
from configs.memory import Beside, Prediction, predict
from configs.runtime import Preset
from configs.schema import ControlConfig, ImagePromptConfig, ModelConfig

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
    """By model, of those that were counted with all that stands beside them."""
    found = {id: predict_one(model, catalog.figures, capabilities[id]) for id, model in catalog.models.items()}
    return {id: prediction for id, prediction in found.items() if prediction is not None}


def predict_one(model: ModelConfig, figures: FigureTable, can: Capabilities) -> Prediction | None:
    """None if its architecture, or that of anything beside it, was not counted."""
    beside = find_beside(model, figures)
    if beside is None or model.architecture not in figures:
        return None
    return predict(model, figures[model.architecture], can, beside)


def find_beside(model: ModelConfig, figures: FigureTable) -> Beside | None:
    """What stands beside `model`; None if any of it was not counted."""
    controls, readers = [_counted(figures, net) for net in find_nets(model)], _counted(figures, model.image_prompt)
    if any(net is None for net in controls) or (readers is None and model.image_prompt is not None):
        return None
    nets = tuple(part for net in controls if net is not None for part in net.values())
    return Beside(controls=nets, readers=readers or {})


def find_nets(model: ModelConfig) -> list[ControlConfig]:
    """Its ControlNets, each once: kinds with the same weights share one (a union ControlNet)."""
    nets: list[ControlConfig] = []
    for control in model.controls.values():
        if all(control.weights != other.weights for other in nets):
            nets.append(control)
    return nets


def find_additions(model: ModelConfig, figures: FigureTable, can: Capabilities) -> dict[str, int]:
    """Bytes that each thing beside `model` adds to what it takes: by kind of control, or `image prompts`."""
    whole = predict_one(model, figures, can)
    fewer: dict[str, dict[str, Any]] = {
        ", ".join(kind for kind, one in model.controls.items() if one.weights == net.weights): {
            "controls": {kind: one for kind, one in model.controls.items() if one.weights != net.weights}
        }
        for net in find_nets(model)
    }
    if model.image_prompt is not None:
        fewer["image prompts"] = {"image_prompt": None}
    without = {name: predict_one(model.model_copy(update=change), figures, can) for name, change in fewer.items()}
    return {name: whole.total - less.total for name, less in without.items() if whole is not None and less is not None}


def _counted(figures: FigureTable, config: ControlConfig | ImagePromptConfig | None) -> dict[str, Figures] | None:
    return None if config is None or config.architecture is None else figures.get(config.architecture)


def predict_presets(
    model: ModelConfig, catalog: Catalog, can: Capabilities, presets: Mapping[str, Preset]
) -> dict[str, Prediction]:
    """What `model` would take with each of `presets`; nothing if it was not counted."""
    changed = {name: model.model_copy(update={"runtime": preset.runtime}) for name, preset in presets.items()}
    found = {name: predict_one(other, catalog.figures, can) for name, other in changed.items()}
    return {name: prediction for name, prediction in found.items() if prediction is not None}


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
