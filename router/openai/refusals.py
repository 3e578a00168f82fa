"""Errors of the studio in the shape and the words of OpenAI's, which its SDKs turn into exceptions. Pure."""

from __future__ import annotations

from configs.frozen import Frozen

_PARAMETERS = {"num_variations": "n", "formats": "output_format", "references": "image", "stages.cut_out": "background"}
"""Fields of ours whose parameter has another name."""

_STATUS = {422: 400}
_FILTERED = ("banned_words", "licence_restricted")
_CODES = {"unauthorized": "invalid_api_key", "too_busy": "rate_limit_exceeded"}
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    408: "timeout_error",
    429: "rate_limit_error",
    504: "timeout_error",
}
FINAL = frozenset({409, 500, 504})
"""That an SDK would try again by itself, and draw the same pictures twice."""


class Refusal(Frozen):
    """What went wrong; `param` names the parameter at fault."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None
    allowed: tuple[str, ...] | None = None
    job_id: str | None = None


class RefusalBody(Frozen):
    """Every error answer of these paths. `allowed` (what the parameter may be) and `job_id` are ours."""

    error: Refusal


def refuse(
    status: int,
    code: str,
    message: str,
    field: str | None = None,
    allowed: tuple[str, ...] | None = None,
    job_id: str | None = None,
) -> tuple[int, RefusalBody]:
    """The status and the body for an error of ours."""
    param = None if field is None else _PARAMETERS.get(field, field)
    if code in _FILTERED:
        status, code = 400, "content_policy_violation"
    elif code == "unknown_name" and param == "model":
        status, code = 404, "model_not_found"
    elif code == "quota_reached":
        return status, _body(message, "insufficient_quota", param, "insufficient_quota", allowed, job_id)
    status = _STATUS.get(status, status)
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return status, _body(message, _TYPES.get(status, kind), param, _CODES.get(code, code), allowed, job_id)


def _body(
    message: str,
    type: str,
    param: str | None,
    code: str,
    allowed: tuple[str, ...] | None,
    job_id: str | None,
) -> RefusalBody:
    told = Refusal(message=message, type=type, param=param, code=code, allowed=allowed, job_id=job_id)
    return RefusalBody(error=told)
