"""/experiments/{id}/runs: the same prompts with the same seeds on every arm, drawn while nobody waits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from configs.frozen import Frozen
from router.api.batches.batch_schemas import BatchCounts
from router.api.deps import ConductorDep, PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.links import link
from router.experiments.runs.beginning import order_replay
from router.experiments.runs.model import Run, RunKind, RunStatus

routes = APIRouter(prefix="/experiments/{id}/runs", tags=["experiments"], responses=error_responses(404, 409, 422))

ExperimentId = Annotated[str, Path(min_length=1, max_length=64, description="of an experiment that was started")]
RunId = Annotated[str, Path(min_length=1, max_length=64)]


class ReplayBody(Frozen):
    """What every arm is to draw."""

    kind: str = Field(default="replay", pattern="^replay$", description="shadow and paired runs begin by themselves")
    prompt_set: str | None = Field(
        default=None,
        max_length=100,
        description="ID or ID@VERSION of a prompt set; the experiment's own if absent",
        examples=["house@1.0.0"],
    )
    seeds: int = Field(default=1, ge=1, le=16, description="How many pictures of each prompt")
    quality: str | None = Field(default=None, max_length=64, description="One of the experiment's scope")
    fresh: bool = Field(default=False, description="With seeds that no run had: to confirm what another has shown")


class RunBody(Frozen):
    """A run as it stands. Of its lines so many are `settled`: drawn or being drawn, `skipped` since not every arm could
    draw them, or `dropped` since they became too old while others were served."""

    run_id: str
    experiment: str
    phase: int
    kind: RunKind
    status: RunStatus
    prompt_set: str | None = None
    lines: int
    settled: int
    skipped: int
    dropped: int
    gpu_seconds: float = Field(description="predicted for what was ordered so far")
    reason: str = Field(description="why it has ended early, or why lines were skipped")
    jobs: BatchCounts
    created_at: datetime
    ended_at: datetime | None = None


class RunsBody(Frozen):
    """Runs of an experiment, newest first."""

    runs: tuple[RunBody, ...]


@routes.post("", status_code=201, responses=error_responses(413))
async def order_run(
    request: Request,
    response: Response,
    studio: StudioDep,
    conductor: ConductorDep,
    principal: PrincipalDep,
    id: ExperimentId,
    body: ReplayBody,
) -> RunBody:
    """Draw a prompt set on all arms: line after line, each while nobody else waits, within the experiment's budget."""
    experiment = await studio.experiments.store.experiment(id)
    signature = studio.audit.sign(principal)
    wish = (body.prompt_set, body.seeds, body.quality, body.fresh)
    run = await order_replay(studio, experiment, *wish, signature)
    conductor.wake()
    response.headers["Location"] = link(request, "read_run", id=id, run_id=run.id).path
    return run_body(run)


@routes.get("")
async def list_runs(studio: StudioDep, id: ExperimentId) -> RunsBody:
    """The runs of an experiment in all of its phases, newest first."""
    await studio.experiments.store.experiment(id)
    return RunsBody(runs=tuple(map(run_body, await studio.runs.runs(id))))


@routes.get("/{run_id}")
async def read_run(studio: StudioDep, id: ExperimentId, run_id: RunId) -> RunBody:
    """A run as it stands."""
    return run_body(await studio.runs.run(id, run_id))


@routes.delete("/{run_id}")
async def cancel_run(
    studio: StudioDep, conductor: ConductorDep, principal: PrincipalDep, id: ExperimentId, run_id: RunId
) -> RunBody:
    """Cancel what is left of a run: what waits at once, what is drawn within two steps."""
    signature = studio.audit.sign(principal)
    for job_id in await studio.runs.cancel(id, run_id, f"canceled by {principal.id}", signature):
        conductor.cancel(job_id)
    return run_body(await studio.runs.run(id, run_id))


def run_body(run: Run) -> RunBody:
    """A run as it is answered."""
    return RunBody(
        run_id=run.id,
        experiment=run.experiment,
        phase=run.phase,
        kind=run.kind,
        status=run.status,
        prompt_set=run.prompt_set,
        lines=run.total,
        settled=run.next_line,
        skipped=run.skipped,
        dropped=run.dropped,
        gpu_seconds=round(run.gpu_seconds, 2),
        reason=run.reason,
        jobs=BatchCounts(**{status.value: count for status, count in run.jobs.items()}),
        created_at=run.created_at,
        ended_at=run.ended_at,
    )
