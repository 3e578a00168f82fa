"""/audit: who changed rights, licences, the library, experiments and limits; for operators and admins."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from configs.errors import InvalidRequest, UnknownName
from router.api.deps import StudioDep
from router.api.errors import error_responses
from router.api.people.audit_schemas import AuditBody, line_body
from router.people.audit.actions import ACTIONS
from router.people.audit.model import AuditFilter, AuditLine

routes = APIRouter(tags=["people"], responses=error_responses(422))

_JSONL = "application/jsonl"
_PRINTABLE = "^[ -~]+$"
_NUMBER = re.compile(r"[+-]?[0-9.]+(e[+-]?[0-9]+)?", re.IGNORECASE)


def _no_number(said: object) -> object:
    """Seconds since 1970, which would be read, are nothing that the document offers."""
    if isinstance(said, str) and _NUMBER.fullmatch(said.strip()):
        raise PydanticCustomError("datetime_parsing", "a number is no time")
    return said


Moment = Annotated[datetime, BeforeValidator(_no_number)]
_GROUPS = tuple(dict.fromkeys(action.partition(".")[0] for action in ACTIONS))


async def _chosen(
    who: Annotated[str | None, Query(max_length=200, pattern=_PRINTABLE, description="the id of a principal")] = None,
    action: Annotated[
        str | None, Query(max_length=64, description="an action (library.mark), or all of a group (library)")
    ] = None,
    on: Annotated[
        str | None, Query(max_length=300, pattern=_PRINTABLE, description="KIND, or KIND/ID: loras, loras/harbour")
    ] = None,
    since: Annotated[Moment | None, Query(alias="from", description="inclusive; UTC where no zone is given")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="exclusive")] = None,
) -> AuditFilter:
    """Raises `InvalidRequest`."""
    if action is not None and action not in ACTIONS and action not in _GROUPS:
        raise UnknownName(f"'{action}' is nothing that is audited; groups are {', '.join(_GROUPS)}", "action", _GROUPS)
    kind, _, id = ("", "", "") if on is None else on.partition("/")
    return AuditFilter(who, action, kind or None, id or None, _utc(since, "from"), _utc(until, "to"))


ChosenDep = Annotated[AuditFilter, Depends(_chosen)]


@routes.get("/audit")
async def read_audit(
    studio: StudioDep,
    chosen: ChosenDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="`next` of the previous page")] = None,
) -> AuditBody:
    """Who changed what, newest first."""
    found = await studio.audit.page(chosen, limit, before)
    return AuditBody(lines=tuple(map(line_body, found)), next=found[-1].seq if len(found) == limit else None)


@routes.get(
    "/audit.jsonl",
    response_class=StreamingResponse,
    responses={200: {"content": {_JSONL: {"schema": {"type": "string", "description": "a line of /audit each"}}}}},
)
async def export_audit(studio: StudioDep, chosen: ChosenDep) -> StreamingResponse:
    """The same as JSON lines, oldest first, sent while it is read. Without a filter, a number that is missing says that
    a line was lost on the way."""
    name = 'attachment; filename="audit.jsonl"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
    return StreamingResponse(_as_json(studio.audit.lines(chosen)), media_type=_JSONL, headers=headers)


async def _as_json(lines: AsyncIterator[AuditLine]) -> AsyncIterator[str]:
    async for line in lines:
        yield line_body(line).model_dump_json() + "\n"


def _utc(said: datetime | None, field: str) -> datetime | None:
    if said is None:
        return None
    try:
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except OverflowError:
        raise InvalidRequest(f"{field}: no such time can be told in UTC", field) from None
