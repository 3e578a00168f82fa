"""CSV files that come as a body of their own (`text/csv`) or in a form, as `curl -F file=@rows.csv` sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from configs.errors import InvalidRequest
from router.api.content import content_type

_CSV, _FORM = "text/csv", "multipart/form-data"


@dataclass(frozen=True, slots=True)
class CsvFile:
    """Its content, and the name that a form gives beside it."""

    data: bytes
    name: str = ""


def csv_body(about: str) -> dict[str, Any]:
    """As the API describes it."""
    file = {"type": "string", "format": "binary", "description": about}
    return {
        "required": True,
        "content": {
            _CSV: {"schema": {"type": "string", "description": about}},
            _FORM: {"schema": {"type": "object", "required": ["file"], "properties": {"file": file}}},
        },
    }


async def read_csv_file(request: Request, example: str) -> CsvFile:
    """Raises `InvalidRequest` for another kind of body, with an `example` of a file's name."""
    kind = content_type(request)
    if kind == _CSV:
        return CsvFile(await request.body())
    if kind == _FORM:
        async with request.form(max_files=1, max_fields=5) as form:
            file, name = form.get("file"), form.get("name")
            if isinstance(file, UploadFile):
                return CsvFile(await file.read(), name[:100] if isinstance(name, str) else "")
    raise InvalidRequest(f"send a CSV file as the body ({_CSV}), or as `curl -F file=@{example}` does", "file")
