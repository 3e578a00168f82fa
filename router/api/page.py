"""The pages at / and /device: static files from clients/web, no build step."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

routes = APIRouter()

_WEB = Path(__file__).resolve().parents[2] / "clients" / "web"


@routes.get("/")
async def page() -> FileResponse:
    """The studio's page."""
    return FileResponse(_WEB / "index.html", headers={"Cache-Control": "no-cache"})


@routes.get("/device")
async def device_page() -> FileResponse:
    """Where a person approves the code that a device shows."""
    return FileResponse(_WEB / "device.html", headers={"Cache-Control": "no-cache"})
