"""Bodies of spaces."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, StrictBool

from configs.schema import Frozen, Identifier
from configs.text import Line
from router.people.spaces.model import Defaults, MemberRole, Space


class NewSpaceBody(Frozen):
    """A team."""

    id: Identifier = Field(description="Of small letters, digits, '.', '_' and '-'", examples=["brand"])
    name: Line = Field(default="", max_length=100, description="for people; the id if absent")
    defaults: Defaults = Defaults()


class SpaceChangeBody(Frozen):
    """What is left out stays as it is."""

    name: Line | None = Field(default=None, min_length=1, max_length=100)
    defaults: Defaults | None = Field(default=None, description="all of them: one that is left out is none")
    archived: StrictBool | None = Field(
        default=None, description="True: it can be looked at, and nothing new is made in it"
    )


class MemberWish(Frozen):
    """As what."""

    role: MemberRole = Field(default="member", description="a lead says who is in the space, and its defaults")


class MemberBody(Frozen):
    """Somebody in a space."""

    principal: str
    name: str
    role: MemberRole


class SpaceBody(Frozen):
    """A team: who is in it, and what is drawn with where its requests leave that open."""

    id: str
    name: str
    defaults: Defaults
    members: tuple[MemberBody, ...]
    archived_at: datetime | None = None
    created_at: datetime


class SpacesBody(Frozen):
    """Spaces, by id."""

    spaces: tuple[SpaceBody, ...]


class SpaceGone(Frozen):
    """What became of a space that was to be deleted."""

    id: str
    deleted: bool = Field(description="False: pictures were made in it, so that it is archived in place")


def space_body(space: Space) -> SpaceBody:
    """A space as it is answered."""
    return SpaceBody(
        id=space.id,
        name=space.name,
        defaults=space.defaults,
        members=tuple(MemberBody(principal=one.principal, name=one.name, role=one.role) for one in space.members),
        archived_at=space.archived_at,
        created_at=space.created_at,
    )
