"""An order that comes again under its Idempotency-Key: known by key and body before anything else is looked at.

What a first order is refused for (a full queue, a picture that is gone, a limit that was lowered) is no answer to a
second one: its job is there. Only a database that is away keeps the studio from knowing it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette._utils import get_route_path

from configs.errors import AtelierError
from router.api.bodies import accepted_body
from router.api.content import is_json
from router.api.deps import owner_of, studio_of
from router.api.links import path_to
from router.jobs.model import IdempotencyKey, Job
from router.remaining import estimate_remaining

REPLAYED = "Idempotent-Replayed"
_HEADER = "Idempotency-Key"
_FIRST = "/generate"  # which was the only one when the first keys were kept
Key = Annotated[
    str | None,
    Header(alias=_HEADER, min_length=1, max_length=200, description="Same key, same body: the same job, for 24 h"),
]


class RepeatableRoute(APIRoute):
    """A route that accepts jobs. What it refuses may have been accepted meanwhile, from the same client at the same
    time, so a refusal is given only when the key is still unknown after it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_repeats(request: Request) -> Response:
            key = await read_key(request)
            if key is None:
                return await handle(request)
            first = await _first_answer(request, key)
            if first is not None:
                return first
            try:
                return await handle(request)
            except (AtelierError, RequestValidationError):
                first = await _first_answer(request, key)
                if first is None:
                    raise
                return first

        return handle_repeats


async def _order_key(request: Request, _declared: Key = None) -> IdempotencyKey | None:
    return await read_key(request)


OrderKey = Annotated[IdempotencyKey | None, Depends(_order_key)]
"""The key of a request with the hash of its body, for the store."""


async def answer_replay(request: Request, job: Job) -> Response:
    """The 202 of a job that had been accepted before, as it stands now."""
    body = accepted_body(job, await estimate_remaining(studio_of(request), job))
    return JSONResponse(
        body.model_dump(mode="json"), 202, {"Location": job_location(request, job.id), REPLAYED: "true"}
    )


def job_location(request: Request, job_id: str) -> str:
    """The path of a job, as whoever asks reaches it."""
    return path_to(request, "read_job", job_id=job_id)


async def _first_answer(request: Request, key: IdempotencyKey) -> Response | None:
    """Raises `IdempotencyConflict` and `StoreUnavailable`."""
    first = await studio_of(request).store.submitted(owner_of(request), key)
    return None if first is None else await answer_replay(request, first)


async def read_key(request: Request) -> IdempotencyKey | None:
    """With the hash of its body, for the store; None for a request without a key, for one that only asks for a plan,
    and for what is no order at all."""
    key = request.headers.get(_HEADER, "").strip()  # white space around a header's value is no part of it
    sent = fingerprint(await request.body(), get_route_path(request.scope)) if key and is_json(request) else None
    return None if sent is None else IdempotencyKey(key, sent)


def fingerprint(body: bytes, path: str = _FIRST) -> str | None:
    """SHA-256 of an order as its client sent it to `path`, whatever this release would add; None for what is none.

    The order of fields, white space, 1 for 1.0 and null for a field that is left out make no difference.
    """
    try:
        sent = json.loads(body, object_hook=_without_nulls, parse_float=_number)
        if not isinstance(sent, dict) or sent.pop("dry_run", False) is not False:
            return None
        said = json.dumps(sent, sort_keys=True)
        return hashlib.sha256((said if path == _FIRST else f"{path} {said}").encode()).hexdigest()
    except (ValueError, RecursionError):  # not JSON, not text, numbers too long, or nested too deep
        return None


def _without_nulls(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if value is not None}


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number
