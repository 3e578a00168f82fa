"""GET /v1/models: what this installation draws with, as OpenAI's SDKs list it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from configs.errors import UnknownName
from router.api.deps import StudioDep
from router.api.openai.bodies import DATED, REFUSALS
from router.openai.answers import ModelEntry, ModelList
from router.openai.models import listed_models, resolve_model

routes = APIRouter(
    tags=["openai"], dependencies=DATED, responses={code: REFUSALS[code] for code in (400, 401, 403, 503)}
)


@routes.get("/v1/models")
@routes.get("/openai/v1/models")
@routes.get("/openai/models")
async def list_openai_models(studio: StudioDep) -> ModelList:
    """The models of this installation, the default first, and other names for them. GET /models tells what each can
    do."""
    return ModelList(data=tuple(ModelEntry(id=id) for id in listed_models(studio.installation)))


@routes.get("/v1/models/{model}", responses={404: REFUSALS[404]})
@routes.get("/openai/v1/models/{model}", responses={404: REFUSALS[404]})
@routes.get("/openai/models/{model}", responses={404: REFUSALS[404]})
async def read_openai_model(studio: StudioDep, model: Annotated[str, Path(min_length=1, max_length=96)]) -> ModelEntry:
    """Whether a model by this name draws here."""
    if resolve_model(model, studio.installation) is None:
        raise UnknownName("say which model", "model")
    return ModelEntry(id=model)
