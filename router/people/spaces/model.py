"""The vocabulary of spaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from configs.experiments import Pinned
from configs.frozen import Frozen
from configs.schema import Identifier
from router.storage.documents import Document

MemberRole: TypeAlias = Literal["member", "lead"]
"""A lead says who is in the space and what its defaults are; a member sees what is in it."""


class Defaults(Frozen):
    """What requests of a space that leave it open are drawn with."""

    asset_type: Pinned | None = None
    quality: Identifier | None = None
    model: Identifier | None = None
    brand_kit: Pinned | None = Field(default=None, description="An id of GET /brand: the space's own kit")


NO_DEFAULTS = Defaults()
DEFAULTS: Document[Defaults] = Document("defaults of a space", Defaults)


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
    created_at: datetime
    archived_at: datetime | None
    members: tuple[Member, ...] = ()

    def role_of(self, principal: str) -> MemberRole | None:
        """None for who is not in it."""
        return next((one.role for one in self.members if one.principal == principal), None)
