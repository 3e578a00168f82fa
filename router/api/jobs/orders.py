"""What every route that accepts jobs answers: the job, the job that came with the same key, or the plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from configs.errors import InvalidRequest
from router.api.bodies import accepted_body
from router.api.deps import conductor_of, principal_of, studio_of
from router.api.errors import error_responses
from router.api.library.licence_schemas import licence_body
from router.api.rate_limits import RATE_LIMIT_HEADERS, rate_limit_headers
from router.api.repeats import REPLAYED, Key, answer_replay, job_location, read_key
from router.api.schemas import JobAccepted, PlanAnswer
from router.job_request import JobRequest
from router.jobs.model import IdempotencyKey
from router.licences.holding import hold
from router.people.principal import Principal
from router.people.viewer import Viewer
from router.remote_conductor import ConductorPort
from router.stage_table import lines_of
from router.studio import Studio
from router.submission import GoingOn, estimate, preview, submit

_ACCEPTED: dict[str, Any] = {
    "headers": {
        **RATE_LIMIT_HEADERS,
        "Location": {"schema": {"type": "string"}, "description": "The path of the job"},
        REPLAYED: {"schema": {"enum": ["true"]}, "description": "The job was accepted before, with the same key"},
    }
}
ORDERS: dict[str, Any] = {
    "status_code": 202,
    "response_model": JobAccepted,
    "responses": {
        200: {"model": PlanAnswer, "description": "The plan (dry_run)"},
        202: _ACCEPTED,
        **error_responses(409, 413, 422, 429, 503),
    },
}
"""How such a route is declared."""


Session = Annotated[
    str,
    Header(
        alias="X-Atelier-Session",
        max_length=64,
        pattern="^[!-~]*$",
        description="Of somebody who has not signed in: experiments whose unit is a session keep it in one arm",
    ),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes the orders of one request."""

    request: Request
    response: Response
    studio: Studio
    conductor: ConductorPort
    viewer: Viewer
    principal: Principal
    key: IdempotencyKey | None
    session: str

    async def take(self, asked: JobRequest, dry_run: bool, going_on: GoingOn | None = None) -> JobAccepted | Response:
        """Accept what is asked for as a job, or show its plan. Raises what `submit` raises."""
        if dry_run:
            return await self._show(asked, going_on)
        accepted = await submit(self.studio, self.viewer, asked, self.key, going_on, self.session)
        if not accepted.is_new:
            return await answer_replay(self.request, accepted.job)
        self.conductor.wake()
        self.response.headers["Location"] = job_location(self.request, accepted.job.id)
        self.response.headers.update(rate_limit_headers(accepted.quotas))
        return accepted_body(accepted.job, await estimate(self.studio, accepted))

    async def _show(self, asked: JobRequest, going_on: GoingOn | None) -> Response:
        seen = await preview(self.studio, self.viewer, asked, going_on, self.session)
        catalog = self.studio.installation.catalog
        holding = await hold(self.studio.licences, catalog, self.principal, [seen.licence])
        answer = PlanAnswer(
            plan=seen.plan,
            pipeline=lines_of(seen.plan.stages),
            licence=licence_body(holding.judge(seen.licence), catalog),
            estimated_time_seconds=round(seen.estimated_seconds, 2),
        )
        return Response(answer.model_dump_json(), media_type="application/json")


async def _desk(request: Request, response: Response, session: Session = "", _declared: Key = None) -> Desk:
    """Who asks and of whom is read from the request here: to have it solved as dependencies costs more than it does."""
    principal = principal_of(request)
    parts = (studio_of(request), conductor_of(request), Viewer.of(principal), principal)
    return Desk(request, response, *parts, await read_key(request), session)


DeskDep = Annotated[Desk, Depends(_desk)]


@contextmanager
def told_of(parent: str, field: str, own: frozenset[str]) -> Iterator[None]:
    """What is refused of a request that goes on from `parent`, by the field that named that: its sender has not said
    the others, of which only the `own` are in the body."""
    try:
        yield
    except InvalidRequest as error:
        if error.field is None or error.field.partition(".")[0] in own:
            raise
        message = f"{parent} cannot be taken further: {error.message} ({error.field} of its request)"
        raise type(error)(message, field, error.allowed) from None
