"""Who asks: one `Principal`, made at the door from whatever a request brings, and handed down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from router.people.tables import HOME

How: TypeAlias = Literal["dev", "oidc", "key", "device"]


class Role(StrEnum):
    """What somebody is trusted with. A role holds nothing of another one; people have several."""

    DESIGNER = "designer"
    """Draws, keeps, shares and downloads pictures."""
    EVALUATOR = "evaluator"
    """Votes, compares, and runs experiments."""
    BRAND_ENGINEER = "brand_engineer"
    """Changes the library: LoRAs, asset types, brand kits, champions."""
    OPERATOR = "operator"
    """Sees what runs where, sets limits, and records licences."""
    ADMIN = "admin"
    """Gives roles, and sees everything of everybody."""
    SERVICE = "service"
    """A program with a key of its own: as much as its scopes say."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody, or a program, for one request. `space` is the team it works for now, `spaces` all that it belongs to;
    `scopes` narrow what its roles allow (None: they do not); `key` is the id of the API key or device that it uses."""

    id: str
    name: str
    roles: frozenset[Role]
    space: str = HOME
    spaces: frozenset[str] = frozenset((HOME,))
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    how: How = "dev"
    key: str | None = None

    def has(self, role: Role) -> bool:
        """An admin has every role."""
        return role in self.roles or Role.ADMIN in self.roles


def developer(id: str) -> Principal:
    """Who works on a laptop without sign-in: may do everything, in `home`."""
    return Principal(id, "Developer", frozenset(Role))
