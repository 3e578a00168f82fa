"""Which status each error has, in one table, and the one body that all of them share."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException

from configs import errors
from router.api.content import content_type, is_json
from router.api.rate_limits import rate_limit_headers
from router.api.schemas import ErrorBody, ErrorDetail
from router.api.sentences import sentence_for
from router.openai.paths import is_theirs
from router.openai.refusals import FINAL, RefusalBody, refuse

_log = logging.getLogger("atelier.api")

STATUS: dict[type[errors.AtelierError], int] = {
    errors.InvalidRequest: 422,
    errors.IdempotencyConflict: 409,
    errors.VersionConflict: 409,
    errors.NotFinished: 409,
    errors.StateConflict: 409,
    errors.Expired: 410,
    errors.Withheld: 403,
    errors.LicenceRestricted: 403,
    errors.Unsupported: 422,
    errors.MissingAsset: 422,
    errors.BadLora: 422,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.TooLarge: 413,
    errors.TooBusy: 429,
    errors.IssuerUnavailable: 503,
    errors.DeviceRefused: 400,
    errors.StageUnavailable: 503,
    errors.DeadlineMissed: 503,
    errors.StoreUnavailable: 503,
    errors.AnswerOverdue: 504,
    errors.DrawingFailed: 500,
    errors.FileStoreUnavailable: 503,
    errors.AtelierError: 500,
}
_FILES = {"/pictures": ("picture", "photo.png"), "/loras": ("LoRA", "style.safetensors")}
_THEN = "; jobs wait for it, try this again then"
_HEADERS = {429: {"Retry-After": "5"}, 503: {"Retry-After": "5"}}

ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    304: {"description": "What you have under this ETag is still right"},
    400: {"model": ErrorBody, "description": "A device gets no tokens, or not yet; the code is RFC 8628's word"},
    401: {"model": ErrorBody, "description": "Nobody has signed in; WWW-Authenticate says how one does"},
    403: {
        "model": ErrorBody,
        "description": "You may not do this, says which role or scope may; or know it yet, says until when; or are not "
        "in the space that X-Atelier-Space names",
    },
    404: {"model": ErrorBody, "description": "Not there, or not yours"},
    409: {
        "model": ErrorBody,
        "description": "Used before with another body, there with other content, not finished, or in another state",
    },
    410: {"model": ErrorBody, "description": "It was lent for a while, which is over; says how to get it anew"},
    413: {"model": ErrorBody, "description": "The body is too large"},
    422: {
        "model": ErrorBody,
        "description": "The request asks for what cannot be; says which field, and what may",
    },
    429: {
        "model": ErrorBody,
        "description": "Too much is waiting, or a quota is reached; Retry-After says when to try again, if that helps",
    },
    503: {"model": ErrorBody, "description": "Not ready; Retry-After says when to try again"},
}


class InvalidBody(RequestValidationError):
    """A body that a route reads itself, as `model`, is not what it takes."""

    def __init__(self, errors: Sequence[Any], model: type[BaseModel]) -> None:
        super().__init__(errors)
        self.model = model


def error_responses(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The documented error answers of a route."""
    return {code: ERROR_RESPONSES[code] for code in codes}


def status_of(error: errors.AtelierError) -> int:
    """The HTTP status of an error: that of its nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_response(status: int, detail: ErrorDetail, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for an error."""
    body = ErrorBody(error=detail).model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, status, headers or _HEADERS.get(status))


def refusal_response(status: int, detail: ErrorDetail, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The same in the shape of OpenAI's errors; with what keeps its SDKs from asking again where that draws twice."""
    status, body = refuse(status, detail.code, detail.message, detail.field, detail.allowed, detail.job_id)
    told = dict(headers or {})
    if status in FINAL or (status == 429 and "retry-after" not in {name.lower() for name in told}):
        told["X-Should-Retry"] = "false"
    return JSONResponse(body.model_dump(mode="json", exclude={"error": _absent(body)}), status, told)


def _absent(body: RefusalBody) -> set[str]:
    """Fields of ours that say nothing; theirs are null."""
    return {name for name in ("allowed", "job_id") if getattr(body.error, name) is None}


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error with an `ErrorBody`; what nobody foresaw is logged under an id and not shown."""
    app.add_exception_handler(errors.AtelierError, answer_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_unforeseen)


def answer_error(request: Request, error: Exception) -> JSONResponse:
    """The answer for an error of the tree."""
    assert isinstance(error, errors.AtelierError)
    status = status_of(error)
    if status == 500 and not isinstance(error, errors.DrawingFailed):
        _log.error("%s %s", request.method, request.url.path, exc_info=error)
    message = error.message + (_THEN if isinstance(error, errors.StoreUnavailable) else "")
    rows = error.rows or None if isinstance(error, errors.InvalidRows) else None
    detail = ErrorDetail(code=error.code, message=message, field=error.field, allowed=error.allowed or None, rows=rows)
    if isinstance(error, errors.LicenceRestricted):
        told = {"parts": error.parts, "pictures": error.pictures, "acknowledge": error.acknowledge}
        detail = detail.model_copy(update={name: value for name, value in told.items() if value})
    if isinstance(error, errors.DrawingFailed | errors.AnswerOverdue):
        detail = detail.model_copy(update={"job_id": error.job_id})
    return error_response(status, detail, _challenge(error) or _quota(error))


def _challenge(error: errors.AtelierError) -> dict[str, str]:
    """What RFC 6750 says of a bearer token that is missing, does not count, or is not enough."""
    if isinstance(error, errors.NotSignedIn):
        return {"WWW-Authenticate": 'Bearer error="invalid_token"' if error.refused else "Bearer"}
    if isinstance(error, errors.NotAllowed) and error.scope is not None:
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    return {}


def _quota(error: errors.AtelierError) -> dict[str, str]:
    """How limits stand, and when the one that is reached is free again; without that where no waiting helps."""
    if not isinstance(error, errors.QuotaReached):
        return {}
    headers = rate_limit_headers(error.states)
    return headers if error.retry_after is None else headers | {"Retry-After": str(error.retry_after)}


_TRIED = re.compile(r"[A-Z]\w*Settings|literal\[.*\]")
"""What pydantic has in a place beside names: which type of a union, settings or false, it has tried."""


def _on_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["loc"] == ("body",) and not is_json(request) and request.headers.get("content-length") != "0":
        return error_response(422, ErrorDetail(code="invalid_request", message=_unlabelled(content_type(request))))
    if first["loc"] == ("body", "file"):
        named = _FILES.get(get_route_path(request.scope), _FILES["/pictures"])
        message = _without_file(*named, content_type(request))
        detail = ErrorDetail(code="invalid_request", message=message, field="file")
        return error_response(422, detail)
    kind, place = first["type"], [name for part in first["loc"][1:] if not _TRIED.fullmatch(name := str(part))]
    field = ".".join(place) or None
    if kind == "json_invalid":
        at = f"at character {first['loc'][-1] + 1}" if isinstance(first["loc"][-1], int) else "somewhere"
        message = f"the body is not JSON: it ends too early, or has a mistake {at}"
        return error_response(422, ErrorDetail(code="invalid_json", message=message))
    allowed = None
    if kind == "extra_forbidden":
        body = error.model if isinstance(error, InvalidBody) else _body_of(request)
        allowed = _fields_beside(body, place)
        message = f"'{field}' is not a field; the fields are {', '.join(allowed)}"
        if is_theirs(get_route_path(request.scope)):
            detail = ErrorDetail(code="unknown_parameter", message=message, field=field, allowed=allowed)
            return error_response(422, detail)
    elif kind == "missing":
        message = f"'{field}' is missing" if field else "the body is missing: send a JSON object"
    else:
        plain = sentence_for(kind, first.get("ctx", {}))
        message = f"{field}: {plain}" if field else plain
    return error_response(422, ErrorDetail(code="invalid_request", message=message, field=field, allowed=allowed))


def _body_of(request: Request) -> type[BaseModel]:
    """What the route of a request reads its body as."""
    (body,) = request.scope["route"].dependant.body_params
    return next(_models_in(body.field_info.annotation))


def _fields_beside(part: type[BaseModel], place: Sequence[str]) -> tuple[str, ...]:
    """The fields of that part of a body in which `place` is none."""
    for name in place[:-1]:
        if name in part.model_fields:
            part = next(_models_in(part.model_fields[name].annotation))
    return tuple(part.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _unlabelled(said: str) -> str:
    what = f"this one came as {said}" if said else "this one came without"
    return f"send the header Content-Type: application/json with a JSON body; {what}"


def _without_file(thing: str, example: str, said: str) -> str:
    what = "in this one there is none" if said == "multipart/form-data" else f"this came as {said or 'nothing known'}"
    return (
        f"send a form (multipart/form-data) with the {thing} as its file 'file', as `curl -F file=@{example}` does; "
        f"{what}"
    )


def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 400 and isinstance(error.__cause__, OSError):  # of a file that is kept while it comes
        reason = error.__cause__.strerror or "it cannot be written"
        message = f"the studio has no room for this upload now ({reason}): its temporary folder needs some"
        return error_response(503, ErrorDetail(code="store_unavailable", message=message))
    if error.status_code == 400:  # the framework's word for a body that it cannot take apart
        return error_response(422, _unreadable(request, error))
    if error.status_code == 404:
        return error_response(404, ErrorDetail(code="not_found", message=f"there is nothing at {path}"))
    if error.status_code == 405:
        detail = ErrorDetail(code="method_not_allowed", message=not_taken(request.method, path))
        return error_response(405, detail)
    return error_response(error.status_code, ErrorDetail(code="http_error", message=str(error.detail)))


def not_taken(method: str, path: str) -> str:
    """Of a 405."""
    return f"{method} is nothing that {path} takes: the header Allow names what it does"


def _unreadable(request: Request, error: HTTPException) -> ErrorDetail:
    if not is_json(request):
        message = f"the body is not a form that can be read: {error.detail}"
        return ErrorDetail(code="invalid_request", message=message)
    cause = error.__cause__
    if isinstance(cause, UnicodeDecodeError):
        reason = f"the body is not JSON: it is no text in UTF-8, from byte {cause.start + 1} on"
    elif isinstance(cause, RecursionError):
        reason = "the body cannot be read: it is nested too deep"
    else:  # valid JSON all the same: what Python will not make of digits without end
        reason = "the body cannot be read: a number in it has too many digits"
    return ErrorDetail(code="invalid_json", message=reason)


def _on_unforeseen(request: Request, error: Exception) -> JSONResponse:
    number = uuid.uuid4().hex[:12]
    _log.error("%s %s [%s]", request.method, request.url.path, number, exc_info=error)
    message = f"something unexpected went wrong; the server's log has it under {number}"
    detail = ErrorDetail(code="internal_error", message=str(jsonable_encoder(message)))
    return refusal_response(500, detail) if is_theirs(get_route_path(request.scope)) else error_response(500, detail)
