"""LoRAs in diffusers' own pipelines, whichever they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import torch

Worn: TypeAlias = Sequence[tuple[Mapping[str, torch.Tensor], float]]
"""LoRAs, as the tensors of their files, and how much each counts."""


@contextmanager
def dressed(pipeline: Any, loras: Worn) -> Iterator[None]:
    """Within, `pipeline` wears `loras`, and so does every other pipeline that shares its components."""
    if not loras:
        yield
        return
    for index, (tensors, _) in enumerate(loras):
        pipeline.load_lora_weights(dict(tensors), adapter_name=str(index))
    pipeline.set_adapters([str(index) for index in range(len(loras))], [strength for _, strength in loras])
    try:
        yield
    finally:
        pipeline.unload_lora_weights()
