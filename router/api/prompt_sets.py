"""POST /prompt-sets/{id}: a prompt set from a CSV file. What there is, is in /library/prompt-sets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import UploadFile

from configs.errors import InvalidRequest
from router.api.content import content_type
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.library import entry_body, entry_path
from router.api.library_schemas import EntryBody
from router.experiments.runs.prompt_file import add_prompts

routes = APIRouter(tags=["library"])
_CSV, _FORM = "text/csv", "multipart/form-data"
_COLUMNS = "with the columns prompt, asset_type and seed"
_FILE: dict[str, Any] = {
    "required": True,
    "content": {
        _CSV: {"schema": {"type": "string", "description": _COLUMNS}},
        _FORM: {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary", "description": _COLUMNS}},
            }
        },
    },
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
    principal: PrincipalDep,
    id: Annotated[str, Path(max_length=200, description="of the prompt set")],
    name: Annotated[str, Query(max_length=100, description="as people call it")] = "",
) -> EntryBody:
    """Take in the prompts of a CSV file as the live version of a set, one higher than those that are there. Rows that
    are wrong are all named by their line, and nothing is changed. The same prompts again are 200."""
    data, named = await _read(request)
    signature = studio.audit.sign(principal)
    found, is_new = await add_prompts(studio, id, data, principal.id, name or named, signature)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = entry_path(request, found.shown)
    return entry_body(found, found.shown)


async def _read(request: Request) -> tuple[bytes, str]:
    """The file, and the name that a form gives. Raises `InvalidRequest`."""
    kind = content_type(request)
    if kind == _CSV:
        return await request.body(), ""
    if kind == _FORM:
        async with request.form(max_files=1, max_fields=5) as form:
            file, name = form.get("file"), form.get("name")
            if isinstance(file, UploadFile):
                return await file.read(), name[:100] if isinstance(name, str) else ""
    raise InvalidRequest(f"send a CSV file as the body ({_CSV}), or as `curl -F file=@prompts.csv` does", "file")
