"""GET /metrics: what a studio of one process reports, as Prometheus reads it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from configs.errors import NotFound
from configs.metrics import Exposing
from router.api.deps import StudioDep
from router.api.errors import error_responses

routes = APIRouter(tags=["operations"])

_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
_EXPOSITION = {"content": {"text/plain": {"schema": {"type": "string", "description": "a line for each series"}}}}


@routes.get("/metrics", response_class=Response, responses={200: _EXPOSITION, **error_responses(404)})
async def show_metrics(studio: StudioDep) -> Response:
    """All metrics of a studio that runs in one process, in the text format of Prometheus, which signs in with a key
    that has the scope `operate`. In a cluster each node exports those of its replicas, and this is not there."""
    if not isinstance(studio.metrics, Exposing):
        raise NotFound("Ray exports the metrics of this studio, on each of its nodes: helm/README.md says where")
    return Response(studio.metrics.exposition(), media_type=_FORMAT)
