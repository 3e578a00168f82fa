"""POST /prompt-sets/{id}: a prompt set from a CSV file. What there is, is in /library/prompt-sets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from router.api.batches.csv_files import csv_body, read_csv_file
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.library.library import entry_body, entry_path
from router.api.library.library_schemas import EntryBody
from router.experiments.runs.prompt_file import add_prompts

routes = APIRouter(tags=["library"])
_BODY = csv_body("with the columns prompt, asset_type and seed")


@routes.post(
    "/prompt-sets/{id}",
    status_code=201,
    responses={200: {"model": EntryBody}, **error_responses(409, 413, 422)},
    openapi_extra={"requestBody": _BODY},
)
async def add_prompt_set(
    request: Request,
    response: Response,
    studio: StudioDep,
    principal: PrincipalDep,
    id: Annotated[str, Path(max_length=200, description="of the prompt set")],
    name: Annotated[str, Query(max_length=100, description="as people call it")] = "",
) -> EntryBody:
    """Take in the prompts of a CSV file as the live version of a set, one higher than those that are there. Rows that
    are wrong are all named by their line, and nothing is changed. The same prompts again are 200."""
    file = await read_csv_file(request, "prompts.csv")
    signature = studio.audit.sign(principal)
    found, is_new = await add_prompts(studio, id, file.data, principal.id, name or file.name, signature)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = entry_path(request, found.shown)
    return entry_body(found, found.shown)
