"""Bodies of collections and share links."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field

from configs.frozen import Frozen
from router.api.links import link
from router.api.pictures.image_schemas import FoundImage, found_image
from router.assets.collections.model import MOST_AT_ONCE, Collection, Item
from router.assets.search.model import Listed
from router.assets.sharing.model import MOST_DAYS, ShareKind, ShareLink

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
Notes = Annotated[str, Field(max_length=5000, pattern=r"^[^\x00]*$")]
Pictures = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(min_length=1, max_length=MOST_AT_ONCE)
]


class NewCollection(Frozen):
    """A collection to begin."""

    name: Name
    notes: Notes = ""


class CollectionChange(Frozen):
    """What is absent stays."""

    name: Name | None = None
    notes: Notes | None = None


class ItemsBody(Frozen):
    """Pictures to add, or to move, in this order."""

    asset_ids: Pictures
    after: str | None = Field(
        default=None,
        max_length=64,
        description="a picture of it to stand behind; empty: before all; absent: last",
    )


class NoteBody(Frozen):
    """What is to be said of a picture in a collection."""

    note: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]


class CollectionBody(Frozen):
    """A collection, without its pictures."""

    id: str
    owner: str
    space: str
    name: str
    notes: str
    pictures: int = Field(description="how many there are in it")
    created_at: datetime
    changed_at: datetime


class ItemBody(Frozen):
    """A picture of a collection, with what is noted of it there."""

    image: FoundImage
    note: str


class CollectionWhole(CollectionBody):
    """A collection with its pictures, in order."""

    items: tuple[ItemBody, ...]


class CollectionsPage(Frozen):
    """Collections, newest first. `next` is the `before` of the next page, absent on the last."""

    collections: tuple[CollectionBody, ...]
    next: str | None = None


class NewLink(Frozen):
    """A link to make."""

    days: int = Field(default=7, ge=1, le=MOST_DAYS, description="until it expires")


class LinkBody(Frozen):
    """A link. Whoever has its `url` sees what it shows, without signing in."""

    id: str
    kind: ShareKind
    target: str
    url: str
    state: Literal["open", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class LinksBody(Frozen):
    """The links to a picture or a collection, newest first."""

    links: tuple[LinkBody, ...]


class SharedFile(Frozen):
    """A file of a shared picture."""

    media_type: str
    url: str
    size_bytes: int


class SharedImage(Frozen):
    """A picture as it is shared: what is seen of it, and nothing of how or by whom it was made."""

    width: int
    height: int
    note: str
    files: tuple[SharedFile, ...]


class SharedBody(Frozen):
    """What a link shows."""

    kind: ShareKind
    name: str = Field(description="of a collection")
    notes: str
    expires_at: datetime
    images: tuple[SharedImage, ...]


def collection_body(collection: Collection) -> CollectionBody:
    return CollectionBody(**_fields(collection))


def whole_collection(request: Request, collection: Collection, items: tuple[Item, ...]) -> CollectionWhole:
    shown = tuple(ItemBody(image=found_image(request, item.image), note=item.note) for item in items)
    return CollectionWhole(**_fields(collection), items=shown)


def _fields(collection: Collection) -> dict[str, Any]:
    return {name: getattr(collection, name) for name in CollectionBody.model_fields}


def link_body(request: Request, shared: ShareLink, now: datetime) -> LinkBody:
    state: Literal["open", "expired", "revoked"] = "open" if shared.expires_at > now else "expired"
    return LinkBody(
        id=shared.id,
        kind=shared.kind,
        target=shared.target,
        url=str(link(request, "shared", token=shared.token)),
        state="revoked" if shared.revoked_at is not None else state,
        created_at=shared.created_at,
        expires_at=shared.expires_at,
        revoked_at=shared.revoked_at,
    )


def shared_image(request: Request, token: str, image: Listed, note: str) -> SharedImage:
    """A picture as somebody sees it who has the link `token`."""
    files = tuple(
        SharedFile(
            media_type=file.media_type,
            url=str(link(request, "shared_file", token=token, asset_id=image.id, rendition=file.rendition)),
            size_bytes=file.size_bytes,
        )
        for file in image.files
    )
    return SharedImage(width=image.width, height=image.height, note=note, files=files)
