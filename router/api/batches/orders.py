"""An order for a batch as it comes: JSON, a CSV file in a form, or a CSV file as the body."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.exceptions import HTTPException

from configs.errors import InvalidRequest
from router.api.content import content_type, is_json
from router.api.errors import InvalidBody
from router.batches.order import BatchBody, BatchSweep
from router.batches.submission import Order, read_body, read_file

M = TypeVar("M", bound=BaseModel)

_LISTS = ("asset_types", "models", "qualities", "loras", "seeds")
_FORM, _CSV = "multipart/form-data", "text/csv"

REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": BatchBody.model_json_schema()},
        _FORM: {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "A CSV file with a column `prompt`"}
                },
                "additionalProperties": {"description": "The fields of BatchSweep"},
            }
        },
        _CSV: {"schema": {"type": "string", "description": "The fields of BatchSweep are in the address"}},
    },
}
"""What FastAPI would say of a body that it reads itself."""


async def _read_order(request: Request) -> Order:
    """Read off the event loop: ten thousand rows take a while. Raises `InvalidRequest`."""
    if is_json(request):
        return await asyncio.to_thread(_read_json, await request.body())
    kind = content_type(request)
    if kind == _CSV:
        sweep = _validated(BatchSweep, _said(request.query_params), "query")
        return await asyncio.to_thread(read_file, sweep, await request.body())
    if kind == _FORM:
        async with request.form(max_files=1, max_fields=50) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidRequest(
                    "the form has no file 'file': send the CSV as `curl -F file=@prompts.csv` does", "file"
                )
            sweep = _validated(BatchSweep, _said(request.query_params) | _said(form), "body")
            return await asyncio.to_thread(read_file, sweep, await file.read())
    came = f"as {kind}" if kind else "without a Content-Type"
    raise InvalidRequest(f"send JSON (application/json), or a CSV file ({_CSV}, or a form with it); this came {came}")


OrderDep = Annotated[Order, Depends(_read_order)]


def _said(fields: QueryParams | FormData) -> dict[str, Any]:
    """Texts by name; of those that may be there more than once, all."""
    names = {name for name, value in fields.multi_items() if isinstance(value, str)}
    return {name: fields.getlist(name) if name in _LISTS else fields[name] for name in sorted(names)}


def _read_json(data: bytes) -> Order:
    try:
        said = json.loads(data)
    except json.JSONDecodeError as error:
        broken = {"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg}
        raise RequestValidationError([broken]) from None
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error
    return read_body(_validated(BatchBody, said, "body"))


def _validated(model: type[M], said: Any, place: str) -> M:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise InvalidBody([{**one, "loc": (place, *one["loc"])} for one in errors], model) from None
