"""Optimisers by name, their learning rate at each step, and their state as tensors: nothing is pickled."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from configs.errors import ConfigError
from configs.training import TrainingSettings

_LIBRARIES = {"adamw8bit": ("bitsandbytes", "bitsandbytes"), "prodigy": ("prodigyopt", "prodigyopt")}
"""Optimiser -> the module that has it, and what installs that."""


def build(settings: TrainingSettings, parameters: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimiser of a run. Raises ConfigError, saying what to install, for one whose library is not here."""
    given: dict[str, Any] = {"lr": settings.rate, "weight_decay": settings.weight_decay}
    if settings.optimiser == "adamw":
        return torch.optim.AdamW(parameters, **given)
    module, package = _LIBRARIES[settings.optimiser]
    try:
        library: Any = importlib.import_module(module)
    except ImportError:
        raise ConfigError(
            f"the optimiser '{settings.optimiser}' needs {package}, which is not installed: "
            f"`.venv/bin/pip install {package}`, or choose 'adamw'.",
            "optimiser",
        ) from None
    if settings.optimiser == "adamw8bit":
        eight: torch.optim.Optimizer = library.optim.AdamW8bit(parameters, **given)
        return eight
    prodigy: torch.optim.Optimizer = library.Prodigy(
        parameters, **given, safeguard_warmup=True, use_bias_correction=True
    )
    return prodigy


def rate_at(step: int, settings: TrainingSettings) -> float:
    """The rate of step `step` (0-based): rising over the warm-up, then along the schedule."""
    warm_up = min(settings.warm_up, settings.steps // 2)
    if step < warm_up:
        return settings.rate * (step + 1) / warm_up
    if settings.schedule == "constant":
        return settings.rate
    gone = (step - warm_up) / max(1, settings.steps - warm_up)
    share = settings.rate_end + (1 - settings.rate_end) * (1 + math.cos(math.pi * gone)) / 2
    return settings.rate * share


def state_of(optimiser: torch.optim.Optimizer) -> tuple[dict[str, torch.Tensor], str]:
    """All that it remembers: tensors by `<parameter>.<name>`, and the rest as JSON."""
    state = optimiser.state_dict()
    tensors: dict[str, torch.Tensor] = {}
    plain: dict[str, dict[str, Any]] = {}
    for number, values in state["state"].items():
        for name, value in _flat(values).items():
            if isinstance(value, torch.Tensor):
                # A copy each: safetensors refuses tensors that share memory, as 8-bit states share their tables.
                tensors[f"{number}.{name}"] = value.detach().cpu().clone().contiguous()
            else:
                plain.setdefault(str(number), {})[name] = value
    return tensors, json.dumps({"groups": state["param_groups"], "plain": plain})


def restore(optimiser: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor], rest: str) -> None:
    """What `state_of` gave."""
    read = json.loads(rest)
    flat: dict[int, dict[str, Any]] = {int(number): dict(values) for number, values in read["plain"].items()}
    for key, value in tensors.items():
        number, _, name = key.partition(".")
        flat.setdefault(int(number), {})[name] = value
    state = {number: _nested(values) for number, values in flat.items()}
    optimiser.load_state_dict({"state": state, "param_groups": read["groups"]})


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's state with what 8-bit optimisers keep one level deeper, as `outer/inner`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= {f"{name}/{inner}": one for inner, one in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        outer, deeper, inner = name.partition("/")
        if deeper:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[name] = value
    return nested
