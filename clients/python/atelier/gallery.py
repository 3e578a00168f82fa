"""Pictures found again: searched, counted, kept, tagged, deleted; and what came of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.models import Body, File, Image, Licence, Picture
from atelier.values import to_json, to_text


class FoundImage(Body):
    """A picture, drawn or uploaded, with how it was made: what of an upload is not known is empty."""

    asset_id: str
    kind: str
    owner: str
    space: str
    created_at: datetime
    url: str
    width: int
    height: int
    files: tuple[File, ...]
    job_id: str | None = None
    index: int | None = None
    seed: int | None = None
    prompt: str = ""
    asset_type: str = ""
    quality: str = ""
    model: str = ""
    loras: tuple[str, ...] = ()
    licence: Licence | None = None
    colours: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    favourite: bool = False
    notes: tuple[str, ...] = ()
    scores: dict[str, float] = {}
    deleted_at: datetime | None = None


class RecipeInput(Body):
    """A picture that another began with, looked at or followed, by its name then."""

    role: str
    picture: str
    sha256: str
    kind: str | None = None
    scale: float | None = None
    start: float | None = None
    end: float | None = None


class RecipeParent(Body):
    """A picture that another was made from: in a role, or by a call (like, tweak, finish …)."""

    asset_id: str
    role: str


class Recipe(Body):
    """How a picture was drawn, as its files carry it. `weights` is the content hash of the model's; `request` is what
    `generate(**request)` takes to draw it again, as far as the studio knows that."""

    asset_id: str
    parents: tuple[RecipeParent, ...]
    request: dict[str, Any] | None = None
    atelier: str
    job_id: str
    index: int
    created_at: str
    prompt: str
    full_prompt: str
    negative_prompt: str
    asset_type: str
    quality: str
    model: str
    weights: str
    loras: tuple[dict[str, Any], ...]
    seed: int
    near: dict[str, Any] | None = None
    num_inference_steps: int
    guidance_scale: float
    sampler: str = "default"
    schedule: str | None = None
    step_cache: dict[str, Any] | None = None
    strength: float | None = None
    inputs: tuple[RecipeInput, ...] = ()
    base_size: str
    upscaler: str | None = None
    size: str
    stages: tuple[dict[str, Any], ...] = ()
    entries: tuple[dict[str, Any], ...] = ()
    scores: dict[str, float] = {}
    origin: dict[str, Any] | None = None
    licence: str


class _Page(Body):
    images: tuple[FoundImage, ...]
    next: str | None = None


class FacetValue(Body):
    """A value, and how many pictures have it."""

    value: str
    pictures: int


class Facets(Body):
    """Counts by facet; of the first of them alone, unless `is_whole`."""

    pictures: int
    is_whole: bool
    facets: dict[str, tuple[FacetValue, ...]]


class TimeSaved(Body):
    """An estimate, and how it was made."""

    minutes: float
    minutes_per_kept_picture: float
    how: str


class UsageDay(Body):
    """Of the pictures that were made on a day."""

    day: date
    pictures: int
    kept: int


class Analytics(Body):
    """What was drawn in some days, and what became of it."""

    of: str
    first: date
    last: date
    pictures: int
    uploads: int
    jobs: int
    kept: int
    picks: int
    time_saved: TimeSaved
    asset_types: tuple[FacetValue, ...]
    models: tuple[FacetValue, ...]
    loras: tuple[FacetValue, ...]
    days: tuple[UsageDay, ...]


class _Tags(Body):
    tags: tuple[str, ...]


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


class Gallery:
    """All pictures that you may see."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def search(
        self, words: str = "", *, sort: str = "newest", page_size: int = 50, **wish: Unpack[Search]
    ) -> Iterator[FoundImage]:
        """Those that have all the words, newest first or `oldest`; pages are fetched as they are needed."""
        return self._pages("/images", _asked(words, wish) | {"sort": sort, "limit": page_size})

    def history(self, words: str = "", *, page_size: int = 50, **wish: Unpack[Search]) -> Iterator[FoundImage]:
        """Those that you have drawn, newest first."""
        return self._pages("/history", _asked(words, wish) | {"limit": page_size})

    def deleted(self, page_size: int = 50) -> Iterator[FoundImage]:
        """Those that you have deleted, and that can be restored."""
        return self._pages("/images", {"deleted": "true", "limit": page_size})

    def facets(self, words: str = "", **wish: Unpack[Search]) -> Facets:
        """How many there are of each asset type, model, LoRA, licence, tag and month."""
        facets: Facets = self._run(Call("GET", "/images/facets", reader(Facets), params=_asked(words, wish)))
        return facets

    def get(self, image: AnyImage) -> FoundImage:
        """One of them."""
        found: FoundImage = self._run(Call("GET", _path(image), reader(FoundImage)))
        return found

    def thumbnail(self, image: AnyImage, side: int = 256, use: str | None = None) -> bytes:
        """A WebP of it, `side` (128, 256, 512, 1024) pixels wide or high at most; `use` as of `content`."""
        small: bytes = self._run(_thumbnail(image, side, use))
        return small

    def recipe(self, image: AnyImage) -> Recipe:
        """How it was drawn, and a request that draws it again. Raises `NotFound` for an upload."""
        recipe: Recipe = self._run(Call("GET", f"{_path(image)}/recipe", reader(Recipe)))
        return recipe

    def favourite(self, image: AnyImage, kept: bool = True) -> None:
        """Keep it among your favourites, or no longer."""
        self._run(_favourite(image, kept))

    def tag(self, image: AnyImage, tags: Sequence[str]) -> tuple[str, ...]:
        """Give it these tags, in place of those that it has; returns them as they are kept."""
        tagged: _Tags = self._run(_tag(image, tags))
        return tagged.tags

    def delete(self, image: AnyImage) -> None:
        """Delete it; `restore` takes that back for 7 days."""
        self._run(Call("DELETE", _path(image), lambda _: None))

    def restore(self, image: AnyImage) -> FoundImage:
        """Take a deletion back."""
        found: FoundImage = self._run(Call("POST", f"{_path(image)}/restore", reader(FoundImage)))
        return found

    def analytics(
        self,
        since: date | str | None = None,
        until: date | str | None = None,
        *,
        of: str = "me",
        space: str | None = None,
    ) -> Analytics:
        """What was drawn in some days (the last 30), and what became of it: `of` is me, space, or all (operators)."""
        analytics: Analytics = self._run(_analytics(since, until, of, space))
        return analytics

    def _pages(self, path: str, params: Mapping[str, Any]) -> Iterator[FoundImage]:
        before: str | None = None
        while True:
            page: _Page = self._run(_page(path, params, before))
            yield from page.images
            if page.next is None:
                return
            before = page.next


class AsyncGallery:
    """`Gallery`, awaited."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    def search(
        self, words: str = "", *, sort: str = "newest", page_size: int = 50, **wish: Unpack[Search]
    ) -> AsyncIterator[FoundImage]:
        """See `Gallery.search`."""
        return self._pages("/images", _asked(words, wish) | {"sort": sort, "limit": page_size})

    def history(self, words: str = "", *, page_size: int = 50, **wish: Unpack[Search]) -> AsyncIterator[FoundImage]:
        """See `Gallery.history`."""
        return self._pages("/history", _asked(words, wish) | {"limit": page_size})

    def deleted(self, page_size: int = 50) -> AsyncIterator[FoundImage]:
        """See `Gallery.deleted`."""
        return self._pages("/images", {"deleted": "true", "limit": page_size})

    async def facets(self, words: str = "", **wish: Unpack[Search]) -> Facets:
        """See `Gallery.facets`."""
        facets: Facets = await self._run(Call("GET", "/images/facets", reader(Facets), params=_asked(words, wish)))
        return facets

    async def get(self, image: AnyImage) -> FoundImage:
        """See `Gallery.get`."""
        found: FoundImage = await self._run(Call("GET", _path(image), reader(FoundImage)))
        return found

    async def thumbnail(self, image: AnyImage, side: int = 256, use: str | None = None) -> bytes:
        """See `Gallery.thumbnail`."""
        small: bytes = await self._run(_thumbnail(image, side, use))
        return small

    async def recipe(self, image: AnyImage) -> Recipe:
        """See `Gallery.recipe`."""
        recipe: Recipe = await self._run(Call("GET", f"{_path(image)}/recipe", reader(Recipe)))
        return recipe

    async def favourite(self, image: AnyImage, kept: bool = True) -> None:
        """See `Gallery.favourite`."""
        await self._run(_favourite(image, kept))

    async def tag(self, image: AnyImage, tags: Sequence[str]) -> tuple[str, ...]:
        """See `Gallery.tag`."""
        tagged: _Tags = await self._run(_tag(image, tags))
        return tagged.tags

    async def delete(self, image: AnyImage) -> None:
        """See `Gallery.delete`."""
        await self._run(Call("DELETE", _path(image), lambda _: None))

    async def restore(self, image: AnyImage) -> FoundImage:
        """See `Gallery.restore`."""
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
        """See `Gallery.analytics`."""
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
