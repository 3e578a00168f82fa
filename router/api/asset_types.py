"""GET /asset-types: what can be asked for."""

from __future__ import annotations

from fastapi import APIRouter

from router.api.deps import StudioDep
from router.api.schemas import AssetTypeBody, AssetTypesBody, LimitsBody, QualityBody

routes = APIRouter(tags=["catalog"])


@routes.get("/asset-types")
async def list_asset_types(studio: StudioDep) -> AssetTypesBody:
    """The asset types, and the qualities that each of them comes in."""
    installation = studio.installation
    catalog, limits = installation.catalog, installation.profile.limits
    qualities = sorted(catalog.qualities.values(), key=lambda quality: quality.order)
    return AssetTypesBody(
        asset_types=tuple(
            AssetTypeBody(**one.model_dump(include=set(AssetTypeBody.model_fields)))
            for one in catalog.asset_types.values()
        ),
        qualities=tuple(QualityBody(id=one.id, name=one.name, description=one.description) for one in qualities),
        limits=LimitsBody(**limits.model_dump(include=set(LimitsBody.model_fields))),
    )
