"""Pictures in the database, as people look for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from configs.errors import NotFound
from router.assets.search import statements
from router.assets.search.finding import Statement, find
from router.assets.search.model import FacetCounts, ImagePage, Listed
from router.assets.search.numbers import time_of
from router.assets.search.question import Question
from router.assets.search.rows import count_facets, read_listed
from router.assets.search.terms import term
from router.people.viewer import Viewer
from router.storage.database import AnyRow, Database

COUNTED = 1000
"""Pictures that the facets of a search are counted from; there may be more."""

_PAGE_REACH, _FACETS_REACH = 12_000, 40_000
"""Pictures that are gone through in order before all that has the words is looked up, on PostgreSQL."""


class ImageStore:
    """Every method is one transaction, and raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database) -> None:
        """`database` is opened and closed by whoever brings it."""
        self._database = database

    async def page(self, question: Question, limit: int, cursor: str | None = None) -> ImagePage:
        """The pictures that `question` asks for, from the one after `cursor` on; what is new meanwhile moves none of
        them. Raises `InvalidRequest` for a search without a word, and for a cursor of another one."""
        values = self._values(question, limit + 1, cursor) | {"principal": question.viewer.owner}
        found = await self._find(statements.page, question, values, _PAGE_REACH)
        images = tuple(read_listed(row) for row in found[:limit])
        return ImagePage(images, question.sign(images[-1].n) if len(found) > limit else None)

    async def facets(self, question: Question) -> FacetCounts:
        """Of all that one may see, or of the first `COUNTED` that a search finds. Raises `InvalidRequest`."""
        if question.filters.is_open:
            return count_facets((row.facet, int(row.pictures)) for row in await self._counted(question.viewer))
        values = self._values(question, COUNTED + 1, None)
        found = await self._find(statements.facets, question, values, _FACETS_REACH)
        return count_facets(_of_pictures(found[:COUNTED]), is_whole=len(found) <= COUNTED)

    async def image(self, viewer: Viewer, asset_id: str) -> Listed:
        """One picture; of what was deleted, who may change it sees it still. Raises `NotFound`."""
        if not (asset_id.isascii() and asset_id.isprintable()):
            raise not_found(asset_id)
        found = await self._database.read(statements.ONE, principal=viewer.owner, asset_id=asset_id)
        if not (found and viewer.sees(found[0])) or (found[0].deleted_at and not viewer.changes(found[0])):
            raise not_found(asset_id)
        return read_listed(found[0])

    async def _counted(self, viewer: Viewer) -> Sequence[AnyRow]:
        if viewer.sees_all:
            return await self._database.read(statements.COUNTS_OF_ALL)
        seen = {"owner": viewer.owner, "spaces": sorted(viewer.spaces)}
        return await self._database.read(statements.COUNTS_OF_SEEN, **seen)

    async def _find(
        self, statement: Statement, question: Question, values: dict[str, Any], reach: int
    ) -> Sequence[AnyRow]:
        """The rows of a list."""
        if self._database.engine == "sqlite" or statements.is_plain(question):
            return await self._database.read(statement(question, self._database.engine), **values)
        return await find(self._database, statement, question, values, reach)

    def _values(self, question: Question, most: int, cursor: str | None) -> dict[str, Any]:
        first, end = question.filters.numbers()
        if cursor is not None:
            after = question.after(cursor)
            first, end = (max(first, after + 1), end) if question.sort == "oldest" else (first, min(end, after))
        values = {"first": first, "end": end, "most": most}
        if statements.is_plain(question):
            return values | {"owner": question.viewer.owner}
        return values | {"match": statements.match_of(question, self._database.engine)}


def not_found(asset_id: str) -> NotFound:
    return NotFound(f"There is no picture {asset_id}")


def _of_pictures(rows: Sequence[AnyRow]) -> Iterator[tuple[str, int]]:
    for row in rows:
        yield from ((facet, 1) for facet in row.facets.split("\n"))
        yield term("month", f"{time_of(row.n):%Y-%m}"), 1
