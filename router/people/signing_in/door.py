"""The door: what makes a `Principal` of what a request shows, whatever an installation signs people in with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request

from router.people.principal import Principal, developer

Door: TypeAlias = Callable[[Request], Awaitable[Principal]]
"""Says who asks. Raises `NotSignedIn` for what proves nothing; `NotAllowed` for somebody who is known and may not come
in; `StoreUnavailable` and `IssuerUnavailable` while it cannot be told."""


def developers_door(owner: str) -> Door:
    """Everybody is the same developer, whatever they show. For a studio that only its own machine can reach."""
    principal = developer(owner)

    async def enter(_: Request) -> Principal:
        return principal

    return enter
