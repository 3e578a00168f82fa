"""The FastAPI application: routes, errors, limits, and the page, over one studio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.routing import BaseRoute

from configs.version import VERSION
from router.api import page
from router.api.batches import batches
from router.api.batches import files as batch_files
from router.api.document import complete_document
from router.api.errors import error_responses, install_error_handlers
from router.api.experiments import ballots, champions, compare, experiments, prompt_sets
from router.api.experiments import results as experiment_results
from router.api.experiments import runs as experiment_runs
from router.api.forwarded import Forwarded
from router.api.gate import Gate, Rules, held
from router.api.guard import Guard
from router.api.jobs import events, generate, jobs, own_events
from router.api.library import asset_types, brand, library, licences, loras, models
from router.api.methods import Methods
from router.api.openai import images as openai_images
from router.api.openai import models as openai_models
from router.api.openai.door import OpenAIDoor
from router.api.operations import analytics, figures, health, metrics, operations
from router.api.people import audit, auth, me, people, quotas, spaces
from router.api.pictures import collections, images, iterating, pictures, recipes, replays, sharing, thumbnails, verify
from router.api.request_ids import RequestIds
from router.api.training import datasets, preflight, trainings
from router.api.web_build import WEB_BUILD, WebBuild
from router.api.webhooks import webhooks
from router.api.webhooks.messages import declare_messages
from router.conductor import Conductor
from router.mcp import route as mcp
from router.mcp.door import McpDoor
from router.people.policy import POLICY
from router.people.signing_in.door import Door
from router.remote_conductor import ConductorPort
from router.studio import Studio

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

DESCRIPTION = "Make pictures in your studio's style: submit a job, watch it, download its files."
SIGNED_IN = [
    Security(
        HTTPBearer(
            scheme_name="bearer",
            description="An access token, an API key or a device's token; a studio in development mode asks for none",
            auto_error=False,
        )
    )
]
"""Told in the OpenAPI document, so that clients that are made from it show who asks; it is `Gate` that looks."""


def create_app(
    studio: Studio,
    conductor: ConductorPort | None = None,
    door: Door | None = None,
    web_build: Path = WEB_BUILD,
) -> FastAPI:
    """The API over `studio`. Its lifespan opens the store and starts the conductor: one in this process, if none is
    given. `door` says who asks, in place of the one that the profile has; `web_build` is where the app lies."""
    # FastAPI, with the files of its docs page brought along: they must open without a network.
    lifespan = _lifespan(studio, conductor)
    app: FastAPI = FastAPIOffline(
        title="Atelier", version=VERSION, description=DESCRIPTION, lifespan=lifespan, dependencies=[Depends(held)]
    )
    app.state.studio = studio
    app.state.door = door or studio.sign_in.door
    app.state.web_build = WebBuild(web_build)
    app.state.mcp = McpDoor()
    app.router.routes.extend(_routes())
    app.mount("/static", app.state.web_build.files, name="static")
    install_error_handlers(app)
    declare_messages(app)
    complete_document(app)
    profile = studio.installation.profile
    app.add_middleware(Methods, routes=app.routes)
    app.add_middleware(Guard, limits=profile.limits)
    app.add_middleware(Gate, rules=Rules(app.routes, POLICY))
    app.add_middleware(OpenAIDoor)
    app.add_middleware(RequestIds)
    app.add_middleware(Forwarded, root_path=profile.root_path)  # the outermost: all others read paths without prefix
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """All of the API and the page. They are the same in every application of a process, and to make them of what their
    functions say takes longer than all else that one is made of."""
    api = APIRouter(dependencies=[Depends(held)])
    catalogue = (models, loras, asset_types, brand, library, datasets, preflight, licences)
    judged = (experiments, champions)
    for module in (generate, batches, batch_files, pictures, jobs, events, own_events, *catalogue, *judged):
        api.include_router(module.routes, responses=error_responses(401, 403, 503), dependencies=SIGNED_IN)
    for module in (me, people, auth, operations, figures, metrics):
        api.include_router(module.routes, responses=error_responses(401, 403, 503), dependencies=SIGNED_IN)
    api.include_router(auth.public)
    api.include_router(sharing.public, responses=error_responses(503))
    api.include_router(health.routes, responses=error_responses(503))
    for routes in (iterating.routes, iterating.lines, replays.routes, replays.lines):
        api.include_router(routes, responses=error_responses(401, 403, 503), dependencies=SIGNED_IN)
    for module in (images, thumbnails, recipes, verify, collections, sharing, analytics):
        api.include_router(module.routes, responses=error_responses(401, 403, 503), dependencies=SIGNED_IN)
    for module in (trainings, webhooks):
        api.include_router(module.routes, responses=error_responses(401, 403, 503), dependencies=SIGNED_IN)
    for module in (spaces, ballots, experiment_results, experiment_runs, compare, prompt_sets, audit, quotas):
        api.include_router(module.routes, responses=error_responses(401, 403, 503), dependencies=SIGNED_IN)
    api.include_router(mcp.routes)
    for module in (openai_images, openai_models):
        api.include_router(module.routes, dependencies=SIGNED_IN)
    api.include_router(page.routes, include_in_schema=False)
    return tuple(api.routes)


def _lifespan(studio: Studio, given: ConductorPort | None) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await studio.store.open()
        await studio.library.open()
        await studio.experiments.refresh()
        following = [
            asyncio.create_task(studio.library.follow(), name="library"),
            asyncio.create_task(studio.recogniser.follow(), name="recogniser"),
            asyncio.create_task(studio.experiments.follow(), name="experiments"),
            asyncio.create_task(studio.sign_in.issuers.follow(), name="issuers"),
            asyncio.create_task(studio.streams.follow(), name="streams"),
        ]
        conductor = given or Conductor(studio)
        app.state.conductor = conductor
        conductor.start()
        try:
            async with app.state.mcp.open():
                yield
        finally:
            for task in following:
                task.cancel()
            await conductor.stop()
            await asyncio.gather(*following, return_exceptions=True)
            await studio.store.close()

    return lifespan
