"""How long a model takes to load on this node: learned from earlier loads, guessed from its bytes before the first."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from configs.schema import ModelConfig
from deployments.checkpoints.cache import digest, weights_folder

BYTES_PER_SECOND = 1.0e9
"""What reading, converting and copying weights manages on common machines: a first guess."""
_OVERHEAD_SECONDS = 5.0  # importing the libraries, building the modules, measuring the first steps
_WEIGHT = 0.5  # of the newest load: files in the page cache load faster, and the next time they are there again

_log = logging.getLogger(__name__)


class LoadTimes:
    """Seconds per model, kept in a small file each beside the node's weights, so that every replica learns from all."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is `loads` in the node's folder of weights, if absent."""
        self._folder = folder or weights_folder() / "loads"

    def expect(self, model: ModelConfig, size: float) -> float:
        """Seconds that loading `model`, of `size` bytes in memory, will take."""
        known = self._read(model)
        return _OVERHEAD_SECONDS + size / BYTES_PER_SECOND if known is None else known

    def learn(self, model: ModelConfig, seconds: float) -> None:
        """It took `seconds`. Where nothing can be written, nothing is learned."""
        known = self._read(model)
        learned = seconds if known is None else known + _WEIGHT * (seconds - known)
        file = self._file(model)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_suffix(".new")
            new.write_text(f"{learned:.3f}\n", encoding="utf-8")
            new.replace(file)
        except OSError as error:
            _log.debug("how long %s takes to load is not remembered: %s", model.id, error)

    def _read(self, model: ModelConfig) -> float | None:
        with suppress(OSError, ValueError):
            return max(float(self._file(model).read_text(encoding="utf-8")), 0.0)
        return None

    def _file(self, model: ModelConfig) -> Path:
        """One per model and the way it is held: another dtype or preset loads in another time."""
        return self._folder / f"{model.id}-{digest(str(model.weights), model.runtime.model_dump_json())[:12]}"
