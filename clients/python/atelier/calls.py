"""Every request of the API as a value: what to send and how to read the answer. No input or output happens here,
so the sync and the async client share all of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, Field

from atelier.errors import BadInput, InvalidRows, UnexpectedAnswer, error_class
from atelier.models import (
    Accepted,
    AssetTypes,
    BrandKit,
    BrandKits,
    Health,
    Job,
    JobsPage,
    Lora,
    Loras,
    Model,
    Models,
    Picture,
    PicturesPage,
    Plan,
    RowError,
)
from atelier.pictures import GenerateOptions
from atelier.retry import BUSY, retry_after
from atelier.values import to_header, to_json, to_text

T = TypeVar("T")
Answer = TypeVar("Answer", bound=BaseModel)
_UNREADABLE = (ValueError, RecursionError)
"""Not JSON, not text, a number without end, nested without end, or another shape than the API's."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request. `url` is a path of the API, or absolute; sending it twice does what sending it once does.

    `files` are parts of a form, `form` its other fields: name of the part -> file name, and content or the path of what
    is too large to be held. `patience` are the seconds in which an answer may come, where they are more than usual.
    """

    method: str
    url: str
    parse: Callable[[httpx.Response], T]
    params: Mapping[str, str | int | list[str]] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes | Path]] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    patience: float | None = None

    def read(self, response: httpx.Response) -> T:
        """The typed answer; raises APIError on an error answer, UnexpectedAnswer on anything else."""
        if not response.is_success:
            raise read_error(response)
        return self.parse(response)


def submit(prompt: str, options: GenerateOptions, key: str) -> Call[Accepted]:
    headers = {"Idempotency-Key": to_header(key, "idempotency_key")}
    return Call("POST", "/generate", reader(Accepted), body=_body(prompt, options), headers=headers)


def plan(prompt: str, options: GenerateOptions) -> Call[Plan]:
    return Call("POST", "/generate", reader(Plan), body=_body(prompt, options) | {"dry_run": True})


def upload(name: str, data: bytes, right: str | None = None, source: str = "") -> Call[Picture]:
    said = ({"right": to_text(right, "right")} if right else {}) | (
        {"source": to_text(source, "source")} if source else {}
    )
    return Call("POST", "/pictures", reader(Picture), files={"file": (name, data)}, form=said)


def pictures(limit: int, before: str | None) -> Call[PicturesPage]:
    return Call("GET", "/pictures", reader(PicturesPage), params=page_params(limit, before))


def delete(picture_id: str) -> Call[None]:
    return Call("DELETE", f"/pictures/{segment(picture_id)}", lambda _: None)


def job(job_id: str) -> Call[Job]:
    return Call("GET", f"/jobs/{segment(job_id)}", reader(Job))


def jobs(limit: int, before: str | None) -> Call[JobsPage]:
    return Call("GET", "/jobs", reader(JobsPage), params=page_params(limit, before))


def cancel(job_id: str) -> Call[Job]:
    return Call("DELETE", f"/jobs/{segment(job_id)}", reader(Job))


def models() -> Call[tuple[Model, ...]]:
    read = reader(Models)
    return Call("GET", "/models", lambda response: read(response).models)


def loras(model: str | None) -> Call[tuple[Lora, ...]]:
    read = reader(Loras)
    params = {} if model is None else {"model": to_text(model, "model")}
    return Call("GET", "/loras", lambda response: read(response).loras, params=params)


def asset_types() -> Call[AssetTypes]:
    return Call("GET", "/asset-types", reader(AssetTypes))


def brand_kits() -> Call[tuple[BrandKit, ...]]:
    read = reader(BrandKits)
    return Call("GET", "/brand", lambda response: read(response).brand_kits)


def health() -> Call[Health]:
    return Call("GET", "/readyz", reader(Health))


def content(url: str, use: str | None = None) -> Call[bytes]:
    wanted = "" if use is None else f"{'&' if '?' in url else '?'}use={quote(to_text(use, 'use'), safe='')}"
    return Call("GET", url + wanted, lambda response: response.content)


def grid(job_id: str, format: str, sort: str | None, use: str | None = None) -> Call[bytes]:
    said = {"format": format, "sort": sort, "use": use}
    params = {name: to_text(value, name) for name, value in said.items() if value is not None}
    return Call("GET", f"/jobs/{segment(job_id)}/grid", lambda response: response.content, params=params)


def events_path(job_id: str | None) -> str:
    return "/events" if job_id is None else f"/jobs/{segment(job_id)}/events"


class _Refusal(BaseModel):
    code: str
    message: str = Field(min_length=1)
    field: str | None = None
    allowed: tuple[str, ...] | None = None
    rows: tuple[RowError, ...] = ()


def read_error(response: httpx.Response) -> Exception:
    """The error that an answer stands for."""
    try:
        said = _Refusal.model_validate(json.loads(response.content)["error"])
    except (*_UNREADABLE, KeyError, TypeError):
        return _foreign(response)
    kind = error_class(said.code, response.status_code)
    wait = retry_after(response)
    if issubclass(kind, InvalidRows):
        return kind(said.message, said.code, response.status_code, said.field, said.allowed, wait, said.rows)
    return kind(said.message, said.code, response.status_code, said.field, said.allowed, wait)


def not_atelier(url: httpx.URL) -> UnexpectedAnswer:
    """Something answered at `url`, and nothing can be made of it."""
    return UnexpectedAnswer(f"{url} did not answer as Atelier does: is this the studio's address?")


def _foreign(response: httpx.Response) -> Exception:
    """A proxy or another program answered; what means 'later' keeps its meaning wherever it comes from."""
    url, status = response.request.url, response.status_code
    if status in BUSY:
        message = f"{url} answered {status} {response.reason_phrase}: try again later"
        return error_class("", status)(message, "", status, None, None, retry_after(response))
    return UnexpectedAnswer(f"{url} answered {status} and not as Atelier does: is this the studio's address?")


def reader(kind: type[Answer]) -> Callable[[httpx.Response], Answer]:
    """What reads an answer of this kind."""

    def read(response: httpx.Response) -> Answer:
        try:
            return kind.model_validate(json.loads(response.content))
        except _UNREADABLE as error:
            raise not_atelier(response.request.url) from error

    return read


def _body(prompt: str, options: GenerateOptions) -> dict[str, Any]:
    given = {"prompt": prompt} | {name: value for name, value in options.items() if value is not None}
    return {name: to_json(value, name) for name, value in given.items()}


def page_params(limit: int, before: str | None) -> dict[str, str | int]:
    """What asks for a page of a list."""
    return {"limit": limit} if before is None else {"limit": limit, "before": before}


def segment(id: str) -> str:
    """An id from a user's hand must stay one path segment."""
    text = to_text(id, "id")
    if not text.strip():
        raise BadInput("id: is empty")
    return quote(text, safe="")
