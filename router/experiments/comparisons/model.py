"""The vocabulary of comparisons: what was asked, and the pictures of each way side by side, named or by letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from configs.experiments import Overlay
from configs.frozen import Frozen
from configs.schema import Identifier
from router.batches.model import Batch, Way
from router.jobs.model import ImageRecord, Job

NONE_BETTER = "none"
"""What is picked where no side is better."""
KEY = "compare"
"""Of what a batch remembers of its order."""


class ComparedWay(Frozen):
    """One of the ways, as the batch remembers it."""

    id: Identifier
    overlay: Overlay = Overlay()

    def as_way(self, blind: bool) -> Way:
        return Way(self.id, self.overlay, blind)


class ComparedPrompt(Frozen):
    """What all ways draw."""

    prompt: str
    asset_type: str


class Compared(Frozen):
    """What a comparison is, as its batch remembers it. Lines of the batch go prompt by prompt, `seeds` for each."""

    ways: tuple[ComparedWay, ...]
    prompts: tuple[ComparedPrompt, ...]
    seeds: int
    blind: bool = False

    def prompt_of(self, line: int) -> int:
        """The number of a line's prompt, from 0."""
        return (line - 1) // self.seeds


@dataclass(frozen=True, slots=True)
class Side:
    """What one way has drawn of a prompt, seed after seed. `letter` is its place while nobody may know the way."""

    way: str
    letter: str
    jobs: tuple[Job, ...]

    @property
    def pictures(self) -> tuple[tuple[Job, ImageRecord], ...]:
        """The first picture of each job that has one."""
        return tuple((job, job.images[0]) for job in self.jobs if job.images)

    def with_jobs(self, by_id: Mapping[str, Job]) -> Side:
        """The same with these jobs in place of its own."""
        return replace(self, jobs=tuple(by_id.get(job.id, job) for job in self.jobs))

    @property
    def ended(self) -> bool:
        return all(job.status.ended for job in self.jobs)


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt with all of its sides, in the order in which they are shown. `choice` is what was picked: a way, or
    none; `picked` says whether anything was."""

    number: int
    prompt: ComparedPrompt
    sides: tuple[Side, ...]
    picked: bool
    choice: str | None

    @property
    def ended(self) -> bool:
        """Nothing is drawn of it any more."""
        return all(side.ended for side in self.sides)

    @property
    def shows(self) -> bool:
        """There is something to choose between."""
        return sum(bool(side.pictures) for side in self.sides) > 1

    def side(self, label: str) -> Side | None:
        """By its letter or its way."""
        return next((one for one in self.sides if label in (one.letter, one.way)), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison as it stands."""

    batch: Batch
    compared: Compared
    rows: Sequence[Row]

    @property
    def revealed(self) -> bool:
        """Whether ways are named: at once, or blind once every prompt that shows something has been judged."""
        if not self.compared.blind:
            return True
        return all(row.ended for row in self.rows) and all(row.picked for row in self.rows if row.shows)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All of its jobs."""
        return tuple(job for row in self.rows for side in row.sides for job in side.jobs if job is not None)

    def with_jobs(self, jobs: Iterable[Job]) -> Comparison:
        """The same with these in place of its jobs of the same ids."""
        by_id = {job.id: job for job in jobs}
        rows = [replace(row, sides=tuple(side.with_jobs(by_id) for side in row.sides)) for row in self.rows]
        return replace(self, rows=rows)

    @property
    def picks(self) -> Mapping[str, int]:
        """How often each way was picked; `none`, where no side was better."""
        chosen = [row.choice or NONE_BETTER for row in self.rows if row.picked]
        names = (*(way.id for way in self.compared.ways), NONE_BETTER)
        return {name: chosen.count(name) for name in names if name != NONE_BETTER or name in chosen}


def told(compared: Compared) -> dict[str, Any]:
    """What a batch remembers."""
    return {KEY: compared.model_dump(mode="json", exclude_defaults=True)}
