"""The replica that has a scorer: it measures pictures, their fidelity to a prompt among the rest."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

from configs.errors import AtelierError, StageError
from configs.scorers import ScorerConfig
from deployments.exchange import KEPT, Exchange
from deployments.messages import Done, Picture
from deployments.scorers.scorer import Scorer
from deployments.stages.measures import Measure, measure

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Measure a picture, which stays as it is. `prompt` is what it was to show."""

    method: ClassVar[str] = "check"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    measures: tuple[Measure, ...]
    prompt: str = ""


def check(picture: Picture, request: CheckRequest, scorer: Scorer | None = None) -> Done:
    """What a request asks to be measured. Raises `StageError`."""
    started = time.perf_counter()
    try:
        scores = measure(picture, request.measures, request.prompt, scorer)
    except AtelierError:
        raise
    except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
        log.exception("a picture could not be measured")
        raise StageError(f"this picture could not be measured ({type(error).__name__})") from None
    return Done(time.perf_counter() - started, scores=scores)


class Checker:
    """One scorer, loaded. Pictures are measured one at a time, on a thread of its own."""

    def __init__(self, config: ScorerConfig, _: Exchange = KEPT) -> None:
        """Load the scorer. Raises `ConfigError` for weights that cannot be used."""
        from deployments.scorers.table import load_scorer

        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"scorer {config.id}")
        self._scorer = self._thread.submit(load_scorer, config).result()

    async def check(self, picture: Picture, request: CheckRequest) -> Done:
        """The picture's scores. Raises `StageError`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, check, picture, request, self._scorer)

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Finish the picture being measured, and begin no others."""
        self._thread.shutdown(cancel_futures=True)
