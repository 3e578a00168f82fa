"""/verify: what a file is, of whomever it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, UploadFile

from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.provenance.verification import Verification
from router.provenance.verifying import verify

routes = APIRouter(tags=["images"], responses=error_responses(413, 422))


@routes.post("/verify")
async def verify_file(
    studio: StudioDep,
    viewer: ViewerDep,
    file: Annotated[UploadFile, File(description="A picture, also of others: PNG, JPEG, WebP, AVIF, SVG or PDF")],
) -> Verification:
    """What a file says of where it comes from and whether that still holds: made by a model or changed by one,
    unchanged since it was signed and by whom, of what, under which licence, and with which recipe. Nothing is
    kept of it."""
    async with studio.verifying:
        return await verify(studio, viewer, await file.read())
