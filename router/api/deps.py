"""What routes depend on, as named nouns. All are coroutines: FastAPI would send a plain function to another thread."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from router.conductor import Conductor
from router.studio import Studio


async def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


async def _conductor(request: Request) -> Conductor:
    conductor: Conductor = request.app.state.conductor
    return conductor


async def _owner(request: Request) -> str:
    return (await _studio(request)).installation.profile.owner


StudioDep = Annotated[Studio, Depends(_studio)]
ConductorDep = Annotated[Conductor, Depends(_conductor)]
OwnerDep = Annotated[str, Depends(_owner)]
