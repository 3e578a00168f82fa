"""People as they are kept: who they are to their issuer, and what they are trusted with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from router.people.principal import How, Principal, Role
from router.people.tables import HOME


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom an issuer vouches for. `subject` never changes: an issuer's own number, never an address."""

    subject: str
    name: str
    roles: frozenset[Role]

    @property
    def id(self) -> str:
        """Of the principal: always the same for the same subject."""
        return f"user_{hashlib.sha256(self.subject.encode()).hexdigest()[:24]}"


@dataclass(frozen=True, slots=True)
class Named:
    """What others are told of somebody."""

    id: str
    name: str

    def is_called(self, said: str) -> bool:
        """Whether a word of their name begins like this, in whatever case, or it is their id."""
        return said == self.id or f" {said}".casefold() in f" {self.name}".casefold()


@dataclass(frozen=True, slots=True)
class Person:
    """A row of `principals`. `given` are roles that an admin has given, `told` those that the last token had."""

    id: str
    name: str
    given: frozenset[Role]
    told: frozenset[Role]
    created_at: datetime
    subject: str | None = None
    seen_at: datetime | None = None
    deactivated_at: datetime | None = None
    spaces: frozenset[str] = frozenset((HOME,))

    @property
    def roles(self) -> frozenset[Role]:
        return self.given | self.told

    def principal(self, how: How, scopes: frozenset[str] | None = None, key: str | None = None) -> Principal:
        """For one request."""
        space = HOME if HOME in self.spaces or not self.spaces else min(self.spaces)
        return Principal(
            self.id, self.name, self.roles, space=space, spaces=self.spaces, scopes=scopes, how=how, key=key
        )


def write_roles(roles: frozenset[Role]) -> str:
    """As a column has them."""
    return " ".join(sorted(roles))


def read_roles(text: str) -> frozenset[Role]:
    """A role that this release does not know is none."""
    known = {role.value: role for role in Role}
    return frozenset(known[one] for one in text.split() if one in known)
