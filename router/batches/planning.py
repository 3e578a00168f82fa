"""Rows to jobs: every one is planned before any begins, so that all that is wrong is said at once.

A thousand plans take seconds of one processor: they are made a few at a time on another thread, between which requests
of others have their turn.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from pydantic import ValidationError

from configs.catalog import Catalog, Installation
from configs.errors import InvalidRequest, InvalidRows
from configs.rows import RowError
from router.api.sentences import sentence_for
from router.batches.columns import read_short
from router.batches.model import MOST_ERRORS, Line, Row
from router.experiments.eligibility import Eligibility
from router.experiments.overlay import lay_over
from router.experiments.routing import Units, route
from router.experiments.rows import arm_row
from router.job_request import JobRequest
from router.jobs.model import NewJob
from router.jobs.rows import new_job_row
from router.library.pinning import NamedVersions, find_versions, pin, pin_versions
from router.licences.sources import as_said, verdicts_on
from router.licences.verdicts import judge_licences
from router.notes import Note
from router.people.quotas.model import Demand
from router.people.spaces.filling import fill, fill_files
from router.people.spaces.model import Space
from router.people.viewer import Viewer
from router.pictures.marking import look_at_mask
from router.pictures.names import FoundPicture, find_pictures
from router.plan import BLIND, COMPARED, Plan, Routed
from router.planning.making import make_plan
from router.studio import Studio

_AT_ONCE = 25  # lines planned in one go


@dataclass(slots=True)
class Drafted:
    """Jobs that rows became, as rows of their table, and what is wrong with the other rows. `deployments` draw them."""

    jobs: list[Row] = field(default_factory=list)
    arms: list[Row] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    pictures: int = 0
    seconds: float = 0.0
    deployments: set[str] = field(default_factory=set)
    errors: dict[RowError, None] = field(default_factory=dict)
    wrong_lines: set[int] = field(default_factory=set)

    def note(self, error: RowError) -> None:
        """Of a row that is swept, the same may be wrong many times."""
        self.wrong_lines.add(error.line)
        if len(self.errors) < MOST_ERRORS:
            self.errors[error] = None

    def check(self, lines: int, skip_invalid: bool) -> None:
        """Raises `InvalidRows` unless there is something to do, and nothing wrong that is not to be skipped."""
        if not self.errors or (skip_invalid and self.jobs):
            return
        errors = tuple(sorted(self.errors, key=lambda error: error.line))
        wrong, first = len(self.wrong_lines), errors[0]
        where = f"line {first.line}" + ("" if first.field is None else f", {first.field}")
        rows = f"{wrong} of {lines} rows {'is' if wrong == 1 else 'are'} wrong" if lines > 1 else "the row is wrong"
        named = f" (the first {len(errors)} are named)" if len(errors) == MOST_ERRORS else ""
        raise InvalidRows(f"{rows}, so nothing was started{named}: {where}: {first.message}", "rows", rows=errors)


@dataclass(frozen=True, slots=True)
class Laid:
    """A request as one of the ways draws it that are compared."""

    request: JobRequest
    installation: Installation
    routed: Routed


@dataclass(frozen=True, slots=True)
class Read:
    """A row as a request, with what its space says for it, and what is told of that."""

    line: Line
    request: JobRequest
    notes: tuple[Note, ...] = ()


class Drafting:
    """Plans the rows of one batch, all by what was live in the library when it began."""

    def __init__(self, studio: Studio, viewer: Viewer, batch_id: str, ids: Sequence[str]) -> None:
        """`ids` are those of its jobs, in the order of the rows."""
        self._studio, self._viewer, self._batch_id = studio, viewer, batch_id
        self._installation: Installation = studio.installation
        self._held, self._eligibility = studio.experiments.held, Eligibility()
        self._ids = iter(ids)
        self._now = datetime.now(UTC)
        self._seed = (0, 0)  # of a line: all that it is swept over begins alike
        self.drafted = Drafted()

    async def plan(self, lines: Iterable[Line]) -> None:
        """Plan every row; what is wrong with one is noted. Raises `StoreUnavailable`, and
        `StateConflict` where its space is archived."""
        space = await self._studio.spaces.in_use(self._viewer.space)
        left = iter(lines)
        while chunk := list(islice(left, _AT_ONCE)):
            rows = await asyncio.to_thread(self._read, chunk, space)
            found = {index: await self._find(row.line, row.request) for index, row in enumerate(rows)}
            drawn = {index: await self._lay_over(row.line, row.request) for index, row in enumerate(rows)}
            versions = await find_versions(
                self._studio.library, (row.request for row in rows if row.line.way is None), self._held.versions
            )
            await asyncio.to_thread(self._plan, rows, found, drawn, versions)

    def _read(self, lines: Iterable[Line], space: Space) -> list[Read]:
        read = []
        for line in lines:
            try:
                request = JobRequest.model_validate(read_short(dict(line.fields)))
                filled = fill if line.way is None else fill_files
                read.append(Read(line, *filled(request, space, self._installation)))
            except ValidationError as error:
                self.drafted.note(_explain(error, line))
            except InvalidRequest as error:
                self.drafted.note(_row_error(error, line))
        return read

    async def _find(self, line: Line, request: JobRequest) -> Mapping[str, FoundPicture] | None:
        """The pictures that a row names; None where one is not there."""
        if not request.inputs:
            return {}
        try:
            found = await find_pictures(self._studio.store, self._viewer, request)
            found = await look_at_mask(self._studio.blobs, request, found)
            return await as_said(self._studio.licences, self._installation.catalog, found)
        except InvalidRequest as error:
            self.drafted.note(_row_error(error, line))
            return None

    async def _lay_over(self, line: Line, request: JobRequest) -> Laid | None:
        """The request as the line's way draws it; None where it has none, or cannot be drawn so."""
        if line.way is None:
            return None
        overlay = line.way.overlay
        if overlay.is_empty:
            champion = self._held.champions.get((request.asset_type.partition("@")[0], request.quality))
            overlay = overlay if champion is None else champion.overlay
        try:
            drawn, installation = await pin_versions(self._studio.library, lay_over(request, overlay))
        except InvalidRequest as error:
            self.drafted.note(_row_error(error, line))
            return None
        return Laid(
            drawn,
            installation,
            Routed(reason=BLIND if line.way.blind else COMPARED, served=line.way.id, overlay=overlay),
        )

    def _plan(
        self,
        rows: Sequence[Read],
        found: Mapping[int, Mapping[str, FoundPicture] | None],
        laid: Mapping[int, Laid | None],
        versions: NamedVersions,
    ) -> None:
        for index, row in enumerate(rows):
            pictures = found[index]
            if pictures is None or (row.line.way is not None and laid[index] is None):
                continue
            try:
                self._add(row, pictures, laid[index], versions)
            except InvalidRequest as error:
                self.drafted.note(_row_error(error, row.line))

    def _add(self, row: Read, found: Mapping[str, FoundPicture], laid: Laid | None, versions: NamedVersions) -> None:
        line, request = row.line, row.request
        job_id, seed = next(self._ids), self._seed_of(line)
        if laid is None:
            plan, catalog = self._plan_routed(job_id, request, seed, found, versions)
        else:
            catalog = laid.installation.catalog
            plan = make_plan(laid.request, laid.installation, self._studio.rates, seed, found)
            plan = plan.model_copy(update={"routed": laid.routed})
        if row.notes:
            plan = plan.model_copy(update={"notes": (*row.notes, *plan.notes)})
        sources = verdicts_on(request, found, catalog)
        job = NewJob(
            id=job_id,
            owner=self._viewer.owner,
            space=self._viewer.space,
            request=request.keep_as_asked(),
            plan=plan,
            licence=judge_licences(plan, catalog, sources),
            batch=self._batch_id,
            line=line.number,
        )
        self.drafted.jobs.append(new_job_row(job, self._now))
        self.drafted.arms += arm_row(job)
        self.drafted.demands.append(Demand(job_id, plan.pictures, plan.estimated_seconds))
        self.drafted.pictures += plan.pictures
        self.drafted.seconds += plan.estimated_seconds
        self.drafted.deployments.add(plan.base.deployment)

    def _plan_routed(
        self, job_id: str, request: JobRequest, seed: int, found: Mapping[str, FoundPicture], versions: NamedVersions
    ) -> tuple[Plan, Catalog]:
        """As its champion or its arm draws it; as it says itself, with the reason, where that cannot be. And what it
        was planned with."""
        check, rates = self._eligibility.check, self._studio.rates
        draws = partial(check, installation=self._installation, rates=rates, found=found, versions=versions)
        units = Units(self._viewer.owner, self._viewer.space, job_id)
        drawn, routed = route(request, self._held, units, self._installation, draws)
        try:
            drawn, installation = pin(drawn, self._installation, versions)
            plan = make_plan(drawn, installation, rates, seed, found)
        except InvalidRequest as error:
            if routed is None or routed.overlay.is_empty:
                raise
            routed = routed.fall_back(error.message)
            drawn, installation = pin(request, self._installation, versions)
            plan = make_plan(drawn, installation, rates, seed, found)
        return plan.model_copy(update={"routed": routed}), installation.catalog

    def _seed_of(self, line: Line) -> int:
        if self._seed[0] != line.number:
            self._seed = (line.number, secrets.randbits(32))
        return self._seed[1]


def _row_error(error: InvalidRequest, line: Line) -> RowError:
    message = error.message if line.way is None else f"{line.way.id}: {error.message}"
    return RowError(line=line.number, field=error.field, code=error.code, message=message)


def _explain(error: ValidationError, line: Line) -> RowError:
    """The first thing that is wrong with the fields of a row."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"])) or None
    if first["type"] == "missing":
        message = f"'{field}' is missing"
    elif first["type"] == "extra_forbidden":
        message = f"'{str(field)[:64]}' is not a field; the fields are {', '.join(JobRequest.model_fields)}"
    else:
        message = sentence_for(first["type"], first.get("ctx", {}))
    return RowError(line=line.number, field=None if field is None else field[:64], message=message)
