"""The page at /: static files from clients/web, no build step."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

routes = APIRouter()

_INDEX = Path(__file__).resolve().parents[2] / "clients" / "web" / "index.html"


@routes.get("/")
async def page() -> FileResponse:
    """The studio's page."""
    return FileResponse(_INDEX, headers={"Cache-Control": "no-cache"})
