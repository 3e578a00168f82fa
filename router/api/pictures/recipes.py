"""/images/{asset_id}/recipe: how a picture was drawn, and a request that draws it again."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from configs.errors import InvalidRequest, NotFound
from deployments.messages import Recipe
from deployments.stages.recipe import read_recipe
from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.pictures.images import AssetId
from router.api.pictures.recipe_schemas import RecipeBody, recipe_body
from router.assets.search.model import Listed
from router.iterating.origins import parents_of
from router.iterating.replay import replay
from router.pictures.names import pixels_of
from router.recipes import write_recipe
from router.studio import Studio

routes = APIRouter(tags=["images"], responses=error_responses(422))


@routes.get("/images/{asset_id}/recipe", responses=error_responses(404))
async def read_picture_recipe(studio: StudioDep, viewer: ViewerDep, asset_id: AssetId) -> RecipeBody:
    """How a picture was drawn, as its files carry it, and `request`: a body of POST /generate that draws it again."""
    found = await studio.images.image(viewer, asset_id)
    if found.place is None:
        raise NotFound(
            f"picture {asset_id} was uploaded and not drawn here, so that it has no recipe: to go on from it, give it "
            "to POST /generate as image"
        )
    recipe, job = await _read(studio, found), await studio.store.job(viewer, found.place[0])
    plan = job.readable_plan
    parents = () if plan is None else parents_of(plan)
    if recipe.private and plan is not None:  # its file has no words
        recipe = write_recipe(job, recipe.index, recipe.weights, recipe.scores, recipe.seed, recipe.environment)
    return recipe_body(found.id, recipe, parents, replay(job, recipe.seed, studio.installation))


async def _read(studio: Studio, found: Listed) -> Recipe:
    """From its best file. Raises `NotFound` where none has a recipe that this release can read."""
    file = pixels_of(found.files) or next(iter(found.files), None)
    if file is None:
        raise NotFound(f"picture {found.id} has no files")
    try:
        return await asyncio.to_thread(read_recipe, await studio.blobs.get(file.sha256))
    except InvalidRequest as error:
        raise NotFound(f"the recipe of picture {found.id} cannot be told: {error.message}") from None
