"""Spaces: teams, who is in them, and what is drawn with for them; the questions, for both clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from atelier.calls import Call, reader, segment
from atelier.models import Body
from atelier.models.people import Named, Names
from atelier.values import to_json, to_text


class SpaceDefaults(Body):
    """What requests of a space that leave it open are drawn with."""

    asset_type: str | None = None
    quality: str | None = None
    model: str | None = None
    brand_kit: str | None = None


class Member(Body):
    """Somebody in a space; a `lead` says who else is."""

    principal: str
    name: str
    role: str


class Space(Body):
    """A team. One that is archived can be looked at, and nothing new is made in it."""

    id: str
    name: str
    defaults: SpaceDefaults
    members: tuple[Member, ...]
    archived_at: datetime | None = None
    created_at: datetime


class SpaceList(Body):
    """Spaces, by id."""

    spaces: tuple[Space, ...]


class SpaceGone(Body):
    """What became of a space that was to be deleted."""

    id: str
    deleted: bool


def _listed() -> Call[tuple[Space, ...]]:
    read = reader(SpaceList)
    return Call("GET", "/spaces", lambda response: read(response).spaces)


def _get(id: str) -> Call[Space]:
    return Call("GET", _path(id), reader(Space))


def _created(id: str, name: str, defaults: Mapping[str, str] | None) -> Call[Space]:
    return Call("POST", "/spaces", reader(Space), body=_said(id=id, name=name or None, defaults=defaults))


def _changed(id: str, name: str | None, defaults: Mapping[str, str] | None, archived: bool | None) -> Call[Space]:
    return Call("PATCH", _path(id), reader(Space), body=_said(name=name, defaults=defaults, archived=archived))


def _deleted(id: str) -> Call[bool]:
    read = reader(SpaceGone)
    return Call("DELETE", _path(id), lambda response: read(response).deleted)


def _let_in(id: str, principal: str, role: str) -> Call[Space]:
    return Call("PUT", _member(id, principal), reader(Space), body=_said(role=role))


def _outside(id: str, name: str) -> Call[tuple[Named, ...]]:
    read = reader(Names)
    params = {"name": to_text(name, "name")}
    return Call("GET", f"{_path(id)}/people", lambda response: read(response).people, params=params)


def _said(**said: Any) -> dict[str, Any]:
    return {name: to_json(value, name) for name, value in said.items() if value is not None}


def _path(id: str) -> str:
    return f"/spaces/{segment(id)}"


def _member(id: str, principal: str) -> str:
    return f"{_path(id)}/members/{segment(principal)}"


class Spaces:
    """The teams of a studio."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def list(self) -> tuple[Space, ...]:
        """Those that you are in; of an admin, all."""
        found: tuple[Space, ...] = self._run(_listed())
        return found

    def get(self, id: str) -> Space:
        """One of them."""
        found: Space = self._run(_get(id))
        return found

    def create(self, id: str, name: str = "", defaults: Mapping[str, str] | None = None) -> Space:
        """Make one; for admins. `defaults` are asset_type, quality, model and brand_kit."""
        made: Space = self._run(_created(id, name, defaults))
        return made

    def change(
        self,
        id: str,
        *,
        name: str | None = None,
        defaults: Mapping[str, str] | None = None,
        archived: bool | None = None,
    ) -> Space:
        """Give it another name or other defaults (all of them anew), archive it or take it into use again."""
        changed: Space = self._run(_changed(id, name, defaults, archived))
        return changed

    def delete(self, id: str) -> bool:
        """Whether it is gone: one in which something was made is archived in place."""
        gone: bool = self._run(_deleted(id))
        return gone

    def find(self, id: str, name: str = "") -> tuple[Named, ...]:
        """People whom you could let in, the first twenty by name; `name` is how a word of it begins. For its leads."""
        found: tuple[Named, ...] = self._run(_outside(id, name))
        return found

    def let_in(self, id: str, principal: str, role: str = "member") -> Space:
        """Let somebody in, as `member` or `lead`."""
        changed: Space = self._run(_let_in(id, principal, role))
        return changed

    def take_out(self, id: str, principal: str) -> Space:
        """Let somebody see it no more."""
        changed: Space = self._run(Call("DELETE", _member(id, principal), reader(Space)))
        return changed


class AsyncSpaces:
    """`Spaces`, awaited."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def list(self) -> tuple[Space, ...]:
        """Those that you are in; of an admin, all."""
        found: tuple[Space, ...] = await self._run(_listed())
        return found

    async def get(self, id: str) -> Space:
        """One of them."""
        found: Space = await self._run(_get(id))
        return found

    async def create(self, id: str, name: str = "", defaults: Mapping[str, str] | None = None) -> Space:
        """Make one; for admins. `defaults` are asset_type, quality, model and brand_kit."""
        made: Space = await self._run(_created(id, name, defaults))
        return made

    async def change(
        self,
        id: str,
        *,
        name: str | None = None,
        defaults: Mapping[str, str] | None = None,
        archived: bool | None = None,
    ) -> Space:
        """Give it another name or other defaults (all of them anew), archive it or take it into use again."""
        changed: Space = await self._run(_changed(id, name, defaults, archived))
        return changed

    async def delete(self, id: str) -> bool:
        """Whether it is gone: one in which something was made is archived in place."""
        gone: bool = await self._run(_deleted(id))
        return gone

    async def find(self, id: str, name: str = "") -> tuple[Named, ...]:
        """People whom you could let in, the first twenty by name; `name` is how a word of it begins. For its leads."""
        found: tuple[Named, ...] = await self._run(_outside(id, name))
        return found

    async def let_in(self, id: str, principal: str, role: str = "member") -> Space:
        """Let somebody in, as `member` or `lead`."""
        changed: Space = await self._run(_let_in(id, principal, role))
        return changed

    async def take_out(self, id: str, principal: str) -> Space:
        """Let somebody see it no more."""
        changed: Space = await self._run(Call("DELETE", _member(id, principal), reader(Space)))
        return changed
