"""What does not speak the protocol, says too much, hangs or leaves; and pages that are not the studio's."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from mcp.client import Client

from router.api.app import create_app
from router.mcp import door
from router.mcp.origins import may_ask
from router.studio import Studio
from tests.router.calls import until, wait
from tests.router.mcp.talking import ERAS, answer, call, connected, talk
from tests.studio import PaintedGenerator, painted_studio, serving

pytestmark = pytest.mark.slow

BOTH = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
SLOW = {"prompt": "a lamp", "quality": "standard", "number": 8}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return painted_studio(tmp_path_factory.mktemp("wire"), PaintedGenerator(step_seconds=0.1))


@pytest.fixture(scope="module")
def url(studio: Studio) -> Iterator[str]:
    with serving(create_app(studio)) as url:
        yield url


def newest(url: str) -> str:
    with httpx.Client(base_url=url) as api:
        id: str = api.get("/jobs?limit=1").json()["jobs"][0]["job_id"]
        return id


def leave(url: str, era: str) -> str:
    """A call that its client gives up once it is told of the job, which is answered."""
    heard: list[str | None] = []

    async def run() -> None:
        async with connected(url, era) as client:
            with anyio.CancelScope() as scope:

                async def hear(progress: float, total: float | None, message: str | None) -> None:
                    heard.append(message)
                    scope.cancel()

                await client.call_tool("generate", SLOW, progress_callback=hear)

    anyio.run(run)
    return (heard[0] or "").split()[1]


def test_who_cancels_a_call_cancels_its_job(url: str) -> None:
    job_id = leave(url, "auto")
    with httpx.Client(base_url=url) as api:
        assert wait(api, job_id)["status"] == "canceled"


def test_before_2026_a_dropped_connection_cancels_nothing(url: str) -> None:
    job_id = leave(url, "legacy")
    with httpx.Client(base_url=url) as api:
        time.sleep(1)
        job = api.get(f"/jobs/{job_id}").json()
        assert job["status"] in ("queued", "processing", "complete")
        api.delete(f"/jobs/{job_id}")


def test_nothing_stays_of_who_has_left_and_the_log_is_silent(
    url: str, studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for era in ERAS:
            with httpx.Client(base_url=url) as api:
                api.delete(f"/jobs/{leave(url, era)}")
        until(lambda: not studio.live._feeds)
    assert [(record.name, record.getMessage()) for record in caplog.records] == []


def test_the_end_of_the_studio_ends_calls_and_cancels_no_job(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The connection is cut after two seconds; the job is there for who asks again, at another door."""
    outcome: list[BaseException | object] = []
    painter = PaintedGenerator(step_seconds=0.2)

    def work(url: str, era: str) -> None:
        try:
            outcome.append(call(url, "generate", SLOW, era))
        except BaseException as error:  # noqa: BLE001 - whatever the client makes of it
            outcome.append(error)

    with serving(create_app(painted_studio(tmp_path, painter))) as url:
        threads = [threading.Thread(target=work, args=(url, era), daemon=True) for era in ERAS]
        for thread in threads:
            thread.start()
        with httpx.Client(base_url=url) as api:
            until(lambda: len(api.get("/jobs").json()["jobs"]) == 2)
        begun = time.monotonic()
    assert time.monotonic() - begun < 30
    for thread in threads:
        thread.join(30)
    assert len(outcome) == 2
    assert not [record for record in caplog.records if record.exc_info], caplog.text
    with serving(create_app(painted_studio(tmp_path))) as url, httpx.Client(base_url=url) as api:
        for job in api.get("/jobs").json()["jobs"]:
            assert wait(api, job["job_id"])["status"] == "complete"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{", 400),
        ({}, b"", 400),
        ({}, b"[]", 400),
        ({}, b"[[[" * 10_000, 400),
        ({}, b'{"jsonrpc": "2.0", "id": 1}', 400),
        ({"MCP-Protocol-Version": "2026-07-28"}, b"{", 400),
        ({"MCP-Protocol-Version": "2026-07-28"}, b"[" * 30_000, 400),
        ({"MCP-Protocol-Version": "1999-01-01"}, b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}', 400),
        ({"MCP-Protocol-Version": "\xff"}, b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}', 400),
        ({}, b"x" * 70_000, 413),
        ({"MCP-Protocol-Version": "2026-07-28"}, b'{"a": "' + b"x" * 70_000, 413),
        ({"Content-Type": "text/plain"}, b"{}", 400),
        ({"Accept": "text/html"}, b"{}", 406),
    ],
)
def test_what_is_no_message_is_refused_and_leaves_no_trace(
    url: str, headers: dict[str, str], body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    said = {name.encode(): value.encode("latin-1") for name, value in {**BOTH, **headers}.items()}
    answered = httpx.post(f"{url}/mcp", content=body, headers=said)
    assert answered.status_code == status, answered.text
    assert "Traceback" not in answered.text
    assert 'File "' not in answered.text
    assert not [record for record in caplog.records if record.exc_info]


def test_only_messages_are_taken_and_the_answer_says_so(url: str) -> None:
    for method in ("GET", "DELETE", "PUT"):
        refused = httpx.request(method, f"{url}/mcp", headers=BOTH)
        assert refused.status_code == 405
        assert refused.headers["allow"] == "POST, OPTIONS"
    assert "/mcp" not in httpx.get(f"{url}/openapi.json").json()["paths"]


def test_each_answer_has_the_id_of_its_request(url: str) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    answered = httpx.post(f"{url}/mcp", json=message, headers={**BOTH, "X-Request-Id": "abc"})
    assert answered.headers["x-request-id"] == "abc"
    assert answered.headers["x-content-type-options"] == "nosniff"


def test_who_never_reads_holds_nobody_up_and_is_left(url: str, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LONGEST_SECONDS", 1.5)
    address = urlsplit(url)
    params = {"name": "generate", "arguments": {**SLOW, "prompt": "a slow lamp"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    head = f"POST /mcp HTTP/1.1\r\nHost: {address.netloc}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in BOTH.items())
    with socket.create_connection((address.hostname or "", address.port or 80)) as silent:
        silent.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        with httpx.Client(base_url=url) as api:
            until(lambda: api.get("/jobs?limit=1").json()["jobs"][0]["prompt"] == "a slow lamp")
            assert answer(call(url, "list_models"))["models"]
            until(lambda: not studio.live._feeds)
            job_id = newest(url)
            assert api.get(f"/jobs/{job_id}").json()["status"] in ("queued", "processing")
            api.delete(f"/jobs/{job_id}")


def test_so_many_calls_of_one_person_are_under_way_and_no_more(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_AT_ONCE", 1)

    async def work(client: Client) -> int:
        status = 0

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            nonlocal status
            async with httpx.AsyncClient() as http:
                ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
                status = status or (await http.post(f"{url}/mcp", json=ping, headers=BOTH)).status_code

        asked = {"prompt": "a fox", "quality": "draft", "wait_seconds": 3}
        await client.call_tool("generate", asked, progress_callback=hear)
        return status

    assert talk(url, work, "2026-07-28") == 429


@pytest.mark.parametrize(
    ("origin", "address", "sign_in", "may"),
    [
        (None, "http://studio.example", True, True),
        (None, "http://127.0.0.1:8000", False, True),
        ("https://studio.example", "https://studio.example", True, True),
        ("https://studio.example", "https://studio.example", False, False),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", False, True),
        ("http://localhost:8000", "http://localhost:8000", False, True),
        ("http://[::1]:8000", "http://[::1]:8000", False, True),
        ("http://rebound.example:8000", "http://rebound.example:8000", False, False),
        ("http://elsewhere.example", "http://127.0.0.1:8000", False, False),
        ("http://localhost:3000", "http://localhost:8000", False, False),
        ("http://elsewhere.example", "https://studio.example", True, False),
        ("null", "http://127.0.0.1:8000", False, False),
        ("http://[", "http://[", False, False),
        ("", "http://127.0.0.1:8000", False, False),
    ],
)
def test_pages_may_ask_from_the_studios_own_address(origin: str | None, address: str, sign_in: bool, may: bool) -> None:
    assert may_ask(origin, address, sign_in) is may


def test_a_page_whose_name_was_led_here_is_refused(url: str) -> None:
    port = urlsplit(url).port
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    rebound = {"Host": f"rebound.example:{port}", "Origin": f"http://rebound.example:{port}"}
    refused = httpx.post(f"{url}/mcp", json=message, headers={**BOTH, **rebound})
    assert refused.status_code == 403
    assert "may not use the studio's MCP server" in refused.json()["error"]["message"]
    forwarded = {"X-Forwarded-Host": "127.0.0.1"}
    assert httpx.post(f"{url}/mcp", json=message, headers={**BOTH, **rebound, **forwarded}).status_code == 403
