"""GET /models: what this installation draws with."""

from __future__ import annotations

from fastapi import APIRouter

from router.api.deps import StudioDep
from router.api.schemas import ModelBody, ModelsBody
from router.licences import judge_parts

routes = APIRouter(tags=["catalog"])


@routes.get("/models")
async def list_models(studio: StudioDep) -> ModelsBody:
    """The models of this installation, the default first."""
    catalog, profile = studio.installation.catalog, studio.installation.profile
    ids = dict.fromkeys([profile.default_model, *(generator.model for generator in profile.generators)])
    models = [catalog.models[id] for id in ids]
    return ModelsBody(
        models=tuple(
            ModelBody(
                id=model.id,
                name=model.name,
                description=model.description,
                family=model.family,
                default=model.id == profile.default_model,
                native_sizes=model.native_sizes,
                steps=model.steps,
                guidance_scale=model.guidance_scale,
                upscaler=model.upscaler,
                licence=judge_parts([(model.id, part) for part in model.licence_parts], catalog),
            )
            for model in models
        )
    )
