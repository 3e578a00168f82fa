"""What OpenAI's paths take and answer, as OpenAPI has it; and a form of an edit, read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from configs.errors import InvalidRequest
from router.api.content import content_type
from router.api.errors import InvalidBody
from router.openai.answers import ImagesAnswer
from router.openai.forms import read_fields
from router.openai.refusals import RefusalBody
from router.openai.requests import MOST_IMAGES, EditRequest

ApiVersion = Annotated[str | None, Query(alias="api-version", max_length=64, description="Azure's; any is taken")]


_STREAM = {"text/event-stream": {"itemSchema": {"type": "object", "properties": {"data": {"type": "string"}}}}}


async def _dated(_version: ApiVersion = None) -> None:
    """Takes the version of Azure's API, which these paths are the same in."""


DATED = [Depends(_dated)]
"""That all routes of these paths depend on."""

_TOLD = {
    400: "The request asks for what cannot be, is not allowed by a licence, or has a banned word",
    401: "Nobody has signed in: send an API key",
    403: "You may not do this, or are not in the space that X-Atelier-Space names",
    404: "There is no such model or path",
    409: "The Idempotency-Key came before with another body, or the job was canceled",
    413: "The body, or a picture in it, is too large",
    429: "Too much is waiting, or a quota is reached; Retry-After says when to try again, if that helps",
    500: "The picture could not be drawn",
    503: "Not ready; Retry-After says when to try again",
    504: "Not drawn in the time that an answer may take; the job, which is named, goes on",
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": RefusalBody, "description": text} for code, text in _TOLD.items()
}
"""The documented error answers, in OpenAI's shape. 422 is not among them: it is 400 there."""

DRAWN: dict[str, Any] = {
    "response_model": ImagesAnswer,
    "response_model_exclude_none": True,
    "responses": {
        200: {"content": _STREAM, "description": "The pictures; with `stream`, events as they are drawn"},
        **REFUSALS,
    },
}
"""How a route that draws is declared."""

_FORM = "multipart/form-data"
_FILE = {"type": "string", "format": "binary"}
EDIT_FORM: dict[str, Any] = {
    "required": True,
    "content": {
        _FORM: {
            "schema": {
                "type": "object",
                "required": ["image", "prompt"],
                "properties": {
                    "image": {
                        "type": "array",
                        "items": _FILE,
                        "maxItems": MOST_IMAGES,
                        "description": "Pictures to start from (PNG, JPEG, WebP, GIF, AVIF); `image[]` is the same",
                    },
                    "mask": _FILE | {"description": "Where it is transparent, the first picture is redrawn"},
                    "prompt": {"type": "string", "description": "What the picture shows"},
                },
                "additionalProperties": {"description": "The other fields of EditRequest, as GenerationRequest's"},
            }
        }
    },
}


@dataclass(frozen=True, slots=True)
class EditForm:
    """An edit as it came: files as bytes."""

    asked: EditRequest
    images: tuple[bytes, ...]
    mask: bytes | None


async def _read_form(request: Request) -> EditForm:
    """Raises `InvalidRequest` and `InvalidBody`."""
    if (kind := content_type(request)) != _FORM:
        came = f"as {kind}" if kind else "without a Content-Type"
        raise InvalidRequest(f"send a form ({_FORM}) with the picture as its file 'image'; this came {came}")
    async with request.form(max_files=2 * MOST_IMAGES, max_fields=200) as form:
        texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        asked = _validated(read_fields(_without_files(texts)))
        images, masks = await _files(form, "image"), await _files(form, "mask")
    if len(images) > MOST_IMAGES:
        raise InvalidRequest(f"an edit starts from {MOST_IMAGES} pictures at most; {len(images)} came", "image")
    if len(masks) > 1:
        raise InvalidRequest(f"an edit has one mask; {len(masks)} came", "mask")
    return EditForm(asked, images, masks[0] if masks else None)


EditDep = Annotated[EditForm, Depends(_read_form)]


def _without_files(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields. Raises `InvalidRequest` for a file that came as text."""
    for name, _ in texts:
        if (plain := name.partition("[")[0]) in ("image", "mask"):
            raise InvalidRequest(f"'{plain}' must be a file of the form, as `curl -F {plain}=@a.png` sends it", plain)
    return texts


async def _files(form: FormData, name: str) -> tuple[bytes, ...]:
    """Those of a name, alone or as a list. Raises `InvalidRequest` where an `image` is missing."""
    found = [value for key, value in form.multi_items() if key.partition("[")[0] == name]
    files = tuple([await one.read() for one in found if isinstance(one, UploadFile)])
    if name == "image" and not files:
        raise InvalidRequest("'image' is missing: send the picture to start from as a file of the form", "image")
    return files


def _validated(said: dict[str, Any]) -> EditRequest:
    try:
        return EditRequest.model_validate(said)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise InvalidBody([{**one, "loc": ("body", *one["loc"])} for one in errors], EditRequest) from None
