"""The tools: each file has the rows of one noun, and `TOOLS` all of them, in the order that agents are told."""

from __future__ import annotations

from router.mcp.tool import Tool
from router.mcp.tools import catalog, comparing, drawing, jobs, pictures

TOOLS: dict[str, Tool] = {
    tool.name: tool for module in (drawing, jobs, pictures, catalog, comparing) for tool in module.TOOLS
}
