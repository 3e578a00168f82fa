"""Whatever the environment says of proxies, loopback is excepted for every library that the studio's processes use."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import obstore
import pytest
from obstore.store import HTTPStore
from requests.utils import should_bypass_proxies

from serve.proxies import except_loopback


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
@pytest.mark.parametrize("value", ["", "[::1]", ",,", "studio.example, 10.0.0.0/8", "*", "127.0.0.1"])
def test_loopback_is_excepted_and_the_rest_kept(name: str, value: str) -> None:
    environment = {name: value}
    except_loopback(environment)
    except_loopback(environment)  # a studio started by a studio
    assert environment["no_proxy"] == environment["NO_PROXY"]
    listed = environment["no_proxy"].split(",")
    assert len(listed) == len(set(listed))
    assert {one.strip() for one in value.split(",") if one.strip()} <= set(listed)
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert should_bypass_proxies(f"http://{host}:8000", environment["no_proxy"])


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def near() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hello)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "garbage"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_store_on_this_machine_is_reached_beside_any_proxy(
    near: str, name: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {name: proxy}
    except_loopback(environment)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    store = HTTPStore(near, client_options={"allow_http": True}, retry_config={"max_retries": 0})
    assert bytes(obstore.get(store, "x").bytes()) == b"hello"
