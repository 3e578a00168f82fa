"""POST /mcp: where agents reach the studio. It is no route of the REST API, so its document does not have it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from router.mcp.door import McpDoor

routes = APIRouter()


@routes.post("/mcp", include_in_schema=False, response_class=Response)
async def speak(request: Request) -> Response:
    """One message of the Model Context Protocol, and its answer."""
    door: McpDoor = request.app.state.mcp
    return door.answer(request)
