"""What the tests of the MCP server say to it, with the SDK's own client."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio
import httpx2
from mcp import types
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

T = TypeVar("T")
ERAS = ("auto", "legacy")
"""The protocol since 2026-07-28, where each request stands for itself, and with the handshake that was before."""


@asynccontextmanager
async def connected(url: str, era: str = "auto", **headers: str) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=era) as client,
    ):
        yield client


def talk(url: str, work: Callable[[Client], Awaitable[T]], era: str = "auto", **headers: str) -> T:
    """What `work` makes of a client."""

    async def run() -> T:
        async with connected(url, era, **headers) as client:
            return await work(client)

    return anyio.run(run)


def call(
    url: str,
    tool: str,
    arguments: Mapping[str, Any] | None = None,
    era: str = "auto",
    headers: Mapping[str, str] | None = None,
) -> types.CallToolResult:
    """The result of one call of a tool."""

    async def work(client: Client) -> types.CallToolResult:
        return await client.call_tool(tool, dict(arguments or {}))

    return talk(url, work, era, **headers or {})


def answer(result: types.CallToolResult) -> dict[str, Any]:
    """What a tool has answered for programs."""
    assert not result.is_error, result.content
    told: dict[str, Any] = result.structured_content
    return told


def shown(result: types.CallToolResult) -> list[Image.Image]:
    """The pictures of an answer."""
    pictures = [one for one in result.content if isinstance(one, types.ImageContent)]
    assert all(one.mime_type == "image/webp" for one in pictures)
    return [Image.open(io.BytesIO(base64.b64decode(one.data))) for one in pictures]


def text(result: types.CallToolResult) -> str:
    """What an answer says in words."""
    (said,) = (one.text for one in result.content if isinstance(one, types.TextContent))
    return said


class Heard:
    """The signs of progress of a call."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.sentences: list[str] = []

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        assert total == 100
        self.shares.append(progress)
        self.sentences.append(message or "")


def refusal(result: types.CallToolResult) -> str:
    """What a tool has said instead."""
    assert result.is_error
    return text(result)
