"""Collections of pictures, and links that show them, or a picture, to whoever has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from atelier.calls import Call, page_params, reader, segment
from atelier.gallery import AnyImage, id_of
from atelier.models.answers import Collection as Collection
from atelier.models.answers import CollectionItem as CollectionItem
from atelier.models.answers import CollectionsPage as _Collections
from atelier.models.answers import Links as _Links
from atelier.models.answers import ShareLink as ShareLink
from atelier.values import to_json, to_text

AnyCollection = Collection | str
Shared = Collection | AnyImage
"""A collection, or a picture; ids of collections begin with `col_`."""


class AsyncCollections:
    """Your collections and those of your spaces; and links."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def list(self, limit: int = 50, before: str | None = None) -> tuple[Collection, ...]:
        """The newest; `before` is the id of the last one of the page before."""
        found: tuple[Collection, ...] = await self._run(_list(limit, before))
        return found

    async def get(self, collection: AnyCollection) -> Collection:
        """One, with its pictures."""
        found: Collection = await self._run(Call("GET", _path(collection), reader(Collection)))
        return found

    async def create(self, name: str, notes: str = "") -> Collection:
        """Begin one."""
        made: Collection = await self._run(_create(name, notes))
        return made

    async def change(
        self, collection: AnyCollection, *, name: str | None = None, notes: str | None = None
    ) -> Collection:
        """Give it another name, or other notes."""
        changed: Collection = await self._run(_change(collection, name, notes))
        return changed

    async def delete(self, collection: AnyCollection) -> None:
        """Delete it; its pictures stay."""
        await self._run(Call("DELETE", _path(collection), lambda _: None))

    async def put(
        self, collection: AnyCollection, images: Sequence[AnyImage], *, after: AnyImage | None = None
    ) -> Collection:
        """Add pictures, or move them, behind `after` (`""`: to the beginning; None: to the end)."""
        changed: Collection = await self._run(_put(collection, images, after))
        return changed

    async def note(self, collection: AnyCollection, image: AnyImage, note: str) -> None:
        """Say something of one of its pictures."""
        await self._run(_note(collection, image, note))

    async def remove(self, collection: AnyCollection, image: AnyImage) -> None:
        """Take a picture out of it."""
        await self._run(Call("DELETE", _item(collection, image), lambda _: None))

    async def share(self, what: Shared, days: int = 7) -> ShareLink:
        """Make a link to a collection or a picture of yours."""
        made: ShareLink = await self._run(_share(what, days))
        return made

    async def links(self, what: Shared) -> tuple[ShareLink, ...]:
        """The links to it, newest first."""
        found: tuple[ShareLink, ...] = await self._run(_links(what))
        return found

    async def revoke(self, link: ShareLink | str) -> None:
        """Have a link show nothing from now on."""
        await self._run(_revoke(link))


def _list(limit: int, before: str | None) -> Call[tuple[Collection, ...]]:
    read = reader(_Collections)
    params = page_params(limit, before)
    return Call("GET", "/collections", lambda response: read(response).collections, params=params)


def _create(name: str, notes: str) -> Call[Collection]:
    body = {"name": to_text(name, "name"), "notes": to_text(notes, "notes")}
    return Call("POST", "/collections", reader(Collection), body=body)


def _change(collection: AnyCollection, name: str | None, notes: str | None) -> Call[Collection]:
    asked = {"name": name, "notes": notes}
    body = {field: to_text(value, field) for field, value in asked.items() if value is not None}
    return Call("PATCH", _path(collection), reader(Collection), body=body)


def _put(collection: AnyCollection, images: Sequence[AnyImage], after: AnyImage | None) -> Call[Collection]:
    body: dict[str, Any] = {"asset_ids": to_json([id_of(image) for image in images], "images")}
    if after is not None:
        body["after"] = after if isinstance(after, str) else id_of(after)
    return Call("POST", f"{_path(collection)}/items", reader(Collection), body=body)


def _note(collection: AnyCollection, image: AnyImage, note: str) -> Call[None]:
    return Call("PATCH", _item(collection, image), lambda _: None, body={"note": to_text(note, "note")})


def _share(what: Shared, days: int) -> Call[ShareLink]:
    return Call("POST", f"{_shared(what)}/links", reader(ShareLink), body={"days": to_json(days, "days")})


def _links(what: Shared) -> Call[tuple[ShareLink, ...]]:
    read = reader(_Links)
    return Call("GET", f"{_shared(what)}/links", lambda response: read(response).links)


def _revoke(link: ShareLink | str) -> Call[None]:
    return Call("DELETE", f"/links/{segment(link if isinstance(link, str) else link.id)}", lambda _: None)


def _path(collection: AnyCollection) -> str:
    return f"/collections/{segment(collection if isinstance(collection, str) else collection.id)}"


def _item(collection: AnyCollection, image: AnyImage) -> str:
    return f"{_path(collection)}/items/{segment(id_of(image))}"


def _shared(what: Shared) -> str:
    if isinstance(what, Collection):
        return _path(what)
    if isinstance(what, str) and what.startswith("col_"):
        return _path(what)
    return f"/images/{segment(id_of(what))}"
