"""/spaces: teams, who is in them, and what is drawn with for them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.links import link
from router.api.people.people_schemas import NamedBody, NamesBody
from router.api.people.space_schemas import (
    MemberWish,
    NewSpaceBody,
    SpaceBody,
    SpaceChangeBody,
    SpaceGone,
    SpacesBody,
    space_body,
)
from router.people.spaces.access import check_lead, find_seen
from router.people.spaces.checking import check_defaults, check_files
from router.people.viewer import Viewer

routes = APIRouter(prefix="/spaces", tags=["spaces"], responses=error_responses(403, 404, 409, 422))

Id = Annotated[str, Path(min_length=1, max_length=64, pattern="^[!-~]+$", description="of a space")]
Somebody = Annotated[str, Path(min_length=1, max_length=200, pattern="^[!-~]+$", description="of a principal")]


@routes.get("")
async def list_spaces(studio: StudioDep, principal: PrincipalDep) -> SpacesBody:
    """The spaces that you are in; of an admin, all."""
    of = None if Viewer.of(principal).sees_all else principal.id
    profile = studio.installation.profile
    return SpacesBody(spaces=tuple(space_body(one, profile) for one in await studio.spaces.spaces(of)))


@routes.post("", status_code=201)
async def create_space(
    request: Request, response: Response, studio: StudioDep, principal: PrincipalDep, body: NewSpaceBody
) -> SpaceBody:
    """Make a space, with nobody in it yet."""
    check_defaults(body.defaults, studio.installation)
    check_files(body.files, body.id, studio.installation.profile)
    by = studio.audit.sign(principal)
    space = await studio.spaces.create(body.id, body.name or body.id, body.defaults, body.files, by)
    response.headers["Location"] = link(request, "read_space", id=space.id).path
    return space_body(space, studio.installation.profile)


@routes.get("/{id}")
async def read_space(studio: StudioDep, principal: PrincipalDep, id: Id) -> SpaceBody:
    """One space."""
    return space_body(await find_seen(studio.spaces, principal, id), studio.installation.profile)


@routes.patch("/{id}")
async def change_space(studio: StudioDep, principal: PrincipalDep, id: Id, body: SpaceChangeBody) -> SpaceBody:
    """Change its name, what is drawn with, or how its files are; archive it, or take it into use again."""
    await check_lead(studio.spaces, principal, id)
    check_defaults(body.defaults, studio.installation)
    check_files(body.files, id, studio.installation.profile)
    by = studio.audit.sign(principal)
    space = await studio.spaces.change(id, body.name, body.defaults, body.files, by)
    if body.archived is not None:
        space = await studio.spaces.archive(id, body.archived, by)
    return space_body(space, studio.installation.profile)


@routes.delete("/{id}")
async def delete_space(studio: StudioDep, principal: PrincipalDep, id: Id) -> SpaceGone:
    """Delete a space in which nothing was ever made; another is archived, and its pictures stay."""
    return SpaceGone(id=id, deleted=await studio.spaces.remove(id, studio.audit.sign(principal)) is None)


@routes.get("/{id}/people")
async def find_people(
    studio: StudioDep,
    principal: PrincipalDep,
    id: Id,
    name: Annotated[str, Query(max_length=100, description="How a word of their name begins, or their id")] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> NamesBody:
    """People who are not in the space and may be let in, by name; for its leads."""
    await check_lead(studio.spaces, principal, id)
    found = await studio.sign_in.people.outside(id, name.strip(), limit)
    return NamesBody(people=tuple(NamedBody(id=one.id, name=one.name) for one in found))


@routes.put("/{id}/members/{principal_id}")
async def put_member(
    studio: StudioDep, principal: PrincipalDep, id: Id, principal_id: Somebody, body: MemberWish | None = None
) -> SpaceBody:
    """Let somebody into the space, or make them its lead."""
    await check_lead(studio.spaces, principal, id)
    role = (body or MemberWish()).role
    space = await studio.spaces.put_member(id, principal_id, role, studio.audit.sign(principal))
    return space_body(space, studio.installation.profile)


@routes.delete("/{id}/members/{principal_id}")
async def remove_member(studio: StudioDep, principal: PrincipalDep, id: Id, principal_id: Somebody) -> SpaceBody:
    """Let somebody see the space no more. What they made in it stays there."""
    await check_lead(studio.spaces, principal, id)
    space = await studio.spaces.remove_member(id, principal_id, studio.audit.sign(principal))
    return space_body(space, studio.installation.profile)
