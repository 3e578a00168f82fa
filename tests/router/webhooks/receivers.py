"""Receivers of webhooks on this machine, which answer as they were told: well, late, never, without end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request, as a receiver got it."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answer` writes what a request is answered with. `written` counts bytes of bodies."""

    url: str
    answer: Callable[[Receiver, BaseHTTPRequestHandler], None]
    heard: list[Heard] = field(default_factory=list)
    written: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def until(self, requests: int, seconds: float = 60) -> list[Heard]:
        """What was heard once that are so many."""
        end = time.monotonic() + seconds
        while len(self.heard) < requests:
            assert time.monotonic() < end, f"heard {len(self.heard)} of {requests}"
            time.sleep(0.02)
        return list(self.heard)


def well(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    say(handler, 204)


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """A whole answer."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def without_end(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    """Four gigabytes, for who takes them."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(4 * 2**30))
    handler.end_headers()
    with suppress(OSError):
        while receiver.written < 4 * 2**30:
            receiver.written += handler.wfile.write(b"x" * 65536)


def in_the_middle(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    """Dies while it answers."""
    handler.wfile.write(b"HTTP/1.1 200 O")
    handler.connection.close()


def then(*answers: Callable[[Receiver, BaseHTTPRequestHandler], None]) -> Any:
    """One after the other, and the last one for ever."""

    def answer(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
        answers[min(len(receiver.heard), len(answers)) - 1](receiver, handler)

    return answer


def status(code: int, body: bytes = b"", **headers: str) -> Any:
    """Always this one."""
    return lambda _, handler: say(handler, code, body, **headers)


@contextmanager
def receiving(answer: Callable[[Receiver, BaseHTTPRequestHandler], None] = well) -> Iterator[Receiver]:
    """A receiver on a free port, until the context closes."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                receiver.at_once += 1
                receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
                receiver.heard.append(Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            try:
                with suppress(OSError):
                    receiver.answer(receiver, self)
            finally:
                with lock:
                    receiver.at_once -= 1
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook", answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
