"""Where a sign-in is kept between programs: a file in the user's config folder that nobody else may read, one entry for
each studio. What is sent is fresh: a token that is about to end is replaced first, by one program at a time."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from atelier.models.answers import Tokens
from atelier.signing_in import refresh

_EARLY_SECONDS = 60.0  # before the end of a token, in which it is replaced
_PATIENCE_SECONDS = 15.0  # for another program that replaces it just now


def folder() -> Path:
    """ATELIER_CONFIG, or `atelier` in the user's config folder."""
    if said := os.environ.get("ATELIER_CONFIG"):
        return Path(said)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / "atelier"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "atelier"


class StoredSignIn:
    """The sign-in of one studio."""

    def __init__(self, base: httpx.URL) -> None:
        self._key = str(base).rstrip("/")
        self._file = folder() / "sign-in.json"

    @property
    def place(self) -> Path:
        """The file."""
        return self._file

    def read(self) -> dict[str, Any] | None:
        """`access_token`, `refresh_token` and `ends_at` (seconds since 1970); None where nobody has signed in."""
        found = self._all().get(self._key)
        return found if isinstance(found, dict) and isinstance(found.get("access_token"), str) else None

    def write(self, tokens: Tokens) -> None:
        """Keep new tokens. Raises OSError."""
        ends_at = time.time() + tokens.expires_in
        said = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token, "ends_at": ends_at}
        self._replace(self._all() | {self._key: said})

    def forget(self) -> bool:
        """Whether there was one. Raises OSError."""
        rest = self._all()
        there = rest.pop(self._key, None) is not None
        if there:
            self._replace(rest)
        return there

    def _all(self) -> dict[str, Any]:
        try:
            found = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _replace(self, all_: dict[str, Any]) -> None:
        """In one step, so that nobody reads half of it; `mkstemp` makes files that are the user's alone (0600)."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".sign-in-")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(all_, file)
            os.replace(name, self._file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    @contextmanager
    def trying(self) -> Iterator[bool]:
        """Whether this program may replace the token now; False while another one does."""
        lock = self._file.with_suffix(".lock")
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            if time.time() - _age(lock) > _PATIENCE_SECONDS:  # whoever made it has died
                lock.unlink(missing_ok=True)
            yield False
            return
        try:
            yield True
        finally:
            os.close(handle)
            lock.unlink(missing_ok=True)


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()


class SignInAuth(httpx.Auth):
    """Shows the stored sign-in to its studio, and to nobody else; a request that shows something already keeps it."""

    requires_response_body = True

    def __init__(self, base: httpx.URL) -> None:
        self._base, self._stored = base, StoredSignIn(base)
        self._lock = threading.Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """As httpx calls it."""
        if self._concerns(request):
            with self._lock:
                end = time.monotonic() + _PATIENCE_SECONDS
                while self._is_old() and time.monotonic() < end:
                    with self._stored.trying() as may:
                        if may and self._is_old():
                            answer = yield self._refresh(request)
                            answer.read()
                            self._take(answer)
                            break
                    if not may:
                        time.sleep(0.05)
            self._show(request)
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """As httpx calls it."""
        if self._concerns(request):
            end = time.monotonic() + _PATIENCE_SECONDS
            while self._is_old() and time.monotonic() < end:
                with self._stored.trying() as may:
                    if may and self._is_old():
                        answer = yield self._refresh(request)
                        await answer.aread()
                        self._take(answer)
                        break
                if not may:
                    await asyncio.sleep(0.05)
            self._show(request)
        yield request

    def _concerns(self, request: httpx.Request) -> bool:
        url = request.url
        same = (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)
        return same and "Authorization" not in request.headers and "/auth/" not in url.path

    def _is_old(self) -> bool:
        found = self._stored.read()
        if found is None or not isinstance(found.get("refresh_token"), str):
            return False
        ends_at = found.get("ends_at")
        return not isinstance(ends_at, int | float) or time.time() > ends_at - _EARLY_SECONDS

    def _refresh(self, request: httpx.Request) -> httpx.Request:
        """It is sent once: a refresh token that comes again has the whole sign-in shut out."""
        found = self._stored.read() or {}
        call = refresh(str(found.get("refresh_token")))
        url, extensions = self._base.join(call.url.lstrip("/")), request.extensions
        return httpx.Request(call.method, url, json=call.body, extensions=extensions)

    def _take(self, answer: httpx.Response) -> None:
        """Keep what came; what was refused counts no more, and is shown to nobody again."""
        if answer.is_success:
            self._stored.write(refresh("").read(answer))
        elif answer.status_code in (400, 401, 403):
            self._stored.forget()

    def _show(self, request: httpx.Request) -> None:
        found = self._stored.read()
        if found is not None:
            request.headers["Authorization"] = f"Bearer {found['access_token']}"
