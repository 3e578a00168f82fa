"""An S3 bucket on loopback that can be made to refuse, to break off and to lie, as real ones do."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import unquote, urlsplit

Fault = Literal[
    "", "denied", "no bucket", "busy", "broken", "moved", "elsewhere", "full", "quota", "drops", "cut", "short", "hangs"
]
"""`cut` ends the connection within an answer; `short` answers whole-looking with half of the bytes."""

REFUSALS: dict[str, tuple[int, str]] = {
    "denied": (403, "AccessDenied"),
    "no bucket": (404, "NoSuchBucket"),
    "busy": (503, "SlowDown"),
    "broken": (500, "InternalError"),
    "moved": (400, "InvalidArgument"),
    "elsewhere": (400, "AuthorizationHeaderMalformed"),
    "full": (507, "XMinioStorageFull"),
    "quota": (403, "QuotaExceeded"),
}


@dataclass
class Bucket:
    """What it holds, and how it misbehaves: for so many requests, or for ever where `times` is below zero."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fault: Fault = ""
    times: int = -1
    port: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    """How often each object was asked for."""

    @property
    def environment(self) -> dict[str, str]:
        """What obstore reads to reach it; its URL is `s3://bucket`."""
        keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
        return keys | {"AWS_ENDPOINT": f"http://127.0.0.1:{self.port}"}

    def strike(self) -> Fault:
        """How this request is to go wrong."""
        if self.times == 0:
            return ""
        self.times -= self.times > 0
        return self.fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._faulty():
            return
        if self.headers.get("If-None-Match") == "*" and self._name in self.bucket.objects:
            self._refuse(412, "PreconditionFailed")
            return
        self.bucket.objects[self._name] = body
        self._answer(200)

    def do_GET(self) -> None:
        self.bucket.asked[self._name] += self.command == "GET"
        if self._faulty():
            return
        if self._name in self.bucket.objects:
            self._answer(200, self.bucket.objects[self._name])
        else:
            self._refuse(404, "NoSuchKey")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Deletes many at once."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._faulty():
            return
        keys = re.findall(r"<Key>(.*?)</Key>", body)
        for key in keys:
            self.bucket.objects.pop(key, None)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

    def log_message(self, *_: object) -> None:
        return

    @property
    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/bucket/")

    def _faulty(self) -> bool:
        fault = self.bucket.strike()
        if fault in REFUSALS:
            self._refuse(*REFUSALS[fault])
        elif fault == "drops":
            self.close_connection = True
        elif fault == "hangs":
            while self.bucket.fault == "hangs":
                time.sleep(0.02)
            self.close_connection = True
        elif fault in ("cut", "short") and self.command == "GET" and self._name in self.bucket.objects:
            self._halve(self.bucket.objects[self._name], fault)
        else:
            return False
        return True

    def _halve(self, content: bytes, fault: Fault) -> None:
        half = content[: len(content) // 2]
        self._answer(200, half, len(content) if fault == "cut" else len(half))
        self.close_connection = True

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

    def _answer(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("ETag", '"tag"')
        self.send_header("Last-Modified", "Sun, 29 Nov 2026 16:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    """An empty bucket on a free port."""
    bucket = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": bucket}))
    server.daemon_threads = True
    bucket.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        bucket.fault = ""
        server.shutdown()
        server.server_close()
        thread.join()
