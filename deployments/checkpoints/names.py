"""What transformers will call the tensors of a file: what older releases wrote is renamed when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import torch

from deployments.checkpoints.headers import Entry

Shapes: TypeAlias = dict[str, tuple[int, ...] | None]


def loaded_names(model: torch.nn.Module, tensors: Mapping[str, Entry]) -> Shapes:
    """Name in `model` → shape in the file; None where the library makes one tensor of several, or several of one.

    A model of another library keeps the names of its file.
    """
    from transformers import PreTrainedModel
    from transformers.conversion_mapping import get_model_conversion_mapping
    from transformers.core_model_loading import WeightConverter, WeightRenaming, rename_source_key

    if not isinstance(model, PreTrainedModel):
        return {name: entry.shape for name, entry in tensors.items()}
    rules = get_model_conversion_mapping(model)
    renamings = [rule for rule in rules if isinstance(rule, WeightRenaming)]
    converters = [rule for rule in rules if isinstance(rule, WeightConverter)]
    here: Any = model.state_dict()
    found: Shapes = {}
    for name, entry in sorted(tensors.items()):
        new, converted = rename_source_key(name, renamings, converters, model.base_model_prefix, here)
        if new not in here and name in here:
            new, converted = name, None
        found[new] = None if converted else entry.shape
    return found
