"""The server: the protocol's requests, answered from the table of tools. Nothing of a call is kept after it."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from mcp import types
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from configs.errors import AtelierError
from configs.version import VERSION
from router.api.sentences import sentence_for
from router.mcp.asking import RouteRefused
from router.mcp.caller import Caller
from router.mcp.tool import Tool
from router.mcp.tools import TOOLS

_log = logging.getLogger("atelier.mcp")
Context = ServerRequestContext[Any, Any]

INSTRUCTIONS = (
    "Atelier is this team's image studio. generate draws pictures and waits for them; what takes longer goes on, and "
    "get_job waits for it. list_asset_types and list_models say what may be asked for, search_images finds what was "
    "drawn. Pictures are named by asset_id. Before a picture is used, look at its licence: reference is to look at, "
    "internal within the company, product in what is sold or published. Links need the same token as this server."
)


def create_server() -> Server[Any]:
    """The SDK's server over `TOOLS`."""
    return Server(
        "atelier",
        version=VERSION,
        title="Atelier",
        instructions=INSTRUCTIONS,
        get_tool_input_schema=lambda name: tool.takes.model_json_schema() if (tool := TOOLS.get(name)) else None,
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
    )


async def _list_tools(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[tool.listed() for tool in TOOLS.values()])


async def _call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
    """What a tool answers; what it is refused is an answer, too, for the agent to read and do better."""
    tool = TOOLS.get(params.name)
    if tool is None:
        raise MCPError(types.INVALID_PARAMS, f"there is no tool '{params.name[:64]}'; there are {', '.join(TOOLS)}")
    assert context.request is not None  # of what comes over HTTP
    modern = context.protocol_version in MODERN_PROTOCOL_VERSIONS
    caller = Caller(context.request, context.session.report_progress, modern)
    try:
        asked = tool.takes.model_validate(params.arguments or {})
    except ValidationError as error:
        return _refusal(_misfit(tool, error))
    try:
        return (await tool.call(caller, asked)).result()
    except RouteRefused as error:
        return _refusal(error.sentence)
    except AtelierError as error:
        return _refusal(error.message)
    except Exception as error:  # noqa: BLE001 - process boundary: an agent is told no more than a number
        number = uuid.uuid4().hex[:12]
        _log.error("%s [%s]", tool.name, number, exc_info=error)
        return _refusal(f"something unexpected went wrong; the server's log has it under {number}")


def _misfit(tool: Tool, error: ValidationError) -> str:
    """The first thing that is wrong with what a tool was given."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"'{place[:64]}' is nothing that {tool.name} takes; it takes {', '.join(tool.takes.model_fields)}"
    if first["type"] == "missing":
        return f"'{place}' is missing"
    return f"{place}: {sentence_for(first['type'], first.get('ctx', {}))}"


def _refusal(sentence: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=sentence)], is_error=True)
