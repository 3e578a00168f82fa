"""GET /asset-types: what can be asked for, and each contract in its versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from configs.contracts import AssetTypeConfig
from configs.entries import hash_of
from router.api.deps import StudioDep
from router.api.errors import error_responses
from router.api.schemas import AssetTypeBody, AssetTypesBody, LimitsBody, QualityBody
from router.library.kinds import ASSET_TYPES

routes = APIRouter(tags=["catalog"])

Name = Annotated[str, Path(max_length=200, description="ID, or ID@VERSION")]


@routes.get("/asset-types")
async def list_asset_types(studio: StudioDep) -> AssetTypesBody:
    """The asset types, and the qualities that each of them comes in."""
    installation = studio.installation
    catalog, limits = installation.catalog, installation.profile.limits
    qualities = sorted(catalog.qualities.values(), key=lambda quality: quality.order)
    return AssetTypesBody(
        asset_types=tuple(_body(one) for one in catalog.asset_types.values()),
        qualities=tuple(QualityBody(id=one.id, name=one.name, description=one.description) for one in qualities),
        limits=LimitsBody(**limits.model_dump(include=set(LimitsBody.model_fields))),
    )


@routes.get("/asset-types/{name}", responses=error_responses(404, 422))
async def read_asset_type(studio: StudioDep, name: Name) -> AssetTypeBody:
    """One asset type: the live version, or that of ID@VERSION."""
    id, _, version = name.partition("@")
    found = await studio.library.store.versions(ASSET_TYPES.name, id)
    entry = found.require(version, "name") if version else found.shown
    return _body(studio.library.read(ASSET_TYPES, entry))


def _body(config: AssetTypeConfig) -> AssetTypeBody:
    return AssetTypeBody(**config.model_dump(include=set(AssetTypeBody.model_fields)), sha256=hash_of(config))
