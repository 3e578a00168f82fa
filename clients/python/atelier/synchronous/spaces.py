"""Written by `python -m clients.generator.synchronous` from `spaces.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from atelier.calls import Call, reader
from atelier.models.answers import Named
from atelier.models.answers import Space as Space
from atelier.spaces import _changed, _created, _deleted, _get, _let_in, _listed, _member, _outside


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

    def create(
        self,
        id: str,
        name: str = "",
        defaults: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Space:
        """Make one; for admins. `defaults` are asset_type, quality, model and brand_kit; `files` are formats, private,
        credentials and retention_days."""
        made: Space = self._run(_created(id, name=name or None, defaults=defaults, files=files))
        return made

    def change(
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
        changed: Space = self._run(_changed(id, name=name, defaults=defaults, files=files, archived=archived))
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
