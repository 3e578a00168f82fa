"""/people: what the people whom one works with are called; and, for admins, who has signed in, their roles, and
whether they may come in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import StringConstraints

from router.api.deps import PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.people.people_schemas import ActiveBody, NamedBody, NamesBody, PeopleBody, PersonBody, RolesBody
from router.people.person import Person
from router.people.policy import OPERATE

routes = APIRouter(tags=["people"], responses=error_responses(403, 422))

PersonId = Annotated[str, Path(max_length=64, pattern="^[!-~]+$")]
_AnId = Annotated[str, StringConstraints(max_length=200, pattern="^[!-~]+$")]
Ids = Annotated[list[_AnId], Query(alias="id", min_length=1, max_length=100, description="Of somebody; repeat it")]


@routes.get("/people")
async def list_people(
    studio: StudioDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(max_length=64, pattern="^[!-~]*$", description="`next` of the page before")] = "",
) -> PeopleBody:
    """Everybody who has signed in, by id."""
    found = await studio.sign_in.people.people(after, limit + 1)
    return PeopleBody(people=tuple(map(_body, found[:limit])), next=found[limit - 1].id if len(found) > limit else None)


@routes.get("/people/names")
async def list_names(studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, ids: Ids) -> NamesBody:
    """What people are called: you, who is in a space with you or has left pictures there, and who has changed the
    library; for operators and admins, everybody. Others are left out, as if they were not there."""
    found = await studio.sign_in.people.names(ids, viewer, everybody=OPERATE.admits(principal))
    return NamesBody(people=tuple(NamedBody(id=one.id, name=one.name) for one in found))


@routes.put("/people/{person_id}/roles", responses=error_responses(404, 409))
async def set_roles(studio: StudioDep, principal: PrincipalDep, person_id: PersonId, body: RolesBody) -> PersonBody:
    """Give somebody just these roles, beside those that their token has. The last admin stays one."""
    return _body(await studio.sign_in.people.set_roles(person_id, frozenset(body.roles), studio.audit.sign(principal)))


@routes.patch("/people/{person_id}", responses=error_responses(404, 409))
async def set_active(studio: StudioDep, principal: PrincipalDep, person_id: PersonId, body: ActiveBody) -> PersonBody:
    """Let somebody in no more, or again. Their next request is refused, with whatever they show; jobs that they have
    begun go on, and their pictures stay."""
    return _body(await studio.sign_in.people.set_active(person_id, body.active, studio.audit.sign(principal)))


def _body(person: Person) -> PersonBody:
    return PersonBody(
        id=person.id,
        name=person.name,
        roles=tuple(sorted(person.roles)),
        given_roles=tuple(sorted(person.given)),
        active=person.deactivated_at is None,
        created_at=person.created_at,
        seen_at=person.seen_at,
    )
