"""POST /prompt-sets/{id}: a prompt set from a CSV file. What there is, is in /library/prompt-sets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from configs.errors import InvalidRequest
from router.api.content import content_type
from router.api.deps import OwnerDep, StudioDep
from router.api.errors import error_responses
from router.api.library import entry_body, entry_path
from router.api.library_schemas import EntryBody
from router.experiments.runs.prompt_file import add_prompts

routes = APIRouter(tags=["library"])
_CSV = "text/csv"
_FILE = {
    "required": True,
    "content": {_CSV: {"schema": {"type": "string", "description": "with the columns prompt, asset_type and seed"}}},
}


@routes.post(
    "/prompt-sets/{id}",
    status_code=201,
    responses={200: {"model": EntryBody}, **error_responses(409, 413, 422)},
    openapi_extra={"requestBody": _FILE},
)
async def add_prompt_set(
    request: Request,
    response: Response,
    studio: StudioDep,
    owner: OwnerDep,
    id: Annotated[str, Path(max_length=200, description="of the prompt set")],
    name: Annotated[str, Query(max_length=100, description="as people call it")] = "",
) -> EntryBody:
    """Take in the prompts of a CSV file as the live version of a set, one higher than those that are there. Rows that
    are wrong are all named by their line, and nothing is changed. The same prompts again are 200."""
    kind = content_type(request)
    if kind != _CSV:
        raise InvalidRequest(f"send a CSV file as the body, with Content-Type: {_CSV}", "file")
    found, is_new = await add_prompts(studio, id, await request.body(), owner, name)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = entry_path(request, found.shown)
    return entry_body(found, found.shown)
