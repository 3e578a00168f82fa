"""A studio of one ended job on loopback whose answers break where a script says so, as proxies and networks do."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.clients.test_requests import JOB, LICENCE

IMAGE = {"seed": 1, "url": "http://127.0.0.1/x.png", "width": 8, "height": 8, "files": [], "licence": LICENCE}


@dataclass(frozen=True)
class Break:
    """The stream ends after `after` bytes; `how` is the end that the client sees of it."""

    after: int
    how: str = "cut"  # cut: in the middle of a chunk; clean: as if it were whole; reset: by the system; long: no length


Fault = Break | int
"""A break, or the status of an answer that comes from a proxy instead of the studio's."""


def log(images: int) -> list[dict[str, Any]]:
    types = ["job.queued", "job.started", *["job.image"] * images, "job.complete"]
    return [
        {
            "job_id": "j1", "seq": seq, "type": type, "at": "2026-01-01T00:00:00Z",
            "payload": {"image": {**IMAGE, "index": seq - 3}, "détail": "日本 \u2028"} if type == "job.image" else {},
        }
        for seq, type in enumerate(types, 1)
    ]  # fmt: skip


def written(events: list[dict[str, Any]], newline: str = "\n") -> bytes:
    """The events as a stream, with pings and live ones between."""
    live = ["event: progress", 'data: {"job_id": "j1", "progress": 0.5}', "", ": ping", ""]
    lines: list[str] = []
    for event in events:
        data = json.dumps(event, ensure_ascii=False)
        lines += [f"id: {event['seq']}", f"event: {event['type']}", f"data: {data}", "", *live]
    return newline.join([*lines, ""]).encode()


@dataclass
class BreakingStudio:
    """`faults` are met by event streams in order, `polls` (statuses) by questions for the job; then all goes well."""

    events: list[dict[str, Any]]
    faults: list[Fault] = field(default_factory=list)
    polls: list[int] = field(default_factory=list)
    newline: str = "\n"
    status: str = "complete"
    url: str = ""

    def job(self) -> bytes:
        return json.dumps({**JOB, "status": self.status}).encode()

    def after(self, seen: int) -> bytes:
        return written([event for event in self.events if event["seq"] > seen], self.newline)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    studio: BreakingStudio

    def do_GET(self) -> None:
        self.close_connection = True
        if not self.path.endswith("/events"):
            status = self.studio.polls.pop(0) if self.studio.polls else 200
            return self._answer(status, self.studio.job() if status == 200 else b"<h1>Bad gateway</h1>")
        fault = self.studio.faults.pop(0) if self.studio.faults else None
        if isinstance(fault, int):
            return self._answer(fault, b"<h1>Bad gateway</h1>")
        return self._stream(self.studio.after(int(self.headers.get("Last-Event-ID") or 0)), fault)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, body: bytes, fault: Break | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        unsized = fault is not None and fault.how == "long"
        self.send_header("Connection", "close")
        if not unsized:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        part = body if fault is None else body[: fault.after]
        if unsized:
            self.wfile.write(part)
        else:
            self._chunks(part, len(body), fault)
        if fault is not None and fault.how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _chunks(self, part: bytes, length: int, fault: Break | None) -> None:
        whole = fault is None or fault.how == "clean"
        if whole and part:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        if not whole:
            self.wfile.write(b"%x\r\n%b" % (length + 1, part))
        if whole:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def served(studio: BreakingStudio) -> Iterator[BreakingStudio]:
    """The studio behind a real server on a free port; its `url` is set."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"studio": studio}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    studio.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield studio
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
