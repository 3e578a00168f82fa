"""One loaded model on which adapters are read, put together, and tried: every layout that the studio draws with."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from configs.schema import ModelConfig
from deployments.loras import files
from deployments.loras.effect import Model
from deployments.loras.inspection import Trial, load_for_trial, try_on
from deployments.loras.keys import Place
from deployments.loras.preflight import judge
from training.lora.merging.extraction import Extracted, extract
from training.lora.merging.factors import Kept, Limit
from training.lora.merging.inputs import Source, strengths
from training.lora.merging.methods import Merge, Part, check, merge
from training.lora.merging.writing import widest, write


@dataclass(frozen=True, slots=True)
class Result:
    """A file that was written, what preflight found in it, and what is left of each layer."""

    trial: Trial
    layers: Mapping[Place, Kept]
    left_out: Sequence[str] = ()

    @property
    def rank(self) -> int:
        """The largest."""
        return max(kept.change.rank for kept in self.layers.values())

    @property
    def energy(self) -> tuple[float, float]:
        """The share that is left: over all layers, and of the one with the least."""
        shares = [kept.energy for kept in self.layers.values()]
        sizes = [float(kept.change.size(torch.empty(0))) ** 2 for kept in self.layers.values()]
        whole = sum(size / max(share, 1e-12) for size, share in zip(sizes, shares, strict=True))
        return sum(sizes) / whole, min(shares)


class Workbench:
    """Loads the model when it is made. Raises ConfigError, as everything here does, in a sentence."""

    def __init__(self, config: ModelConfig) -> None:
        self._config = config
        self._model: Model = load_for_trial(config, f"model '{config.id}'")

    @torch.no_grad()
    def merge(
        self, sources: Sequence[Source], how: Merge, out: Path, header: Mapping[str, str], dtype: str | None
    ) -> Result:
        """Each of `sources` through the preflight, merged, written to `out`, and that file through the preflight."""
        parts = [self._part(source) for source in sources]
        check(parts, how, self._model.anatomy)
        layers = merge(parts, how, self._model.anatomy)
        chosen = widest([tensor for source in sources for tensor in source.contents.tensors.values()])
        return self._finish(layers, out, header, getattr(torch, dtype) if dtype else chosen)

    @torch.no_grad()
    def extract(self, tuned: Path, limit: Limit, out: Path, header: Mapping[str, str], dtype: str | None) -> Result:
        """The same of what a model that was tuned whole has more than this one."""
        found: Extracted = extract(tuned, self._model.anatomy, limit)
        return self._finish(found.layers, out, header, getattr(torch, dtype or "float32"), found.left_out)

    def _part(self, source: Source) -> Part:
        owner = f"{source.name}, tried with '{self._config.id}'"
        checked = judge(source.contents, source.file, self._model.anatomy, self._model.slots.largest, owner)
        changes = checked.converted.changes
        return Part(source.name, changes, strengths(source.wanted, changes))

    def _finish(
        self,
        layers: Mapping[Place, Kept],
        out: Path,
        header: Mapping[str, str],
        dtype: torch.dtype,
        left_out: Sequence[str] = (),
    ) -> Result:
        """What does not pass is not written, and leaves alone what was there."""
        incoming = out.with_name(f".{out.stem}.{os.getpid()}.safetensors")
        try:
            write(layers, incoming, header, dtype)
            owner = f"the result, tried with '{self._config.id}'"
            trial = try_on(self._model, self._config, out, files.read(incoming, owner), owner)
            os.replace(incoming, out)
        finally:
            incoming.unlink(missing_ok=True)
        return Result(trial, layers, left_out)
