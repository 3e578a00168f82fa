"""What a person sees while pictures are drawn: one line for the job with an honest estimate, one per picture."""

from __future__ import annotations

import math
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from atelier import events
from atelier.batches import Batch
from atelier.cli.text import plain
from atelier.models import Accepted
from atelier.trainings import Training

_MANY = 12  # rows; more pictures than this are shown by the job's line alone


def estimate(seconds: float) -> str:
    """Seconds that remain, no more precise than they deserve."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds <= -2:
        return "taking longer than estimated"
    if seconds < 1.5:
        return "about a second"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min"


class _Remaining(ProgressColumn):
    """Counts the newest estimate down between events; on the job's line only."""

    def render(self, task: Task) -> Text:
        if task.finished or "until" not in task.fields:
            return Text(str(task.fields.get("note", "")), style="dim")
        return Text(estimate(task.fields["until"] - time.monotonic()), style="dim")


def _share(done: float, of: float = 1) -> float:
    """How much of a bar is full, whatever a studio counts."""
    return min(1.0, max(0.0, done / of)) if math.isfinite(done) and 0 < of < math.inf else 0.0


class Display:
    """Call it with every event of the job. It draws nothing where `console` is not a terminal."""

    def __init__(self, console: Console, accepted: Accepted, pictures: int) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(36),
            TextColumn("{task.percentage:>3.0f}%"),
            _Remaining(),
        )
        self._bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._done = 0
        self._total = pictures
        until = time.monotonic() + accepted.estimated_time_seconds
        self._job = self._bars.add_task("Waiting", total=1.0, until=until)
        rows = range(pictures) if 1 < pictures <= _MANY else ()
        self._rows = [self._bars.add_task(f"  picture {index + 1}", total=1.0, note="") for index in rows]

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(self, event: events.Event) -> None:
        if isinstance(event, events.Progress):
            self._advance(event)
        elif isinstance(event, events.ImageFinished):
            self._finish(event)
        elif event.type == "job.started":
            self._bars.update(self._job, description=self._label())
        elif event.type == "job.retried":
            self._bars.update(self._job, description="A worker was lost, again")

    def _advance(self, event: events.Progress) -> None:
        detail = f", step {event.step}/{event.steps}" if event.step and event.steps and not self._rows else ""
        said = plain(event.detail or "")
        label = said[0].upper() + said[1:] if said else self._label() + detail
        self._bars.update(self._job, completed=_share(event.progress), description=label)
        if event.estimated_time_seconds is not None:
            self._bars.update(self._job, until=time.monotonic() + event.estimated_time_seconds)
        row = self._row(event.index)
        if row is None or event.stage is None:
            return
        if event.step and event.steps:
            self._bars.update(row, completed=_share(event.step, event.steps), note=f"step {event.step}/{event.steps}")
        else:
            self._bars.update(row, note=plain(event.label or event.stage))

    def _finish(self, event: events.ImageFinished) -> None:
        self._done += 1
        self._bars.update(self._job, description=self._label())
        row = self._row(event.image.index)
        if row is not None:
            self._bars.update(row, completed=1.0, note=f"seed {event.image.seed}")

    def _label(self) -> str:
        return "Drawing" if self._total == 1 else f"{self._done} of {self._total} pictures"

    def _row(self, index: int | None) -> TaskID | None:
        return self._rows[index] if index is not None and 0 <= index < len(self._rows) else None


class BatchDisplay:
    """One line for a batch; call it with the batch as it is now."""

    def __init__(self, console: Console, jobs: int, seconds: float) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(36),
            TextColumn("{task.percentage:>3.0f}%"),
            _Remaining(),
        )
        self._bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        until = time.monotonic() + seconds
        self._bar = self._bars.add_task(f"0 of {jobs:,} jobs", total=1.0, until=until)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(self, batch: Batch) -> None:
        ended = batch.jobs - batch.counts.queued - batch.counts.processing
        failed = f", {batch.counts.failed:,} failed" if batch.counts.failed else ""
        self._bars.update(
            self._bar,
            completed=_share(batch.progress),
            description=f"{ended:,} of {batch.jobs:,} jobs{failed}",
            until=time.monotonic() + batch.estimated_time_seconds,
        )


class TrainingDisplay:
    """One line for a training; call it with the training as it is now."""

    def __init__(self, console: Console, lora: str, seconds: float) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(36),
            TextColumn("{task.percentage:>3.0f}%"),
            _Remaining(),
        )
        self._bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._bar = self._bars.add_task(f"{lora}: waiting", total=1.0, until=time.monotonic() + seconds)
        self._lora = lora

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(self, training: Training) -> None:
        loss = "" if training.loss is None else f", loss {training.loss:.3f}"
        said = f"step {training.step}/{training.steps}{loss}" if training.state == "training" else training.state
        until = time.monotonic() + training.estimated_time_seconds
        done = _share(training.progress)
        self._bars.update(self._bar, completed=done, description=f"{self._lora}: {said}", until=until)
