"""The pages at / and /device: static files from clients/page, no build step."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import FileResponse

from router.api.deps import StudioDep
from router.api.guard import content_security_policy

routes = APIRouter()

_WEB = Path(__file__).resolve().parents[2] / "clients" / "page"


@routes.get("/")
async def page() -> FileResponse:
    """The studio's page."""
    return FileResponse(_WEB / "index.html", headers={"Cache-Control": "no-cache"})


@routes.get("/device")
async def device_page(studio: StudioDep) -> FileResponse:
    """Where a person approves the code that a device shows. It may ask those who sign people in, and nobody else."""
    found = await studio.sign_in.issuers.for_the_page()
    asked = {"{0.scheme}://{0.netloc}".format(urlsplit(one.token_endpoint)) for one in found}
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": content_security_policy(*sorted(asked))}
    return FileResponse(_WEB / "device.html", headers=headers)
