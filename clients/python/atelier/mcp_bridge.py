"""A studio's MCP server over stdin and stdout, for agents that start their servers as processes: a bridge to its
`/mcp`, which decides everything."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from mcp import types
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from atelier.mcp_transport import StudioTransport
from atelier.session import Session
from atelier.version import VERSION

_ERA = "2026-07-28"  # of the protocol: each request stands for itself, so that the studio may restart meanwhile
_LOOK_SECONDS = 5.0
_GONE = (
    "the studio went away before it had answered. A job that was accepted goes on: look for its pictures with "
    "search_images, or wait for it with get_job"
)

Context = ServerRequestContext[Any, Any]


async def serve_stdio(session: Session) -> None:
    """Until stdin ends."""
    async with connected(session) as client:
        server = create_bridge(client, await _instructions(client))
        # Descriptors, not sys.stdin and sys.stdout: nothing that prints may come between messages.
        with open(0, encoding="utf-8", errors="replace", closefd=False) as stdin, _stdout() as stdout:
            async with stdio_server(anyio.wrap_file(stdin), anyio.wrap_file(stdout)) as (read, write):
                await server.run(read, write, server.create_initialization_options())


@asynccontextmanager
async def connected(session: Session, transport: StudioTransport | None = None) -> AsyncIterator[Client]:
    """A client of the studio's server; nothing is sent before something is asked."""
    way = transport or StudioTransport(session)
    address = str(session.url("mcp"))
    async with (
        httpx2.AsyncClient(transport=way, timeout=None) as http,
        Client(streamable_http_client(address, http_client=http), mode=_ERA) as client,
    ):
        yield client


def create_bridge(client: Client, instructions: str | None) -> Server[Any]:
    """A server that asks `client` for everything."""

    async def list_tools(_: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return await client.list_tools(cursor=None if params is None else params.cursor)

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            return await client.call_tool(
                params.name, params.arguments, progress_callback=context.session.report_progress
            )
        except MCPError as error:
            if error.code not in (types.CONNECTION_CLOSED, types.INTERNAL_ERROR):
                raise
            said = _GONE if error.code == types.CONNECTION_CLOSED else error.message
            return types.CallToolResult(content=[types.TextContent(type="text", text=said)], is_error=True)

    return Server(
        "atelier",
        version=VERSION,
        title="Atelier",
        instructions=instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _instructions(client: Client) -> str | None:
    """How the studio wants its tools used; None where it does not answer now, which a call will say."""
    with anyio.move_on_after(_LOOK_SECONDS):
        try:
            found = await client.session.send_discover(_ERA)
            return types.DiscoverResult.model_validate(found).instructions
        except MCPError:
            return None
    return None


def _stdout() -> io.TextIOWrapper:
    return open(1, "w", encoding="utf-8", newline="\n", closefd=False)
