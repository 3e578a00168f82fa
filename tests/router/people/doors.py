"""A door for tests: who asks is what a table says, so that a studio can be asked by several people."""

from __future__ import annotations

from starlette.requests import Request

from configs.errors import NotSignedIn
from router.people.principal import Principal


class TableDoor:
    """Knows principals by the bearer token that they show: their ids."""

    def __init__(self, *known: Principal) -> None:
        self.known = {principal.id: principal for principal in known}

    async def __call__(self, request: Request) -> Principal:
        shown = request.headers.get("authorization")
        if shown is None:
            raise NotSignedIn("sign in first")
        found = self.known.get(shown.removeprefix("Bearer "))
        if found is None:
            raise NotSignedIn("that token is nobody's", refused=True)
        return found


def showing(name: str) -> dict[str, str]:
    """The header of who shows this token."""
    return {"Authorization": f"Bearer {name}"}
