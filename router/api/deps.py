"""What routes depend on, as named nouns. All are coroutines: FastAPI would send a plain function to another thread."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from configs.errors import NotFound
from router.people.principal import Principal
from router.people.viewer import Viewer
from router.remote_conductor import ConductorPort
from router.studio import Studio


def studio_of(request: Request) -> Studio:
    """The studio behind the API."""
    studio: Studio = request.app.state.studio
    return studio


def conductor_of(request: Request) -> ConductorPort:
    """Who leads the jobs of the studio."""
    conductor: ConductorPort = request.app.state.conductor
    return conductor


def principal_of(request: Request) -> Principal:
    """Who asks, as the gate has let them in."""
    principal: Principal = request.state.principal
    return principal


def viewer_of(request: Request) -> Viewer:
    """Whose things this request sees and changes."""
    return Viewer.of(principal_of(request))


def owner_of(request: Request) -> str:
    """Whose request this is."""
    return principal_of(request).id


async def _studio(request: Request) -> Studio:
    return studio_of(request)


async def _conductor(request: Request) -> ConductorPort:
    return conductor_of(request)


async def _principal(request: Request) -> Principal:
    return principal_of(request)


async def _viewer(request: Request) -> Viewer:
    return viewer_of(request)


async def _space(viewer: ViewerDep, space: SpaceQuery = None) -> str | None:
    if space is not None and space not in viewer.spaces and not viewer.sees_all:
        raise NotFound(f"there is no space '{space}' that you are in: GET /spaces lists those", "space")
    return space


async def _owner(request: Request) -> str:
    return owner_of(request)


StudioDep = Annotated[Studio, Depends(_studio)]
ConductorDep = Annotated[ConductorPort, Depends(_conductor)]
PrincipalDep = Annotated[Principal, Depends(_principal)]
ViewerDep = Annotated[Viewer, Depends(_viewer)]
SpaceQuery = Annotated[
    str | None, Query(min_length=1, max_length=64, description="All of this space, which you are in")
]
SpaceDep = Annotated[str | None, Depends(_space)]
"""The space whose things a list is to have. Raises `NotFound` for one that they are not in."""
OwnerDep = Annotated[str, Depends(_owner)]
Before = Annotated[
    str | None, Query(max_length=64, pattern="^[!-~]+$", description="`next` of the previous page: an id, as these are")
]
