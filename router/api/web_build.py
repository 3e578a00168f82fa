"""The app's build by Vite as the API hands it out: one HTML page for all of its addresses, and files that are named by
their content, compressed beforehand.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
import stat
from contextlib import suppress
from html import escape
from pathlib import Path

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

WEB_BUILD = Path(__file__).resolve().parents[2] / "clients" / "web" / "dist"

_BASE = re.compile(r'<base href="/" ?/?>')  # in the page as it is built: what its addresses are relative to
_COMPRESSED = {"br": ".br", "gzip": ".gz"}  # what is asked for first is sent, if there is a file of it
_NAMED_BY_CONTENT = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9.]+$")
# What machines' own tables say of these differs, and a module of another type is not run.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_FOREVER, _ASK = "public, max-age=31536000, immutable", "no-cache"


class WebBuild:
    """What lies in one folder: `index.html` and `static/`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._index = folder, folder / "index.html"
        self.files = BuiltFiles(folder / "static")

    @property
    def exists(self) -> bool:
        """Whether it was built."""
        return self._index.is_file()

    def mark(self) -> Response:
        """The studio's mark, in the tabs of browsers. Raises `HTTPException` 404."""
        mark = self._folder / "mark.svg"
        if not mark.is_file():
            raise HTTPException(404)
        return FileResponse(mark, media_type=_TYPES[".svg"], headers={"Cache-Control": _ASK})

    def page(self, request: Request, **headers: str) -> Response:
        """The app, for any of its addresses: all that it asks for is relative to where the studio lies."""
        base = f'<base href="{escape(request.scope.get("root_path", ""))}/" />'
        body = _BASE.sub(lambda _: base, self._index.read_text(encoding="utf-8"), count=1).encode()
        headers = {"Cache-Control": _ASK, "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'} | headers
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/html", headers=headers)


class BuiltFiles(StaticFiles):
    """Files of a build. Those whose name says what is in them are kept by browsers for good."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    async def check_config(self) -> None:
        """A folder that is not there has no files, which is no fault."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file as small as its client can read it. Raises `HTTPException` 404."""
        headers = Headers(scope=scope)
        encodings = (*accepted(headers.get("accept-encoding", "")), "")
        found = await run_sync(self._find, path, encodings)
        if found is None:
            raise HTTPException(404)
        encoding, file, status = found
        answer = FileResponse(file, media_type=_media_type(path), stat_result=status)
        answer.headers.update(_headers(path, encoding))
        return NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, headers) else answer

    def _find(self, path: str, encodings: tuple[str, ...]) -> tuple[str, str, os.stat_result] | None:
        """The first of these forms that there is, of a file that is no compressed form itself."""
        if path.endswith(tuple(_COMPRESSED.values())):
            return None
        for encoding in encodings:
            with suppress(OSError, ValueError):  # too long, or no name at all
                file, status = self.lookup_path(path + _COMPRESSED.get(encoding, ""))
                if status is not None and stat.S_ISREG(status.st_mode):
                    return encoding, file, status
        return None


def accepted(accept_encoding: str) -> tuple[str, ...]:
    """Which of our compressions a client takes, the smallest first."""
    named = dict(_weighed(part) for part in accept_encoding.lower().split(","))
    return tuple(one for one in _COMPRESSED if named.get(one, named.get("*", 0.0)) > 0)


def prefers_html(accept: str) -> bool:
    """Whether this is a browser that opens a page, and no program that reads JSON."""
    named = dict(_weighed(part) for part in accept.lower().split(","))
    return named.get("text/html", 0.0) > 0 and named["text/html"] >= named.get("application/json", 0.0)


def _weighed(part: str) -> tuple[str, float]:
    """`br;q=0.5` as name and weight. What is no weight counts as none."""
    name, *parameters = (piece.strip() for piece in part.split(";"))
    weights = [piece[2:] for piece in parameters if piece.startswith("q=")]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:
        return name, 0.0


def _media_type(path: str) -> str:
    guessed = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return _TYPES.get(Path(path).suffix, guessed)


def _headers(path: str, encoding: str) -> dict[str, str]:
    headers = {"Vary": "Accept-Encoding", "Cache-Control": _FOREVER if _NAMED_BY_CONTENT.search(path) else _ASK}
    return headers | ({"Content-Encoding": encoding} if encoding else {})
