"""Who may look at a space, who may change it, and in which one somebody works."""

from __future__ import annotations

from dataclasses import replace

from configs.errors import NotAllowed, NotFound
from router.people.principal import Principal
from router.people.spaces.model import Space
from router.people.spaces.store import SpaceStore
from router.people.viewer import Viewer

HEADER = "X-Atelier-Space"
"""With it a request says for which space it works."""


async def find_seen(spaces: SpaceStore, principal: Principal, id: str) -> Space:
    """A space that somebody is in, or any for an admin. Raises `NotFound`."""
    space = await spaces.space(id)
    if not Viewer.of(principal).sees_all and space.role_of(principal.id) is None:
        raise NotFound(f"there is no space '{id}'", "id")
    return space


async def check_lead(spaces: SpaceStore, principal: Principal, id: str) -> None:
    """Raises `NotFound` as `find_seen`, and `NotAllowed` for who is in the space and does not lead it."""
    space = await find_seen(spaces, principal, id)
    if not Viewer.of(principal).sees_all and space.role_of(principal.id) != "lead":
        leads = ", ".join(one.name for one in space.members if one.role == "lead")
        raise NotAllowed(f"leads of '{id}' may do this: ask {leads or 'an admin, who can name one'}")


async def work_for(spaces: SpaceStore, principal: Principal, id: str) -> Principal:
    """The same principal at work for a space that they are in; of an admin, for any. Raises `NotAllowed`."""
    refused = NotAllowed(f"you are not in a space '{id[:64]}': GET /spaces lists those that you are in", HEADER)
    if id in principal.spaces:
        return replace(principal, space=id)
    if not (id.isascii() and id.isprintable() and Viewer.of(principal).sees_all):
        raise refused
    try:
        return replace(principal, space=(await spaces.known(id)).id)
    except NotFound:
        raise refused from None
