"""GET /brand: the brand kits that pictures can be kept to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from configs.brand import BrandKitConfig
from configs.catalog import Catalog
from configs.entries import BRAND_KITS
from configs.errors import NotFound
from configs.text import quoted
from router.api.deps import StudioDep
from router.api.errors import error_responses
from router.api.schemas import BrandKitBody, BrandKitsBody

routes = APIRouter(tags=["catalog"])


@routes.get("/brand")
async def list_brand_kits(studio: StudioDep) -> BrandKitsBody:
    """The brand kits that are live in the library, by name."""
    catalog = studio.installation.catalog
    kits = sorted(catalog.brand_kits.values(), key=lambda kit: (kit.name, kit.id))
    return BrandKitsBody(brand_kits=tuple(_body(kit, catalog) for kit in kits))


@routes.get("/brand/{kit_id}", responses=error_responses(404, 422))
async def read_brand_kit(studio: StudioDep, kit_id: Annotated[str, Path(max_length=64)]) -> BrandKitBody:
    """One brand kit, as it is live."""
    catalog = studio.installation.catalog
    kit = catalog.brand_kits.get(kit_id)
    if kit is None:
        known = ", ".join(catalog.brand_kits) or "none"
        raise NotFound(f"there is no brand kit {quoted(kit_id)} that is live; there are: {known}")
    return _body(kit, catalog)


def _body(kit: BrandKitConfig, catalog: Catalog) -> BrandKitBody:
    version = catalog.pin(BRAND_KITS, kit).version
    return BrandKitBody.model_validate(kit.model_dump() | {"version": version})
