"""What agents are told when the studio, or what is at its address, does not answer as one."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import httpx
import pytest
from atelier.mcp_bridge import connected
from atelier.mcp_transport import StudioTransport
from atelier.retry import Retry
from atelier.session import Session
from mcp import types
from mcp.shared.exceptions import MCPError

Answer = Callable[[httpx.Request], httpx.Response]


def _raise(error: Exception) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


def _say(status: int, **body: object) -> Answer:
    return lambda request: httpx.Response(status, **body)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_raise(httpx.ConnectError("refused")), "http://studio.example does not answer"),
        (_raise(httpx.ReadTimeout("late")), "http://studio.example took too long to answer"),
        (_say(401, json={"error": {"code": "not_signed_in", "message": "sign in first"}}), "sign in first"),
        (_say(429, json={"error": {"code": "too_busy", "message": "wait for one"}}), "wait for one"),
        (_say(404, html="<h1>nginx</h1>"), "answers with HTTP status 404, and is no studio with agents"),
        (_say(502, json=["?"]), "answers with HTTP status 502"),
        (_say(400, content=b"[" * 20_000), "answers with HTTP status 400"),
        (_say(500, json={"jsonrpc": "2.0", "id": None, "error": {"code": -32603, "message": "inside"}}), "inside"),
    ],
)
def test_what_goes_wrong_is_a_sentence(answer: Answer, said: str) -> None:
    session = Session.open("http://studio.example", None, Retry())

    async def work() -> str:
        transport = StudioTransport(session, httpx.MockTransport(answer))
        async with connected(session, transport) as client:
            for _ in range(2):  # the second time is as the first
                with pytest.raises(MCPError) as caught:
                    await client.list_tools()
            assert caught.value.code == types.INTERNAL_ERROR
            return caught.value.error.message

    assert said in anyio.run(work)


def test_a_request_says_who_asks_and_for_which_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_SPACE", "brand")
    session = Session.open("http://studio.example/art/", "at_key", Retry())
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(503, json={"error": {"code": "x", "message": "later"}})

    async def work() -> None:
        async with connected(session, StudioTransport(session, httpx.MockTransport(answer))) as client:
            with pytest.raises(MCPError, match="later"):
                await client.list_tools()

    anyio.run(work)
    assert str(seen[0].url) == "http://studio.example/art/mcp"
    assert seen[0].headers["authorization"] == "Bearer at_key"
    assert seen[0].headers["x-atelier-space"] == "brand"
    assert seen[0].headers["user-agent"].startswith("atelier-python/")
    assert seen[0].headers["host"] == "studio.example"
