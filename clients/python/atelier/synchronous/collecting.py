"""Written by `python -m clients.generator.synchronous` from `collecting.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from atelier.calls import Call, reader
from atelier.collecting import (
    AnyCollection,
    Shared,
    _change,
    _create,
    _item,
    _links,
    _list,
    _note,
    _path,
    _put,
    _revoke,
    _share,
)
from atelier.gallery import AnyImage
from atelier.models.answers import Collection as Collection
from atelier.models.answers import ShareLink as ShareLink


class Collections:
    """Your collections and those of your spaces; and links."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def list(self, limit: int = 50, before: str | None = None) -> tuple[Collection, ...]:
        """The newest; `before` is the id of the last one of the page before."""
        found: tuple[Collection, ...] = self._run(_list(limit, before))
        return found

    def get(self, collection: AnyCollection) -> Collection:
        """One, with its pictures."""
        found: Collection = self._run(Call("GET", _path(collection), reader(Collection)))
        return found

    def create(self, name: str, notes: str = "") -> Collection:
        """Begin one."""
        made: Collection = self._run(_create(name, notes))
        return made

    def change(self, collection: AnyCollection, *, name: str | None = None, notes: str | None = None) -> Collection:
        """Give it another name, or other notes."""
        changed: Collection = self._run(_change(collection, name, notes))
        return changed

    def delete(self, collection: AnyCollection) -> None:
        """Delete it; its pictures stay."""
        self._run(Call("DELETE", _path(collection), lambda _: None))

    def put(
        self, collection: AnyCollection, images: Sequence[AnyImage], *, after: AnyImage | None = None
    ) -> Collection:
        """Add pictures, or move them, behind `after` (`""`: to the beginning; None: to the end)."""
        changed: Collection = self._run(_put(collection, images, after))
        return changed

    def note(self, collection: AnyCollection, image: AnyImage, note: str) -> None:
        """Say something of one of its pictures."""
        self._run(_note(collection, image, note))

    def remove(self, collection: AnyCollection, image: AnyImage) -> None:
        """Take a picture out of it."""
        self._run(Call("DELETE", _item(collection, image), lambda _: None))

    def share(self, what: Shared, days: int = 7) -> ShareLink:
        """Make a link to a collection or a picture of yours."""
        made: ShareLink = self._run(_share(what, days))
        return made

    def links(self, what: Shared) -> tuple[ShareLink, ...]:
        """The links to it, newest first."""
        found: tuple[ShareLink, ...] = self._run(_links(what))
        return found

    def revoke(self, link: ShareLink | str) -> None:
        """Have a link show nothing from now on."""
        self._run(_revoke(link))
