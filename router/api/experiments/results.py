"""What an experiment has found: GET /experiments/{id}/results and /plot, and its votes as files, out and in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from configs.errors import Withheld
from configs.frozen import Frozen
from router.api.batches.csv_files import csv_body, read_csv_file
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.experiments.ballots import ExperimentId, RaterQuery
from router.experiments.ballots.exporting import write_csv, write_parquet
from router.experiments.ballots.importing import read_votes
from router.experiments.ballots.judged import LEARNED, find_judge, judge
from router.experiments.ballots.report import By, Findings, Report, report
from router.experiments.ballots.style import differences, voted_pictures
from router.experiments.ballots.taste import judge_by_taste, pictures_to_look_at
from router.experiments.model import EventType, Experiment
from router.experiments.statistics.forest import Forest, plant
from router.experiments.statistics.forest_files import to_png, to_svg
from router.experiments.watch import read_lights
from router.people.principal import Principal
from router.people.rating import rater_of
from router.studio import Studio

routes = APIRouter(tags=["experiments"])

PhaseQuery = Annotated[int | None, Query(ge=1, le=1_000_000, description="Which of its phases; the last, if left out")]
JudgeQuery = Annotated[
    str | None,
    Query(max_length=64, description="ppi:JUDGE takes a judge's help (fidelity, sharpness …); ppi people's preference"),
]
StyleQuery = Annotated[
    bool,
    Query(description="Look at the pictures, and take out what people choose for light, contrast, colour or sharpness"),
]
_PRIVATE = {"Cache-Control": "private, no-store"}
_CSV, _PARQUET = "text/csv", "application/vnd.apache.parquet"
_CSV_BODY = csv_body("with the columns of votes.csv, of which choice, rater, prompt, left and right are needed")


class ForestRowBody(Frozen):
    """One arm; shares from 0 to 1. `clear`: its interval does not hold one half."""

    label: str
    low: float
    value: float
    high: float
    numbers: str
    clear: bool


class ForestBody(Frozen):
    """A forest plot in numbers and words. The axis goes from `low` to `high`."""

    title: str
    axis: str
    low: float
    high: float
    rows: tuple[ForestRowBody, ...]


class ResultsBody(Report):
    """Everything that a page shows of an experiment."""

    forest: ForestBody


class VotesTaken(Frozen):
    """Of a file, all of it."""

    votes: int = Field(description="that were taken in")


@routes.get("/experiments/{experiment_id}/results", responses=error_responses(403, 404, 409, 422))
async def read_results(
    studio: StudioDep,
    principal: PrincipalDep,
    experiment_id: ExperimentId,
    by: By | None = None,
    judge: JudgeQuery = None,
    style: StyleQuery = False,
    phase: PhaseQuery = None,
    rater: RaterQuery = None,
) -> ResultsBody:
    """What the votes of a phase say so far, with intervals that hold; its guardrails, costs and raters. Not while you
    hold ballots: who has seen the score does not vote blind."""
    experiment = await _find(studio, experiment_id, phase, rater_of(principal, rater))
    found = await _report(studio, experiment, by, judge, style)
    told = {name: getattr(found, name) for name in Report.model_fields}
    return ResultsBody(**told, forest=_forest_body(plant(found)))


@routes.get(
    "/experiments/{experiment_id}/plot",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}, "image/png": {}}}, **error_responses(403, 404, 409, 422)},
)
async def read_plot(
    studio: StudioDep,
    principal: PrincipalDep,
    experiment_id: ExperimentId,
    format: Literal["svg", "png"] = "svg",
    phase: PhaseQuery = None,
    rater: RaterQuery = None,
) -> Response:
    """The forest plot of its arms beside the champion, drawn."""
    experiment = await _find(studio, experiment_id, phase, rater_of(principal, rater))
    forest = plant(await _report(studio, experiment, None, None, False))
    if format == "svg":
        return Response(to_svg(forest), media_type="image/svg+xml", headers=_PRIVATE)
    return Response(await asyncio.to_thread(to_png, forest), media_type="image/png", headers=_PRIVATE)


@routes.get(
    "/experiments/{experiment_id}/votes.csv",
    response_class=Response,
    responses={200: {"content": {_CSV: {}}}, **error_responses(403, 404, 409, 422)},
)
async def export_csv(
    studio: StudioDep,
    principal: PrincipalDep,
    experiment_id: ExperimentId,
    phase: PhaseQuery = None,
    rater: RaterQuery = None,
) -> Response:
    """Every ballot of a phase that was shown, one a row; raters are pseudonyms."""
    return await _export(
        studio, principal, await _find(studio, experiment_id, phase, rater_of(principal, rater)), "csv"
    )


@routes.get(
    "/experiments/{experiment_id}/votes.parquet",
    response_class=Response,
    responses={200: {"content": {_PARQUET: {}}}, **error_responses(403, 404, 409, 422)},
)
async def export_parquet(
    studio: StudioDep,
    principal: PrincipalDep,
    experiment_id: ExperimentId,
    phase: PhaseQuery = None,
    rater: RaterQuery = None,
) -> Response:
    """The same rows, as Parquet; needs `pip install 'atelier-studio[parquet]'`."""
    return await _export(
        studio, principal, await _find(studio, experiment_id, phase, rater_of(principal, rater)), "parquet"
    )


@routes.post(
    "/experiments/{experiment_id}/votes",
    status_code=201,
    responses=error_responses(404, 409, 413, 422),
    openapi_extra={"requestBody": _CSV_BODY},
)
async def import_votes(
    request: Request, studio: StudioDep, principal: PrincipalDep, experiment_id: ExperimentId
) -> VotesTaken:
    """Take in votes that were cast elsewhere: the columns of votes.csv, of which choice, rater, prompt, left and right
    are needed. All rows, or none: what is wrong is named by line."""
    file = await read_csv_file(request, "votes.csv")
    experiment = await studio.experiments.store.experiment(experiment_id)
    known, now = await studio.ballots.known_ids(experiment.phase), studio.ballots.clock()
    read = await asyncio.to_thread(read_votes, file.data, experiment.phase, known, now)
    signature = studio.audit.sign(principal)
    return VotesTaken(votes=await studio.ballots.take_in(experiment.phase, read.ballots, read.names, signature))


async def _find(studio: Studio, id: str, phase: int | None, rater: str) -> Experiment:
    """In one of its phases. Raises `NotFound`, `Withheld` while the rater holds ballots of it, and `StateConflict` for
    what this release cannot read."""
    experiment = await studio.experiments.store.experiment(id)
    held = await studio.ballots.open_ballots(experiment.id, rater)
    if held:
        ballots = "1 ballot" if held == 1 else f"{held} ballots"
        raise Withheld(f"you hold {ballots} of {experiment.id}: answer first, so that you vote blind")
    if phase is None or phase == experiment.phase.number:
        return experiment
    return replace(experiment, phase=await studio.experiments.store.phase(experiment.id, phase))


async def _report(studio: Studio, experiment: Experiment, by: By | None, judge_id: str | None, style: bool) -> Report:
    phase, asked = experiment.phase, None if judge_id is None else find_judge(judge_id)
    answered = await studio.ballots.answered(phase)
    pool = await studio.ballots.pool(phase) if asked is not None or style else ()
    units, taken = await studio.ballots.units(phase), await studio.ballots.taken(phase)
    lights = await read_lights(studio, experiment)
    measure = studio.picture_statistics.measure
    seen = await measure(pictures_to_look_at(pool, answered)) if asked == LEARNED else {}
    voted = await measure(voted_pictures(pool, answered)) if style else {}

    def compute() -> Report:
        judgement = None
        if asked == LEARNED:
            judgement = judge_by_taste(pool, answered, seen)
        elif asked is not None:
            judgement = judge(pool, answered, asked)
        styled = differences(pool, answered, voted) if style else None
        return report(Findings(phase, answered, units, taken, lights.readings, judgement, styled, len(voted)), by)

    return await asyncio.to_thread(compute)


async def _export(
    studio: Studio, principal: Principal, experiment: Experiment, format: Literal["csv", "parquet"]
) -> Response:
    ballots = await studio.ballots.shown(experiment.phase)
    write, media_type = (write_csv, _CSV) if format == "csv" else (write_parquet, _PARQUET)
    data = await asyncio.to_thread(write, experiment.phase, ballots)
    told = {"format": format, "ballots": len(ballots), "phase": experiment.phase.number}
    signature = studio.audit.sign(principal)
    await studio.experiments.store.note(experiment.id, EventType.EXPORTED, principal.id, "", told, signature)
    name = f'attachment; filename="{experiment.id}-votes.{format}"'
    return Response(data, media_type=media_type, headers=_PRIVATE | {"Content-Disposition": name})


def _forest_body(forest: Forest) -> ForestBody:
    rows = tuple(
        ForestRowBody(
            label=row.label, low=row.low, value=row.value, high=row.high, numbers=row.numbers, clear=row.clear
        )
        for row in forest.rows
    )
    return ForestBody(title=forest.title, axis=forest.axis, low=forest.low, high=forest.high, rows=rows)
