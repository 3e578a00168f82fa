"""The app at /, /app and /device: one page of the build, and who it may ask."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from router.api.deps import StudioDep
from router.api.guard import content_security_policy
from router.api.web_build import WebBuild
from router.studio import Studio

routes = APIRouter()

_NOT_BUILT = "This studio's page is not built. `make run` builds it and starts the studio; `make web` only builds it.\n"


@routes.get("/")
@routes.get("/app")
@routes.get("/device", name="device_page")
async def page(request: Request, studio: StudioDep) -> Response:
    """The studio in the browser, wherever in it somebody begins."""
    return await app_page(request, studio)


@routes.get("/app/{path:path}")
async def deep_page(request: Request, studio: StudioDep) -> Response:
    """The same: the app reads its address itself."""
    return await app_page(request, studio)


@routes.get("/mark.svg")
async def mark(request: Request) -> Response:
    """The studio's mark."""
    build: WebBuild = request.app.state.web_build
    return build.mark()


async def app_page(request: Request, studio: Studio, **headers: str) -> Response:
    """The page of the build. It may ask those who sign people in, and nobody else."""
    policy = content_security_policy(*await _asked(studio))
    build: WebBuild = request.app.state.web_build
    if build.exists:
        return build.page(request, **{"Content-Security-Policy": policy} | headers)
    return PlainTextResponse(_NOT_BUILT, headers={"Cache-Control": "no-cache"})


async def _asked(studio: Studio) -> list[str]:
    found = await studio.sign_in.issuers.for_the_page()
    places = {urlsplit(place) for one in found for place in (one.issuer, one.token_endpoint)}
    return sorted({f"{place.scheme}://{place.netloc}" for place in places})
