"""A web server and a hub on loopback that can break off, refuse, and change, as real ones do."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Served:
    """What a server holds, how it misbehaves, and what it was asked."""

    files: dict[str, bytes]
    ranges: bool = True
    etags: bool = True
    breaks: int = 0
    """So many answers to GET of a large file end in the middle."""
    stalls: int = 0
    """So many answers to GET of a large file stop in the middle, and the connection stays."""
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path, Range."""
    tokens: list[str | None] = field(default_factory=list)
    """What each request said of who asks."""
    url: str = ""

    def gets(self, name: str) -> list[str | None]:
        """The ranges of every GET of a file."""
        return [range for method, path, range in self.asked if method == "GET" and path.endswith(name)]


class Files(BaseHTTPRequestHandler):
    """Files by their path, with ranges and tags."""

    protocol_version = "HTTP/1.1"
    served: Served

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: object) -> None:
        return

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        self.served.asked.append((self.command, path, self.headers.get("Range")))
        self.served.tokens.append(self.headers.get("Authorization"))
        if path not in self.served.files:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_file(self.served.files[path], body)

    def send_file(self, content: bytes, body: bool, headers: dict[str, str] | None = None) -> None:
        wanted = self.headers.get("Range") if self.served.ranges else None
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if self.served.etags:
            self.send_header("ETag", f'"{sha256(content)}"')
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if body:
            self._write(content[start:])

    def _write(self, content: bytes) -> None:
        if self.served.breaks > 0 and len(content) > 1000:
            self.served.breaks -= 1
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        if self.served.stalls > 0 and len(content) > 1000:
            self.served.stalls -= 1
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.rfile.read(1)  # until the client is gone
            return
        self.wfile.write(content)


@dataclass
class Hub(Served):
    """A repository at one commit. `branch`: the commit that its branch is at, where that is another. `token`: what a
    gated repository wants; None where it is open. `elsewhere`: the server that has its large files by their hash; None
    where the hub has them itself."""

    repo: str = "studio/model"
    commit: str = "a" * 40
    branch: str | None = None
    token: str | None = None
    elsewhere: str | None = None


class HubFiles(Files):
    """The part of a hub's interface that its client uses to download."""

    served: Hub

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        self.served.asked.append((self.command, path, self.headers.get("Range")))
        self.served.tokens.append(self.headers.get("Authorization"))
        hub = self.served
        if path == f"api/models/{hub.repo}/tree/{hub.commit}":
            self._send_json([_listed(name, content) for name, content in hub.files.items()])
        elif path == f"api/models/{hub.repo}/revision/main":
            # The hub tells of a gated repository whoever asks, and refuses its files.
            self._send_json({"id": hub.repo, "sha": hub.branch or hub.commit, "siblings": []})
        elif path.startswith(f"{hub.repo}/resolve/{hub.commit}/"):
            self._resolve(path.removeprefix(f"{hub.repo}/resolve/{hub.commit}/"), body)
        elif path.startswith((f"api/models/{hub.repo}", hub.repo)):
            self._refuse(404, "RevisionNotFound")
        else:
            self._refuse(404, "RepoNotFound")

    def _resolve(self, name: str, body: bool) -> None:
        sent = self.headers.get("Authorization")
        if self.served.token is not None and sent != f"Bearer {self.served.token}":
            self._refuse(401 if sent is None else 403, "GatedRepo")
            return
        content = self.served.files[name]
        headers = {"X-Repo-Commit": self.served.commit, "X-Linked-Size": str(len(content))}
        if self.served.elsewhere is None or not name.endswith(".safetensors"):
            self.send_file(content, body, headers)
            return
        self.send_response(302)
        tag, place = sha256(content), f"{self.served.elsewhere}/{sha256(content)}?signature=of-the-hub"
        for header, value in {**headers, "X-Linked-ETag": f'"{tag}"', "Location": place, "Content-Length": "0"}.items():
            self.send_header(header, value)
        self.end_headers()

    def _send_json(self, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _listed(name: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": name, "size": len(content), "oid": sha256(content)[:40]}
    if name.endswith(".safetensors"):
        entry["lfs"] = {"oid": sha256(content), "size": len(content), "pointerSize": 100}
    return entry


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """`served` behind a real socket while the context lasts."""
    kind = HubFiles if isinstance(served, Hub) else Files
    handler = type("Handler", (kind,), {"served": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """`hub` in place of the one that the hub's client asks."""
    with serving(hub):
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield hub
