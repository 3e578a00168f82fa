"""The vocabulary of spaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field, StrictBool

from configs.contracts import Pinned
from configs.formats import Format
from configs.frozen import Frozen
from configs.retention import Days
from configs.schema import Identifier
from router.storage.documents import Document

MemberRole: TypeAlias = Literal["member", "lead"]
"""A lead says who is in the space, what its defaults are and how its files are; a member sees what is in it."""


class Defaults(Frozen):
    """What requests of a space that leave it open are drawn with."""

    asset_type: Pinned | None = None
    quality: Identifier | None = None
    model: Identifier | None = None
    brand_kit: Pinned | None = Field(default=None, description="An id of GET /brand: the space's own kit")


NO_DEFAULTS = Defaults()
DEFAULTS: Document[Defaults] = Document("defaults of a space", Defaults)


class SpaceFiles(Frozen):
    """How the files of a space are written where a request does not say, and for how long its pictures are kept."""

    formats: tuple[Format, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=10,
        description="In place of the asset type's; of these, svg and pdf only where that is flat art",
    )
    private: StrictBool = Field(default=False, description="Keep prompts out of the files")
    credentials: StrictBool = Field(
        default=True, description="False: files are not signed, where the profile says `credentials: {optional: true}`"
    )
    retention_days: Days | None = Field(
        default=None,
        description="Older drawn pictures go, but for those that somebody starred, collected or shared; what the "
        "profile says if absent",
    )


USUAL_FILES = SpaceFiles()
FILES: Document[SpaceFiles] = Document("files of a space", SpaceFiles)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a space. `role` is member or lead; an older `admin` is a lead."""

    principal: str
    name: str
    role: MemberRole


@dataclass(frozen=True, slots=True)
class Space:
    """A team. One that is archived can be looked at, and nothing new is made in it."""

    id: str
    name: str
    defaults: Defaults
    files: SpaceFiles
    created_at: datetime
    archived_at: datetime | None
    members: tuple[Member, ...] = ()

    def role_of(self, principal: str) -> MemberRole | None:
        """None for who is not in it."""
        return next((one.role for one in self.members if one.principal == principal), None)


@dataclass(frozen=True, slots=True)
class SpaceChange:
    """What a space is to be; what is None stays as it is."""

    name: str | None = None
    defaults: Defaults | None = None
    files: SpaceFiles | None = None
