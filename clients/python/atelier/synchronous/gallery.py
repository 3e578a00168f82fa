"""Written by `python -m clients.generator.synchronous` from `gallery.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Unpack

from atelier.calls import Call, reader
from atelier.gallery import AnyImage, Search, _analytics, _asked, _favourite, _page, _path, _tag, _thumbnail
from atelier.models.answers import Analytics as Analytics
from atelier.models.answers import Facets as Facets
from atelier.models.answers import FoundImage as FoundImage
from atelier.models.answers import ImagesPage as _Page
from atelier.models.answers import Recipe as Recipe
from atelier.models.answers import Tags as _Tags


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
