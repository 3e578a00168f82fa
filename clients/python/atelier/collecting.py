"""Collections of pictures, and links that show them, or a picture, to whoever has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from atelier.calls import Call, page_params, reader, segment
from atelier.gallery import AnyImage, FoundImage, id_of
from atelier.models import Body
from atelier.values import to_json, to_text


class CollectionItem(Body):
    """A picture of a collection, with what is noted of it there."""

    image: FoundImage
    note: str


class Collection(Body):
    """A collection; `items` are its pictures in order, where one is asked for."""

    id: str
    owner: str
    space: str
    name: str
    notes: str
    pictures: int
    created_at: datetime
    changed_at: datetime
    items: tuple[CollectionItem, ...] = ()


class ShareLink(Body):
    """What shows `target` to whoever has its `url`; `state` is open, expired or revoked."""

    id: str
    kind: str
    target: str
    url: str
    state: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class _Collections(Body):
    collections: tuple[Collection, ...]
    next: str | None = None


class _Links(Body):
    links: tuple[ShareLink, ...]


AnyCollection = Collection | str
Shared = Collection | AnyImage
"""A collection, or a picture; ids of collections begin with `col_`."""


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


class AsyncCollections:
    """`Collections`, awaited."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def list(self, limit: int = 50, before: str | None = None) -> tuple[Collection, ...]:
        """See `Collections.list`."""
        found: tuple[Collection, ...] = await self._run(_list(limit, before))
        return found

    async def get(self, collection: AnyCollection) -> Collection:
        """See `Collections.get`."""
        found: Collection = await self._run(Call("GET", _path(collection), reader(Collection)))
        return found

    async def create(self, name: str, notes: str = "") -> Collection:
        """See `Collections.create`."""
        made: Collection = await self._run(_create(name, notes))
        return made

    async def change(
        self, collection: AnyCollection, *, name: str | None = None, notes: str | None = None
    ) -> Collection:
        """See `Collections.change`."""
        changed: Collection = await self._run(_change(collection, name, notes))
        return changed

    async def delete(self, collection: AnyCollection) -> None:
        """See `Collections.delete`."""
        await self._run(Call("DELETE", _path(collection), lambda _: None))

    async def put(
        self, collection: AnyCollection, images: Sequence[AnyImage], *, after: AnyImage | None = None
    ) -> Collection:
        """See `Collections.put`."""
        changed: Collection = await self._run(_put(collection, images, after))
        return changed

    async def note(self, collection: AnyCollection, image: AnyImage, note: str) -> None:
        """See `Collections.note`."""
        await self._run(_note(collection, image, note))

    async def remove(self, collection: AnyCollection, image: AnyImage) -> None:
        """See `Collections.remove`."""
        await self._run(Call("DELETE", _item(collection, image), lambda _: None))

    async def share(self, what: Shared, days: int = 7) -> ShareLink:
        """See `Collections.share`."""
        made: ShareLink = await self._run(_share(what, days))
        return made

    async def links(self, what: Shared) -> tuple[ShareLink, ...]:
        """See `Collections.links`."""
        found: tuple[ShareLink, ...] = await self._run(_links(what))
        return found

    async def revoke(self, link: ShareLink | str) -> None:
        """See `Collections.revoke`."""
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
