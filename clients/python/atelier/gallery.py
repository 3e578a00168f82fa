"""Pictures found again: searched, counted, kept, tagged, deleted; and what came of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.models import Image, Picture
from atelier.models.answers import Analytics as Analytics
from atelier.models.answers import Facets as Facets
from atelier.models.answers import FacetValue as FacetValue
from atelier.models.answers import FoundImage as FoundImage
from atelier.models.answers import ImagesPage as _Page
from atelier.models.answers import Recipe as Recipe
from atelier.models.answers import RecipeInput as RecipeInput
from atelier.models.answers import RecipeParent as RecipeParent
from atelier.models.answers import Tags as _Tags
from atelier.models.answers import TimeSaved as TimeSaved
from atelier.models.answers import UsageDay as UsageDay
from atelier.values import to_json, to_text


class Search(TypedDict, total=False):
    """What narrows a search. `product`, `internal` and `reference` are verdicts: allowed, conditional, refused;
    `colour` finds near ones; `since` and `until` are days or times, `tag` one or several."""

    asset_type: str | None
    quality: str | None
    model: str | None
    lora: str | None
    licence: str | None
    reference: str | None
    internal: str | None
    product: str | None
    favourite: bool | None
    tag: str | Sequence[str] | None
    colour: str | None
    since: date | datetime | str | None
    until: date | datetime | str | None
    space: str | None
    owner: str | None
    kind: str | None
    collection: str | None


AnyImage = FoundImage | Image | Picture | str
"""A picture, or its asset_id."""


class AsyncGallery:
    """All pictures that you may see."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    def search(
        self, words: str = "", *, sort: str = "newest", page_size: int = 50, **wish: Unpack[Search]
    ) -> AsyncIterator[FoundImage]:
        """Those that have all the words, newest first or `oldest`; pages are fetched as they are needed."""
        return self._pages("/images", _asked(words, wish) | {"sort": sort, "limit": page_size})

    def history(self, words: str = "", *, page_size: int = 50, **wish: Unpack[Search]) -> AsyncIterator[FoundImage]:
        """Those that you have drawn, newest first."""
        return self._pages("/history", _asked(words, wish) | {"limit": page_size})

    def deleted(self, page_size: int = 50) -> AsyncIterator[FoundImage]:
        """Those that you have deleted, and that can be restored."""
        return self._pages("/images", {"deleted": "true", "limit": page_size})

    async def facets(self, words: str = "", **wish: Unpack[Search]) -> Facets:
        """How many there are of each asset type, model, LoRA, licence, tag and month."""
        facets: Facets = await self._run(Call("GET", "/images/facets", reader(Facets), params=_asked(words, wish)))
        return facets

    async def get(self, image: AnyImage) -> FoundImage:
        """One of them."""
        found: FoundImage = await self._run(Call("GET", _path(image), reader(FoundImage)))
        return found

    async def thumbnail(self, image: AnyImage, side: int = 256, use: str | None = None) -> bytes:
        """A WebP of it, `side` (128, 256, 512, 1024) pixels wide or high at most; `use` as of `content`."""
        small: bytes = await self._run(_thumbnail(image, side, use))
        return small

    async def recipe(self, image: AnyImage) -> Recipe:
        """How it was drawn, and a request that draws it again. Raises `NotFound` for an upload."""
        recipe: Recipe = await self._run(Call("GET", f"{_path(image)}/recipe", reader(Recipe)))
        return recipe

    async def favourite(self, image: AnyImage, kept: bool = True) -> None:
        """Keep it among your favourites, or no longer."""
        await self._run(_favourite(image, kept))

    async def tag(self, image: AnyImage, tags: Sequence[str]) -> tuple[str, ...]:
        """Give it these tags, in place of those that it has; returns them as they are kept."""
        tagged: _Tags = await self._run(_tag(image, tags))
        return tagged.tags

    async def delete(self, image: AnyImage) -> None:
        """Delete it; `restore` takes that back for 7 days."""
        await self._run(Call("DELETE", _path(image), lambda _: None))

    async def restore(self, image: AnyImage) -> FoundImage:
        """Take a deletion back."""
        found: FoundImage = await self._run(Call("POST", f"{_path(image)}/restore", reader(FoundImage)))
        return found

    async def analytics(
        self,
        since: date | str | None = None,
        until: date | str | None = None,
        *,
        of: str = "me",
        space: str | None = None,
    ) -> Analytics:
        """What was drawn in some days (the last 30), and what became of it: `of` is me, space, or all (operators)."""
        analytics: Analytics = await self._run(_analytics(since, until, of, space))
        return analytics

    async def _pages(self, path: str, params: Mapping[str, Any]) -> AsyncIterator[FoundImage]:
        before: str | None = None
        while True:
            page: _Page = await self._run(_page(path, params, before))
            for image in page.images:
                yield image
            if page.next is None:
                return
            before = page.next


def id_of(image: AnyImage) -> str:
    """The asset_id of a picture. Raises `BadInput` where it has none."""
    id = image.picture_id if isinstance(image, Picture) else image if isinstance(image, str) else image.asset_id
    if not id:
        raise BadInput("image: this picture has no asset_id; read its job anew")
    return id


def _path(image: AnyImage) -> str:
    return f"/images/{segment(id_of(image))}"


def _thumbnail(image: AnyImage, side: int, use: str | None) -> Call[bytes]:
    said = {} if use is None else {"use": to_text(use, "use")}
    params: dict[str, str | int | list[str]] = {"side": to_json(side, "side"), **said}
    return Call("GET", f"{_path(image)}/thumbnail", lambda response: response.content, params=params)


def _favourite(image: AnyImage, kept: bool) -> Call[None]:
    return Call("PUT" if kept else "DELETE", f"{_path(image)}/favourite", lambda _: None)


def _tag(image: AnyImage, tags: Sequence[str]) -> Call[_Tags]:
    if isinstance(tags, str):
        raise BadInput("tags: give a list, also for one: tags=[…]")
    return Call("PUT", f"{_path(image)}/tags", reader(_Tags), body={"tags": to_json(list(tags), "tags")})


def _analytics(since: date | str | None, until: date | str | None, of: str, space: str | None) -> Call[Analytics]:
    params = {"from": _day(since), "to": _day(until), "of": of, "space": space}
    asked = {name: to_text(value, name) for name, value in params.items() if value is not None}
    return Call("GET", "/analytics", reader(Analytics), params=asked)


def _day(given: date | str | None) -> str | None:
    return given.isoformat() if isinstance(given, date) else given


def _page(path: str, params: Mapping[str, Any], before: str | None) -> Call[_Page]:
    return Call("GET", path, reader(_Page), params={**params, **({} if before is None else {"before": before})})


def _asked(words: str, wish: Search) -> dict[str, Any]:
    """As query parameters; raises `BadInput`."""
    known = Search.__annotations__
    asked: dict[str, Any] = {"q": to_text(words, "words")} if words else {}
    for name, value in wish.items():
        if name not in known:
            raise BadInput(f"{name} is nothing to search by; there are {', '.join(known)}")
        if value is None or value is False:
            continue
        asked[{"since": "from", "until": "to"}.get(name, name)] = _value(value, name)
    return asked


def _value(value: Any, name: str) -> Any:
    if value is True:
        return "true"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return [to_text(one, name) for one in value] if isinstance(value, list | tuple) else to_text(value, name)
