"""Bodies of spaces."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, StrictBool

from configs.frozen import Frozen
from configs.profile import ProfileConfig
from configs.schema import Identifier
from configs.text import Line
from router.people.spaces.model import NO_DEFAULTS, Defaults, MemberRole, Space, SpaceFiles
from router.people.spaces.retention import bounds_of, days_kept


class NewSpaceBody(Frozen):
    """A team."""

    id: Identifier = Field(description="Of small letters, digits, '.', '_' and '-'", examples=["brand"])
    name: Line = Field(default="", max_length=100, description="for people; the id if absent")
    defaults: Defaults = NO_DEFAULTS
    files: SpaceFiles | None = None


class SpaceChangeBody(Frozen):
    """What is left out stays as it is."""

    name: Line | None = Field(default=None, min_length=1, max_length=100)
    defaults: Defaults | None = Field(default=None, description="all of them: one that is left out is none")
    files: SpaceFiles | None = Field(
        default=None, description="all of it: what is left out is as usual, and as the profile says"
    )
    archived: StrictBool | None = Field(
        default=None, description="True: it can be looked at, and nothing new is made in it"
    )


class MemberWish(Frozen):
    """As what."""

    role: MemberRole = Field(default="member", description="a lead says who is in it, its defaults and its files")


class MemberBody(Frozen):
    """Somebody in a space."""

    principal: str
    name: str
    role: MemberRole


class SpaceAllowance(Frozen):
    """What the profile lets leads say in `files`."""

    least_retention_days: int
    most_retention_days: int
    unsigned: bool = Field(description="`credentials` may be false")


class SpaceBody(Frozen):
    """A team: who is in it, what is drawn with where its requests leave that open, and how its files are."""

    id: str
    name: str
    defaults: Defaults
    files: SpaceFiles
    retention_days: int | None = Field(
        default=None, description="For which drawn pictures are kept, as the profile and `files` say; they stay if null"
    )
    allowed: SpaceAllowance
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


def space_body(space: Space, profile: ProfileConfig) -> SpaceBody:
    """A space as it is answered."""
    bounds = bounds_of(profile, space.id)
    return SpaceBody(
        id=space.id,
        name=space.name,
        defaults=space.defaults,
        files=space.files,
        retention_days=days_kept(profile, space),
        allowed=SpaceAllowance(
            least_retention_days=bounds.least,
            most_retention_days=bounds.most,
            unsigned=profile.credentials.optional,
        ),
        members=tuple(MemberBody(principal=one.principal, name=one.name, role=one.role) for one in space.members),
        archived_at=space.archived_at,
        created_at=space.created_at,
    )
