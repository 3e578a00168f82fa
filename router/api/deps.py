"""What routes depend on, as named nouns."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from router.conductor import Conductor
from router.studio import Studio


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


def _conductor(request: Request) -> Conductor:
    conductor: Conductor = request.app.state.conductor
    return conductor


def _owner(request: Request) -> str:
    return _studio(request).installation.profile.owner


StudioDep = Annotated[Studio, Depends(_studio)]
ConductorDep = Annotated[Conductor, Depends(_conductor)]
OwnerDep = Annotated[str, Depends(_owner)]
