"""The body of a recipe: what a picture's files carry, and a request that draws it again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import Field, create_model

from configs.entries import EntryPin
from configs.environment import Environment
from configs.frozen import Frozen
from configs.inputs import Role
from configs.noise import Neighbourhood
from configs.schema import AppliedLora
from deployments.messages import Origin, Recipe
from deployments.stages.recipe import to_json
from router.api.schemas import INPUT_ATTRIBUTES
from router.job_request import JobRequest
from router.jobs.model import Parent

if TYPE_CHECKING:
    RecipeInput: TypeAlias = Any
else:
    RecipeInput = create_model(
        "RecipeInput",
        __base__=Frozen,
        __doc__="""A picture that it began with, looked at or followed: as it was named, and the hash of its file.""",
        role=(Role, ...),
        picture=(str, ...),
        sha256=(str, ...),
        **INPUT_ATTRIBUTES,
    )


class RecipeStepCache(Frozen):
    """Steps that reused what the last full one had computed."""

    threshold: float | None = None
    skip: tuple[int, ...] = ()


class RecipeParent(Frozen):
    """A picture that it was made from."""

    asset_id: str
    role: str = Field(description="as of `inputs`; or the call that went on from it: like, tweak, finish …")


class RecipeBody(Frozen):
    """How a picture was drawn, word for word as its files carry it; and, from `asset_id`, `parents` and `request`, what
    the studio knows beside that."""

    asset_id: str
    parents: tuple[RecipeParent, ...]
    request: dict[str, Any] | None = Field(
        description="A body of POST /generate that draws it again, as far as the studio knows it; absent where the job "
        "is of a release that this one cannot read"
    )
    atelier: str = Field(description="the release that drew it")
    job_id: str
    index: int
    created_at: str
    prompt: str = Field(description="as it was typed")
    full_prompt: str = Field(description="as the model read it")
    negative_prompt: str
    asset_type: str
    quality: str
    model: str
    weights: str = Field(description="the content hash of the model's weights: its revision")
    loras: tuple[AppliedLora, ...]
    seed: int
    near: Neighbourhood | None = Field(default=None, description="whose noise its own was turned from")
    num_inference_steps: int
    guidance_scale: float
    sampler: str = "default"
    schedule: str | None = None
    step_cache: RecipeStepCache | None = None
    strength: float | None = Field(default=None, description="how much of the input image was redrawn")
    inputs: tuple[RecipeInput, ...] = ()
    base_size: str = Field(description="WIDTHxHEIGHT, as it was drawn")
    upscaler: str | None
    size: str = Field(description="WIDTHxHEIGHT, as it is")
    stages: tuple[dict[str, Any], ...] = Field(default=(), description="further ones, by kind, with their settings")
    entries: tuple[EntryPin, ...] = Field(default=(), description="versions of the library that took part")
    scores: dict[str, float] = {}
    origin: Origin | None = Field(default=None, description="what its job went on from")
    environment: Environment | None = Field(default=None, description="what it was drawn in, where that is known")
    licence: str
    private: bool = Field(default=False, description="files have none of the words: they are told here alone")


def recipe_body(asset_id: str, recipe: Recipe, parents: Iterable[Parent], request: JobRequest | None) -> RecipeBody:
    """The JSON of the file itself, so that there is one way to tell a recipe."""
    return RecipeBody(
        **json.loads(to_json(recipe)),
        asset_id=asset_id,
        parents=tuple(RecipeParent(asset_id=one.asset_id, role=one.role) for one in parents),
        request=None if request is None else request.keep_as_asked(),
    )
