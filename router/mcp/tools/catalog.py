"""list_models and list_asset_types: what there is to choose from."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen
from router.api.schemas import AssetTypesBody, ModelBody, ModelsBody
from router.mcp.answers import Licence, licence
from router.mcp.caller import Caller
from router.mcp.tool import Arguments, Told, Tool


class NoArguments(Arguments):
    """Nothing is asked."""


class Model(Frozen):
    """A model, and what it can do."""

    id: str
    name: str
    description: str
    default: bool
    modes: tuple[str, ...] = Field(description="txt2img, img2img, inpaint, edit")
    sizes: tuple[str, ...] = Field(description="that it draws best")
    negative_prompt: bool
    loras: bool
    licence: Licence | None


class Models(Frozen):
    """The models of this studio, the default first."""

    models: tuple[Model, ...]


class AssetType(Frozen):
    """A kind of picture, with its own words, sizes and files."""

    id: str
    name: str
    description: str
    sizes: tuple[str, ...]
    default_size: str
    styles: tuple[str, ...]
    formats: tuple[str, ...]


class Quality(Frozen):
    """How much time a picture may take."""

    id: str
    description: str


class AssetTypes(Frozen):
    """What can be asked for."""

    asset_types: tuple[AssetType, ...]
    qualities: tuple[Quality, ...]
    most_pictures: int = Field(description="of one call of generate")


async def list_models(caller: Caller, _: NoArguments) -> Told:
    """The models that this studio draws with, what each can do, and what its pictures may be used for."""
    body = ModelsBody.model_validate_json((await caller.ask("GET", "/models")).body)
    models = tuple(map(_model, body.models))
    return Told(f"This studio has {len(models)} models.", Models(models=models))


async def list_asset_types(caller: Caller, _: NoArguments) -> Told:
    """The kinds of pictures that can be asked for (icon, illustration …) with their sizes and styles, and the
    qualities."""
    body = AssetTypesBody.model_validate_json((await caller.ask("GET", "/asset-types")).body)
    kinds = tuple(
        AssetType(
            id=one.id,
            name=one.name,
            description=one.description,
            sizes=tuple(map(str, one.sizes)),
            default_size=str(one.default_size),
            styles=tuple(one.styles),
            formats=one.formats,
        )
        for one in body.asset_types
    )
    qualities = tuple(Quality(id=one.id, description=one.description) for one in body.qualities)
    answer = AssetTypes(asset_types=kinds, qualities=qualities, most_pictures=body.limits.max_variations)
    return Told(f"There are {len(kinds)} asset types and {len(qualities)} qualities.", answer)


def _model(body: ModelBody) -> Model:
    return Model(
        id=body.id,
        name=body.name,
        description=body.description,
        default=body.default,
        modes=tuple(body.capabilities.modes),
        sizes=tuple(map(str, body.native_sizes)),
        negative_prompt=body.capabilities.negative_prompt,
        loras=body.capabilities.lora,
        licence=licence(body.licence),
    )


TOOLS = (
    Tool("list_models", "List the models", NoArguments, Models, list_models),
    Tool("list_asset_types", "List what can be asked for", NoArguments, AssetTypes, list_asset_types),
)
