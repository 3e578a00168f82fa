"""A reverse proxy on loopback, as people put one before a studio: it serves it below a path of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "host", "date", "server"}


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    upstream: str
    prefix: str
    strips: bool
    says: dict[str, str]


class _Passing(BaseHTTPRequestHandler):
    """Passes a request on, and the answer back as it comes. Each connection is for one request."""

    server: _Proxy

    def pass_on(self) -> None:
        proxy = self.server
        if not self.path.startswith(f"{proxy.prefix}/"):
            self.send_error(404, "not the studio")
            return
        path = self.path.removeprefix(proxy.prefix) if proxy.strips else self.path
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_A_CONNECTION}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        upstream = HTTPConnection(proxy.upstream)
        upstream.request(self.command, path, body, {**headers, **proxy.says})
        answer = upstream.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_A_CONNECTION:
                self.send_header(name, value)
        self.end_headers()
        try:
            while chunk := answer.read1(65_536):
                self.wfile.write(chunk)
        except ConnectionError:  # the client has left
            pass
        finally:
            upstream.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = pass_on  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Not on the terminal of the tests."""


@contextmanager
def proxied(url: str, prefix: str = "/atelier", strips: bool = True, tells_prefix: bool = True) -> Iterator[str]:
    """The studio at `url` below `prefix` of another origin; gives its address there, without a slash at the end. The
    studio is told by the usual headers; of the prefix, only if the proxy `tells_prefix`."""
    proxy = _Proxy(("127.0.0.1", 0), _Passing)
    host = f"127.0.0.1:{proxy.server_address[1]}"
    proxy.upstream, proxy.prefix, proxy.strips = url.removeprefix("http://"), prefix, strips
    told = {"X-Forwarded-Host": host, "X-Forwarded-Proto": "http"}
    proxy.says = {**told, "X-Forwarded-Prefix": prefix} if tells_prefix else told
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}{prefix}"
    finally:
        proxy.shutdown()
        proxy.server_close()
