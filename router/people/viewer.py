"""Whose things somebody sees and changes: what every store asks of who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from configs.errors import NotAllowed
from router.people.policy import Scope
from router.people.principal import Principal, Role
from router.people.tables import HOME


class Owned(Protocol):
    """What somebody has made, in a space. Rows of the database are such, too."""

    @property
    def owner(self) -> str: ...

    @property
    def space(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Viewer:
    """`owner` sees and changes what is theirs, and sees what is of their `spaces`; who `sees_all` changes it, too. What
    they make is put into `space`, and counted for the `key` or device that they use, too."""

    owner: str
    space: str = HOME
    spaces: frozenset[str] = frozenset()
    sees_all: bool = False
    key: str | None = None

    @classmethod
    def of(cls, principal: Principal) -> Viewer:
        """A principal's. Admins see all, unless the key that they use is not for that. `home` is no
        team: who is there sees nothing of others."""
        admin = principal.has(Role.ADMIN) if principal.scopes is None else _is_trusted(principal)
        return cls(principal.id, principal.space, principal.spaces - {HOME}, admin, principal.key)

    def sees(self, one: Owned) -> bool:
        """Whether something is there at all, for them."""
        return self.changes(one) or one.space in self.spaces

    def changes(self, one: Owned) -> bool:
        """Whether it is theirs to change."""
        return self.sees_all or one.owner == self.owner

    def check_change(self, one: Owned, name: str) -> None:
        """Of something that they see. Raises `NotAllowed`, naming whose it is."""
        if not self.changes(one):
            raise NotAllowed(f"{name} is {one.owner}'s: you may look at it, and they or an admin may change it")


def _is_trusted(principal: Principal) -> bool:
    admin = principal.has(Role.ADMIN) or Role.SERVICE in principal.roles
    return admin and Scope.ADMIN in (principal.scopes or ())


STUDIO = Viewer("", sees_all=True)
"""The studio itself, which works on whatever was accepted."""
