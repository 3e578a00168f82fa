"""/v1/images: pictures for programs that speak OpenAI's Images API, drawn as any other order is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from router.api.openai.bodies import DATED, DRAWN, EDIT_FORM, EditDep
from router.api.openai.orders import ImagesDeskDep
from router.openai.paths import DEPLOYMENTS
from router.openai.requests import GenerationRequest

routes = APIRouter(tags=["openai"], dependencies=DATED)

Deployment = Annotated[str, Path(min_length=1, max_length=96, description="A model, by an id or alias of /v1/models")]


@routes.post("/v1/images/generations", **DRAWN)
@routes.post("/openai/v1/images/generations", **DRAWN)
async def generate_images(body: GenerationRequest, desk: ImagesDeskDep) -> Response:
    """Draw pictures and wait for them. The job is one as POST /generate makes it, and is found among yours."""
    return await desk.draw(body)


@routes.post(f"{DEPLOYMENTS}/images/generations", **DRAWN)
async def generate_images_of_deployment(
    body: GenerationRequest, desk: ImagesDeskDep, deployment: Deployment
) -> Response:
    """The same as `AzureOpenAI` asks for it: its deployment names the model."""
    return await desk.draw(body.model_copy(update={"model": deployment}))


@routes.post("/v1/images/edits", openapi_extra={"requestBody": EDIT_FORM}, **DRAWN)
@routes.post("/openai/v1/images/edits", openapi_extra={"requestBody": EDIT_FORM}, **DRAWN)
async def edit_images(form: EditDep, desk: ImagesDeskDep) -> Response:
    """Redraw a picture, or the part of it where the mask is transparent, and wait for it. What came is kept as your
    uploads for some days (`kept_until` of GET /pictures), or as long as somebody wants it or what came of it."""
    return await desk.edit(form.asked, form)


@routes.post(f"{DEPLOYMENTS}/images/edits", openapi_extra={"requestBody": EDIT_FORM}, **DRAWN)
async def edit_images_of_deployment(form: EditDep, desk: ImagesDeskDep, deployment: Deployment) -> Response:
    """The same as `AzureOpenAI` asks for it: its deployment names the model."""
    return await desk.edit(form.asked.model_copy(update={"model": deployment}), form)
