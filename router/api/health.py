"""GET /healthz and /readyz: for probes and for people who wait."""

from __future__ import annotations

from fastapi import APIRouter, Response

from configs.version import VERSION
from router.api.deps import ConductorDep
from router.api.schemas import HealthBody

routes = APIRouter(tags=["health"])


@routes.get("/healthz")
async def healthz() -> HealthBody:
    """The process answers."""
    return HealthBody(status="ok", version=VERSION)


@routes.get("/readyz", responses={503: {"model": HealthBody, "description": "Models are still loading"}})
async def readyz(conductor: ConductorDep, response: Response) -> HealthBody:
    """The models that are kept running have loaded. Jobs are accepted before that, and wait."""
    if conductor.ready:
        return HealthBody(status="ok", version=VERSION)
    response.status_code = 503
    response.headers["Retry-After"] = "2"
    return HealthBody(status="starting", version=VERSION, detail="models are loading")
