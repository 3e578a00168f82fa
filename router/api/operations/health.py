"""GET /healthz and /readyz: for probes and for people who wait."""

from __future__ import annotations

from fastapi import APIRouter, Response

from configs.version import VERSION
from router.api.deps import ConductorDep, StudioDep
from router.api.schemas import HealthBody

routes = APIRouter(tags=["health"])


@routes.get("/healthz")
async def healthz() -> HealthBody:
    """The process answers."""
    return HealthBody(status="ok", version=VERSION)


@routes.get("/readyz", responses={503: {"model": HealthBody, "description": "Models load, or a store is away"}})
async def readyz(studio: StudioDep, conductor: ConductorDep, response: Response) -> HealthBody:
    """The models that are kept running have loaded, and both stores can be used. Jobs are accepted before, and wait."""
    outage = studio.outage
    if outage is None and conductor.ready:
        return HealthBody(status="ok", version=VERSION)
    response.status_code = 503
    response.headers["Retry-After"] = "2"
    if outage is not None:
        return HealthBody(status="waiting", version=VERSION, detail=outage.reason)
    detail = "models are loading" if conductor.found else "no conductor answers: jobs are accepted, and wait for one"
    return HealthBody(status="starting", version=VERSION, detail=detail)
