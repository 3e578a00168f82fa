"""The replica that looks at a LoRA's file before it is taken in: what `python -m deployments.loras check` reports."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from configs.catalog import Catalog
from configs.errors import BadLora, ConfigError, DamagedFile, NotFound, StageError, StageUnavailable, TooLarge
from deployments.blobs.node_cache import CachedStore
from deployments.checkpoints.source import display
from deployments.messages import LoraFile, LoraReport, LoraTrial

if TYPE_CHECKING:
    from deployments.loras.inspection import Findings


class Examiner:
    """Tries files with the models of an installation, one at a time: each is loaded for it, and let go."""

    def __init__(self, catalog: Catalog, stored: CachedStore) -> None:
        """`catalog` has the models to try with; `stored` is where the files lie."""
        self._catalog, self._cache = catalog, stored.open()
        # Not a lock: it would be let go while the thread of a caller who has left goes on.
        self._thread = ThreadPoolExecutor(1, "examine")

    async def examine(self, lora: LoraFile) -> LoraReport:
        """What a file in the file store is, and what it does to each model that it is for.

        Raises `BadLora` for one that is not to be taken in, `StageUnavailable` while the file cannot be had, and
        `StageError` where it is not there.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._examine, lora)

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """What has begun goes on to its end; nothing more begins."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _examine(self, lora: LoraFile) -> LoraReport:
        from deployments.loras import files  # torch, which only the replica needs

        try:
            with self._cache.held(lora.sha256, ".safetensors", files.LARGEST_FILE, lora.owner) as file:
                return self._try(lora, file)
        except (NotFound, DamagedFile, TooLarge) as error:
            raise StageError(f"{lora.owner} cannot be looked at: {error.message}", "file") from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise StageUnavailable(f"{lora.owner} cannot be kept on its node ({why})") from None

    def _try(self, lora: LoraFile, file: Path) -> LoraReport:
        from deployments.loras import files
        from deployments.loras.inspection import choose_models, examine

        try:
            contents = files.read(file, lora.owner)
            models = choose_models(contents, self._catalog, lora.family, lora.models)
            return _report(examine(file, contents, models, lora.owner), models[0].family)
        except ConfigError as error:  # who sent it knows it by another name than this node does
            raise BadLora(error.message.replace(display(file), "the file"), error.field) from None


def _report(findings: Findings, family: str) -> LoraReport:
    first = findings.trials[0].report
    return LoraReport(
        family=family,
        format=str(first.format),
        made_for=findings.made_for,
        trigger_words=findings.trigger_words,
        frequent_tags=findings.frequent_tags,
        rank=first.rank,
        matched=first.matched,
        total=first.total,
        skipped=first.skipped,
        scale=first.scale,
        trials=tuple(
            LoraTrial(one.model, one.report.effect, one.prediction, one.report.exclusive, one.report.encoders)
            for one in findings.trials
        ),
    )
