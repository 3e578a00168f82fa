"""What the two clients have in common besides decisions: address, headers, and small conversions at their edges."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from atelier.calls import Call, events_path
from atelier.errors import BadAddress, BadInput, JobCanceled, JobFailed, UnexpectedAnswer
from atelier.flow import credentials, read_address
from atelier.models import Accepted, Image, Job
from atelier.naming import write_picture
from atelier.retry import Retry
from atelier.stored import SignInAuth, StoredSignIn
from atelier.values import to_header
from atelier.version import VERSION

DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Session:
    """The studio's address, who asks, and how patiently."""

    base: httpx.URL
    api_key: str | None
    retry: Retry

    @classmethod
    def open(cls, base_url: str, api_key: str | None, retry: Retry, token: str | None = None) -> Self:
        """With a token, a key, or what ATELIER_TOKEN says; else with what `atelier login` has stored.

        Raises BadAddress, and BadInput where the key or the token is none."""
        name, shown = ("api_key", api_key) if token is None else ("token", token)
        if shown is None and (said := os.environ.get("ATELIER_TOKEN", "").strip()):
            name, shown = "ATELIER_TOKEN", said
        key = None if shown is None else to_header(shown.strip(), name)
        return cls(read_address(base_url.rstrip("/") + "/"), key, retry)

    @property
    def auth(self) -> SignInAuth | None:
        """What shows the stored sign-in, where nothing else is shown."""
        return SignInAuth(self.base) if self.api_key is None else None

    @property
    def stored(self) -> StoredSignIn:
        """The stored sign-in of this studio."""
        return StoredSignIn(self.base)

    @property
    def headers(self) -> dict[str, str]:
        space = os.environ.get("ATELIER_SPACE", "").strip()
        at_work = {"X-Atelier-Space": to_header(space, "ATELIER_SPACE")} if space else {}
        return {"User-Agent": f"atelier-python/{VERSION}", **at_work}

    def url(self, path: str) -> httpx.URL:
        """A path of the API, or an absolute address as it is; raises UnexpectedAnswer for one that leads nowhere, which
        only an answer can have brought, and BadAddress for a path that is too long to be asked for."""
        try:
            url = self.base.join(path.lstrip("/"))
        except httpx.InvalidURL as error:
            if path.startswith("/"):
                raise BadAddress(f"an address of {len(path)} characters is too long: is this an id?") from error
            raise _leads_nowhere(path) from error
        if url.scheme not in ("http", "https") or not url.host:
            raise _leads_nowhere(path)
        return url

    @contextmanager
    def built(self, http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> Iterator[httpx.Request]:
        """A request, whose files are open as long as the context is. Raises OSError for a file that cannot be read."""
        url = self.url(call.url)
        headers = {**call.headers, **credentials(str(url), self.base, self.api_key)}
        with ExitStack() as opened:
            files = {
                part: (name, opened.enter_context(content.open("rb")) if isinstance(content, Path) else content)
                for part, (name, content) in call.files.items()
            }
            yield http.build_request(
                call.method,
                url,
                params=call.params or None,
                json=call.body,
                files=files or None,
                data=call.form or None,
                headers=headers,
                timeout=_timeout(http.timeout, call.patience),
            )

    def build_stream(
        self,
        http: httpx.Client | httpx.AsyncClient,
        job_id: str | None,
        headers: dict[str, str],
        timeout: httpx.Timeout,
    ) -> httpx.Request:
        """For the events of a job, or of all."""
        url = self.url(events_path(job_id))
        headers = {**headers, **credentials(str(url), self.base, self.api_key)}
        return http.build_request("GET", url, headers=headers, timeout=timeout)


def _timeout(usual: httpx.Timeout, patience: float | None) -> httpx.Timeout:
    if patience is None:
        return usual
    return httpx.Timeout(connect=usual.connect, write=usual.write, pool=usual.pool, read=patience)


def _leads_nowhere(link: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"the answer links to '{link[:200]}', which is no http(s) address: is this the studio's?")


def job_id_of(job: Job | Accepted | str) -> str:
    """Raises BadInput for what names no job."""
    if isinstance(job, Job | Accepted):
        return job.job_id
    if not isinstance(job, str) or not job.strip("."):
        raise BadInput("job: give a job, what `submit` returned, or a job's id")
    return job


def new_key() -> str:
    """An Idempotency-Key: one per submission, kept over its retries."""
    return uuid.uuid4().hex


def finished(job: Job) -> Job:
    """An ended job, if it ended well."""
    if job.status == "canceled":
        raise JobCanceled(job)
    if job.status != "complete":
        raise JobFailed(job)
    return job


def write_file(to: str | Path, image: Image, format: str, data: bytes) -> Path:
    """Into a folder under a name of its own, or to exactly this path."""
    path = Path(to)
    if path.is_dir() or str(to).endswith("/"):
        return write_picture(path, "picture", image.seed, {format: data})[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
