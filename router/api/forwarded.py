"""A studio behind a proxy: the address that a request came to outside, so that links in answers lead back there."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from configs.service import ROOT_PATH

_ROOT_PATH = re.compile(ROOT_PATH)
_HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_LONGEST = 200  # of a prefix
RESOLVED = "atelier.resolved"
"""In the scope of a request that this application makes of another: the address of that one is its own."""


class Forwarded:
    """ASGI middleware: `X-Forwarded-Prefix`, `-Proto` and `-Host`, or the profile's `root_path` in place of the first.

    Whether the proxy strips the prefix from the path or leaves it there makes no difference. A header that is not
    plainly a path, a scheme or a host counts as absent. These headers are believed whoever sends them, since all
    that they change is links in the answer to the same request.
    """

    def __init__(self, app: ASGIApp, root_path: str = "") -> None:
        self._app, self._root_path = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and RESOLVED not in scope:
            headers = Headers(scope=scope)
            prefix = self._root_path or _read_prefix(headers.getlist("x-forwarded-prefix"))
            scope = _with_address(_with_prefix(scope, prefix), headers)
        await self._app(scope, receive, send)


def _read_prefix(lines: list[str]) -> str:
    """Several proxies in a row each name what they have stripped, the outermost first."""
    parts = [part.strip().rstrip("/") for line in lines for part in line.split(",")]
    prefix = "".join(parts)
    return prefix if len(prefix) <= _LONGEST and all(map(_is_path, filter(None, parts))) else ""


def _is_path(text: str) -> bool:
    return bool(text) and _ROOT_PATH.fullmatch(text) is not None


def _with_prefix(scope: Scope, prefix: str) -> Scope:
    """As ASGI has it: `root_path` is what comes before the application, and `path` begins with it."""
    path: str = scope["path"]
    if not prefix or path == prefix or path.startswith(f"{prefix}/"):
        return {**scope, "root_path": prefix + scope.get("root_path", "")} if prefix else scope
    changed = {**scope, "root_path": prefix + scope.get("root_path", ""), "path": prefix + path}
    if scope.get("raw_path") is not None:
        changed["raw_path"] = prefix.encode() + scope["raw_path"]
    return changed


def _with_address(scope: Scope, headers: Headers) -> Scope:
    """The scheme and the host that the outermost proxy was asked for."""
    scheme, host = (_first(headers, f"x-forwarded-{name}") for name in ("proto", "host"))
    changed = dict(scope)
    if scheme.lower() in ("http", "https"):
        changed["scheme"] = scheme.lower()
    if _HOST.fullmatch(host):
        others = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
        changed["headers"] = [(b"host", host.encode()), *others]
    return changed


def _first(headers: Headers, name: str) -> str:
    return headers.get(name, "").split(",")[0].strip()
