"""Whether what a training has learned becomes the candidate of its LoRA: as its judge says, and of a sweep the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from configs.entries import LORAS
from configs.errors import NotFound
from configs.judgement import JudgedAdapter, Judgement, Mark
from configs.schema import TrainedFrom
from router.jobs.model import Job
from router.library import kinds
from router.library.model import CANDIDATE, MarkName
from router.storage.documents import UnreadableDocument
from router.studio import Studio
from router.training.record import RECORDED, Record
from router.training.sweeps import runs_of_sweep

_UNSEEN = Mark(value=0.0, error=0.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """The mark that the version gets, and why, in a sentence."""

    mark: MarkName | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a sweep, as its judge picked of it."""

    job: str
    version: str
    rank: int
    picked: JudgedAdapter

    @property
    def style(self) -> Mark:
        return self.picked.marks.get("style", _UNSEEN)


def beats(new: Run, holder: Run) -> bool:
    """Whether its look is better by more than its prompts leave to chance; or as good, and it has fewer cautions, or
    as many at a smaller rank, which is a smaller file."""
    gain, error = new.style.value - holder.style.value, max(new.style.error, holder.style.error)
    if abs(gain) > error:
        return gain > 0
    return (len(new.picked.cautions), new.rank) < (len(holder.picked.cautions), holder.rank)


async def stand(studio: Studio, job: Job, judgement: Judgement | None) -> Standing:
    """How the training `job` stands, once it is judged. Unjudged ones follow each other, as they end."""
    if judgement is None:
        return Standing(CANDIDATE)
    if not judgement.pick.recommended:
        return Standing(None, ": ".join(("the judge recommends none of its checkpoints", *_why_not(judgement))))
    others = await _ended(studio, job)
    marked = await _marked(studio, job)
    if marked is not None and marked.job == job.id:  # it stopped between taking the mark and saying so
        return Standing(CANDIDATE, "it has the mark already")
    if not others:
        return Standing(CANDIDATE)
    holder = next((run for run in others if marked is not None and run.job == marked.job), None)
    if holder is None:
        return Standing(None, "the mark was moved since another run of its sweep had it")
    own = Run(job.id, "", job.training.settings.rank, judgement.picked)
    why = f"style {own.style.value:.2f} beside {holder.style.value:.2f} of {holder.version} (rank {holder.rank})"
    return (
        Standing(CANDIDATE, f"the best of its sweep so far: {why}")
        if beats(own, holder)
        else Standing(None, f"{holder.version} of its sweep is the candidate: {why}")
    )


async def _ended(studio: Studio, job: Job) -> Sequence[Run]:
    """The other runs of its sweep that have had the mark."""
    found = [one for one in await runs_of_sweep(studio, job) if one.id != job.id]
    runs = [_run(one, Record.read(await studio.store.log(one.id, *RECORDED))) for one in found]
    return [run for run in runs if run is not None]


def _run(job: Job, record: Record) -> Run | None:
    adapter, judgement = record.adapter, read_judgement(record)
    if adapter is None or judgement is None or adapter.get("mark") != CANDIDATE:
        return None
    return Run(job.id, str(adapter["version"]), job.training.settings.rank, judgement.picked)


def read_judgement(record: Record) -> Judgement | None:
    """None where nothing was judged, or by a release whose document this one cannot read."""
    try:
        return Judgement.model_validate((record.judgement or {}).get("judgement"))
    except ValidationError:
        return None


def _why_not(judgement: Judgement) -> tuple[str, ...]:
    """Its faults and what helps, without the sentence that there is nothing to recommend."""
    reasons = "; ".join(judgement.pick.reasons[1:])
    return (reasons,) if reasons else ()


async def _marked(studio: Studio, job: Job) -> TrainedFrom | None:
    """Where the version that has the mark now comes from; None where there is none that was trained here."""
    try:
        entry = (await studio.library.store.versions(LORAS, job.training.lora)).find(CANDIDATE)
        return None if entry is None else kinds.LORAS.read(entry).trained
    except (NotFound, UnreadableDocument):
        return None
