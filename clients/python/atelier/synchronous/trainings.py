"""Written by `python -m clients.generator.synchronous` from `trainings.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack

from atelier.calls import Call
from atelier.datasets import PictureRight
from atelier.flow import Flow, request
from atelier.models.answers import Adapter as Adapter
from atelier.models.answers import Training as Training
from atelier.models.answers import TrainingPlans as TrainingPlans
from atelier.models.answers import TrainingsPage as TrainingsPage
from atelier.retry import Retry
from atelier.session import new_key
from atelier.trainings import TrainingOptions, adopt, cancel, follow, get, listed, order, plan, sketched


class Trainings:
    """Trainings of a studio: LoRAs that are learned from datasets."""

    def __init__(self, walk: Callable[[Flow[Any]], Any], retry: Retry, patience: float) -> None:
        self._walk, self._retry, self._patience = walk, retry, patience

    def submit(
        self, dataset: str, *, lora: str, idempotency_key: str | None = None, **options: Unpack[TrainingOptions]
    ) -> tuple[Training, ...]:
        """Begin a training, or one for each run of a sweep. The same key with the same request is the same ones."""
        found: tuple[Training, ...] = self._run(order(dataset, lora, options, idempotency_key or new_key()))
        return found

    def plan(
        self,
        dataset: str,
        *,
        lora: str,
        place: str | Path | None = None,
        trigger: str = "",
        right: PictureRight | None = None,
        asset_type: str | None = None,
        **options: Unpack[TrainingOptions],
    ) -> TrainingPlans:
        """What `submit` would begin, and what it would take; nothing is learned. With a `place` (a folder, a table) it
        is asked for pictures that are not in the studio: they are counted here, and not sent."""
        sketch = None if place is None else sketched(place, trigger, right, asset_type)
        found: TrainingPlans = self._run(plan(dataset, lora, options, sketch))
        return found

    def get(self, training: Training | str) -> Training:
        """A training as it stands."""
        found: Training = self._run(get(training))
        return found

    def list(self, limit: int = 20, before: str | None = None, space: str | None = None) -> TrainingsPage:
        """Yours, or those of a space, newest first."""
        found: TrainingsPage = self._run(listed(limit, before, space))
        return found

    def wait(self, training: Training | str, on_change: Callable[[Training], None] | None = None) -> Training:
        """Follow a training to its end, however it ends; `on_change` is called with it as it goes."""
        found: Training = self._walk(follow(training, self._retry, self._patience, on_change))
        return found

    def cancel(self, training: Training | str) -> Training:
        """Stop before the next step; its checkpoints are kept."""
        found: Training = self._run(cancel(training))
        return found

    def adopt(
        self, training: Training | str, step: int, *, strength: float = 1.0, mark: str | None = "candidate"
    ) -> Adapter:
        """Take another checkpoint into the library than the one that was recommended."""
        found: Adapter = self._run(adopt(training, step, strength, mark))
        return found

    def _run(self, call: Call[Any]) -> Any:
        return self._walk(request(call, self._retry))
