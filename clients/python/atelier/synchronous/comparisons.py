"""Written by `python -m clients.generator.synchronous` from `comparisons.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack

from atelier import batches
from atelier.batches import Batch
from atelier.calls import Call
from atelier.comparisons import CompareOptions, _id, get, pick, plan, sheet, submit
from atelier.flow import Flow, fetch, request
from atelier.models.answers import Comparison as Comparison
from atelier.models.answers import ComparisonAccepted as ComparisonAccepted
from atelier.models.answers import ComparisonPlan as ComparisonPlan
from atelier.retry import Retry
from atelier.session import new_key


class Comparisons:
    """Ways of drawing, side by side."""

    def __init__(self, walk: Callable[[Flow[Any]], Any], retry: Retry, patience: float) -> None:
        self._walk, self._retry, self._patience = walk, retry, patience

    def submit(self, *, idempotency_key: str | None = None, **options: Unpack[CompareOptions]) -> ComparisonAccepted:
        """Submit a comparison and return as soon as it is accepted."""
        accepted: ComparisonAccepted = self._run(submit(options, idempotency_key or new_key()))
        return accepted

    def plan(self, **options: Unpack[CompareOptions]) -> ComparisonPlan:
        """What `submit` would have drawn; nothing is."""
        planned: ComparisonPlan = self._run(plan(options))
        return planned

    def get(self, comparison: Comparison | ComparisonAccepted | str) -> Comparison:
        """A comparison as it stands."""
        found: Comparison = self._run(get(comparison))
        return found

    def wait(
        self,
        comparison: Comparison | ComparisonAccepted | str,
        on_change: Callable[[Batch], None] | None = None,
    ) -> Comparison:
        """Follow a comparison until all is drawn. `on_change` is called with its batch every few seconds."""
        id = _id(comparison)
        self._walk(batches.follow(id, self._retry, self._patience, on_change))
        return self.get(id)

    def pick(self, comparison: Comparison | ComparisonAccepted | str, choice: str, prompt: int = 0) -> Comparison:
        """Say which side of a prompt is best: its label, or `none`. Blind sides are named when all are judged."""
        found: Comparison = self._run(pick(comparison, choice, prompt))
        return found

    def sheet(self, comparison: Comparison | ComparisonAccepted | str, to: str | Path, page: int = 1) -> Path:
        """Write a comparison to one PNG file: a column for each side."""
        path: Path = self._walk(fetch(sheet(comparison, page), Path(to), self._retry))
        return path

    def _run(self, call: Call[Any]) -> Any:
        return self._walk(request(call, self._retry))
