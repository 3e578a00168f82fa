"""As whom somebody votes: as themselves, once people sign in."""

from __future__ import annotations

from configs.errors import NotAllowed
from router.people.principal import Principal, Role


def rater_of(principal: Principal, said: str | None) -> str:
    """The rater of a request that names one, or none. On a laptop anybody may be named, and by admins and programs that
    bring votes of others. Raises `NotAllowed`."""
    if said is None or said == principal.id:
        return principal.id
    if principal.how != "dev" and not principal.has(Role.SERVICE):
        raise NotAllowed("you vote as who you are signed in as: leave `rater` out", "rater")
    return said
