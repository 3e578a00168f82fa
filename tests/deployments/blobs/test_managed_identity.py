"""Without a key in the environment, the studio asks the machine who it is (a managed identity), or shows what its pod
was given (workload identity), and asks anew before a token ends. The servers are ours: Azurite takes keys alone."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from configs.errors import FileStoreUnavailable
from deployments.blobs.store import BlobStore

IDENTITY = "/metadata/identity/oauth2/token"
AUTHORITY = "/tenant/oauth2/v2.0/token"


@dataclass
class Azure:
    """A machine's identity service, Entra's, and a container that takes their tokens, which live for `seconds`."""

    seconds: int = 3600
    given: list[str] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    refused: int = 0
    blobs: dict[str, bytes] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)
    port: int = 0

    def give(self, asked: dict[str, list[str]]) -> bytes:
        self.asked.append(asked)
        token = f"token-{len(self.given)}"
        self.given.append(token)
        self.ends[f"Bearer {token}"] = time.time() + self.seconds
        until = int(time.time()) + self.seconds
        return json.dumps(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": str(self.seconds) if "resource" in asked else self.seconds,
                "expires_on": str(until),
                "not_before": str(until - self.seconds),
                "resource": "https://storage.azure.com/",
            }
        ).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    azure: Azure

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == IDENTITY:
            self._answer(200, self.azure.give(parse_qs(parts.query)), "application/json")
        elif self._may():
            found = self.azure.blobs.get(parts.path)
            self._answer(404 if found is None else 200, found or b"")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode(errors="replace")
        if urlsplit(self.path).path == AUTHORITY:
            self._answer(200, self.azure.give(parse_qs(body)), "application/json")
        elif self._may():
            self._answer(400)  # deletes come in batches, which this server does not know

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._may():
            self.azure.blobs[urlsplit(self.path).path] = body
            self._answer(201)

    def log_message(self, *_: object) -> None:
        return

    def _may(self) -> bool:
        if self.azure.ends.get(self.headers.get("Authorization", ""), 0.0) > time.time():
            return True
        self.azure.refused += 1
        self._answer(401)
        return False

    def _answer(self, status: int, body: bytes = b"", kind: str = "application/octet-stream") -> None:
        self.send_response(status)
        headers = {"Content-Length": str(len(body)), "Content-Type": kind, "ETag": '"tag"', "x-ms-version": "1"}
        for name, value in (headers | {"Last-Modified": "Sun, 29 Nov 2026 16:00:00 GMT"}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    azure = Azure()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"azure": azure}))
    server.daemon_threads = True
    azure.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    for name in ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"http://127.0.0.1:{azure.port}/account")
    yield azure
    server.shutdown()
    server.server_close()


async def use(blobs: BlobStore) -> None:
    key = await blobs.put(b"a picture")
    assert await blobs.get(key) == b"a picture"
    assert await blobs.check()


def test_a_machine_s_identity_is_asked_for_and_again_before_it_ends(
    azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_MSI_ENDPOINT", f"http://127.0.0.1:{azure.port}{IDENTITY}")
    monkeypatch.setenv("AZURE_CLIENT_ID", "of-the-studio")
    blobs = BlobStore.open("az://pictures", tmp_path)
    asyncio.run(use(blobs))
    before = len(azure.given)
    for _ in range(5):
        asyncio.run(use(blobs))
    assert len(azure.given) == before == 1, "a token is for many requests"
    assert azure.asked[0]["resource"] == ["https://storage.azure.com"]
    assert azure.asked[0]["client_id"] == ["of-the-studio"]
    assert [data for data in azure.blobs.values() if any(data)] == [b"a picture"]
    azure.seconds = 2
    short = BlobStore.open("az://pictures", tmp_path)
    asyncio.run(use(short))
    time.sleep(2.1)
    asyncio.run(use(short))
    assert len(azure.given) >= 3
    assert azure.refused == 0, "none was shown after its end"


def test_a_pod_s_identity_is_exchanged_for_a_token(
    azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "federated").write_text("what the cluster says")
    for name, value in {
        "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "federated"),
        "AZURE_TENANT_ID": "tenant",
        "AZURE_CLIENT_ID": "of-the-studio",
        "AZURE_AUTHORITY_HOST": f"http://127.0.0.1:{azure.port}",
    }.items():
        monkeypatch.setenv(name, value)
    asyncio.run(use(BlobStore.open("az://pictures", tmp_path)))
    assert azure.asked[0]["client_assertion"] == ["what the cluster says"]
    assert azure.asked[0]["client_id"] == ["of-the-studio"]
    assert azure.refused == 0


def test_an_identity_that_may_not_use_the_container_is_told(
    azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_MSI_ENDPOINT", f"http://127.0.0.1:{azure.port}{IDENTITY}")
    azure.seconds = -1
    with pytest.raises(FileStoreUnavailable, match="refuses the studio's credentials"):
        asyncio.run(BlobStore.open("az://pictures", tmp_path).put(b"a picture"))
