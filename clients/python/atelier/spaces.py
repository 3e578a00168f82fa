"""Spaces: teams, who is in them, and what is drawn with for them; the questions, for both clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from atelier.calls import Call, reader, segment
from atelier.models.answers import Member as Member
from atelier.models.answers import Named, Names
from atelier.models.answers import Space as Space
from atelier.models.answers import SpaceAllowance as SpaceAllowance
from atelier.models.answers import SpaceDefaults as SpaceDefaults
from atelier.models.answers import SpaceFiles as SpaceFiles
from atelier.models.answers import SpaceGone as SpaceGone
from atelier.models.answers import SpaceList as SpaceList
from atelier.values import to_json, to_text


def _listed() -> Call[tuple[Space, ...]]:
    read = reader(SpaceList)
    return Call("GET", "/spaces", lambda response: read(response).spaces)


def _get(id: str) -> Call[Space]:
    return Call("GET", _path(id), reader(Space))


def _created(id: str, **said: Any) -> Call[Space]:
    return Call("POST", "/spaces", reader(Space), body=_said(id=id, **said))


def _changed(id: str, **said: Any) -> Call[Space]:
    return Call("PATCH", _path(id), reader(Space), body=_said(**said))


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


class AsyncSpaces:
    """The teams of a studio."""

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

    async def create(
        self,
        id: str,
        name: str = "",
        defaults: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Space:
        """Make one; for admins. `defaults` are asset_type, quality, model and brand_kit; `files` are formats, private,
        credentials and retention_days."""
        made: Space = await self._run(_created(id, name=name or None, defaults=defaults, files=files))
        return made

    async def change(
        self,
        id: str,
        *,
        name: str | None = None,
        defaults: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        archived: bool | None = None,
    ) -> Space:
        """Give it another name, other defaults or other files (all of either anew), archive it or take it into use
        again."""
        changed: Space = await self._run(_changed(id, name=name, defaults=defaults, files=files, archived=archived))
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
