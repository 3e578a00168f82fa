"""The tensors that a component's class expects, compared with those in its file, without loading either."""

from __future__ import annotations

import importlib
from typing import Any

import torch

from configs.errors import ConfigError
from deployments.checkpoints.names import loaded_names
from deployments.checkpoints.preflight import Component
from deployments.checkpoints.source import display


def check_shapes(component: Component, owner: str) -> None:
    """Raise ConfigError if a tensor is missing or of another shape than the component's own config says.

    A component without weights passes. Without this check diffusers fills a missing tensor with random numbers.
    """
    if not component.tensors:
        return
    model = _expect(component, owner)
    tied = {_plain(name, component) for name in getattr(model, "_tied_weights_keys", None) or {}}
    found = {_plain(name, component): shape for name, shape in loaded_names(model, component.tensors).items()}
    for full, tensor in model.state_dict().items():
        name, shape = _plain(full, component), tuple(tensor.shape)
        if found.get(name, shape) not in (shape, None):
            raise _mismatch(component, owner, f"tensor '{name}' is {found[name]} where its config says {shape}")
        if name not in found and name not in tied:
            raise _mismatch(component, owner, f"tensor '{name}' is missing")


def _expect(component: Component, owner: str) -> torch.nn.Module:
    cls = getattr(importlib.import_module(component.library), component.class_name, None)
    if cls is None:
        raise ConfigError(f"{owner}: the installed {component.library} has no class {component.class_name}.", "weights")
    try:
        return _build(cls, component)
    except (TypeError, ValueError, ArithmeticError, RuntimeError, AttributeError) as error:
        raise _mismatch(component, owner, f"config.json does not describe a {component.class_name}: {error}") from None


def _build(cls: Any, component: Component) -> torch.nn.Module:
    with torch.device("meta"):
        if component.library == "transformers":
            model = cls(cls.config_class.from_pretrained(component.folder))
        else:
            model = cls.from_config(cls.load_config(component.folder))
    assert isinstance(model, torch.nn.Module)
    return model


def _plain(name: str, component: Component) -> str:
    # Some releases of transformers save the encoders of CLIP and SigLIP with these prefixes, others without.
    return name.removeprefix("vision_model." if "Vision" in component.class_name else "text_model.")


def _mismatch(component: Component, owner: str, what: str) -> ConfigError:
    return ConfigError(
        f"{owner}: in {display(component.folder)}, {what}. "
        "The weights and the config.json beside them are not of one model: export them together.",
        "weights",
    )
