"""The short form of `python -m tests.bench.history`: a thousand pictures, and which indexes their lists and searches
read. What they take at a million is for the bench to say."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, event, text

from router.assets.search import statements
from router.assets.search.question import Question
from router.assets.search.store import ImageStore
from router.jobs.sql import SqlJobStore
from router.storage.database import Database
from tests.bench.history.filling import fill_postgres, fill_sqlite
from tests.bench.history.pictures import OWNER, make_entries
from tests.bench.history.questions import FILTERS, ask
from tests.contract.job_samples import JobDatabase

PICTURES = 1000
_FEW = ("a rare word", "a rare and a common word", "a word that no picture has", "tag", "another owner")
"""Of a thousand pictures, so few that PostgreSQL's index of words is cheapest."""


async def test_lists_and_searches_read_an_index_and_go_through_no_table(database: JobDatabase) -> None:
    async with database.store() as store:
        rows = cast(SqlJobStore, store).database
        _fill(database.url, rows.engine)
        for name, filters in FILTERS.items():
            in_order, plain = await _explain(rows, ask(filters)), statements.is_plain(ask(filters))
            looked_up = in_order if plain else await _explain(rows, ask(filters), None)
            for said in (in_order, looked_up):
                assert "SCAN assets" not in said, name
                assert "Seq Scan" not in said, name
            if plain:
                assert "asset_search_newest" in in_order, name
            elif rows.engine == "sqlite":
                assert "VIRTUAL TABLE INDEX" in in_order, name
            else:
                assert "asset_search_pkey" in in_order, name
                assert name not in _FEW or "asset_search_vector" in looked_up, name


async def test_a_search_leaves_nothing_open_that_its_plan_turns_on(database: JobDatabase) -> None:
    """PostgreSQL plans what it was asked ten times as if it did not know what is asked for."""
    async with database.store() as store:
        rows = cast(SqlJobStore, store).database
        asked: list[Any] = []

        def note(_connection: Any, _cursor: Any, said: str, given: Any, *_: Any) -> None:
            asked.append(given)

        event.listen(rows._reader, "before_cursor_execute", note)
        images = ImageStore(rows)
        for filters in FILTERS.values():
            await images.page(ask(filters), 50)
            await images.facets(ask(filters))
        if rows.engine == "postgresql":
            assert set().union(*asked) == {"principal", "owner"}


async def test_what_was_filled_in_bulk_is_what_is_found(database: JobDatabase) -> None:
    async with database.store() as store:
        rows = cast(SqlJobStore, store).database
        _fill(database.url, rows.engine)
        images, entries = ImageStore(rows), [one for one in make_entries(PICTURES) if one.owner == OWNER]
        whole = await images.facets(ask(FILTERS["no filter"]))
        assert whole.pictures == len(entries)
        assert dict(whole.values["asset_type"])["icon"] == sum(one.asset_type == "icon" for one in entries)
        found = await images.facets(ask(FILTERS["favourites"]))
        assert found.pictures == sum(bool(one.favourite_of) for one in entries)
        page = await images.page(ask(FILTERS["collection"]), 200)
        expected = [one.asset_id for one in reversed(entries) if one.collections]
        assert [one.id for one in page.images] == expected


def _fill(url: str, engine: str) -> None:
    if engine == "sqlite":
        fill_sqlite(url.removeprefix("sqlite:///"), PICTURES)
    else:
        fill_postgres(url, PICTURES)


async def _explain(database: Database, question: Question, through: int | None = 2000) -> str:
    """How the engine would read a page, if going through a small table were not cheapest."""
    values: dict[str, Any] = {"first": 0, "end": 2**62, "most": 51, "principal": OWNER}
    plain = statements.is_plain(question)
    values |= {"owner": OWNER} if plain else {"match": statements.match_of(question, database.engine)}
    values |= {"rest": ""} if through is None else {}
    statement = statements.page(question, database.engine, through).params(**values)

    def explain(_connection: Any, _cursor: Any, said: str, given: Any, *_: Any) -> tuple[str, Any]:
        return f"EXPLAIN {'QUERY PLAN ' if database.engine == 'sqlite' else ''}{said}", given

    def read(connection: Connection) -> str:
        if database.engine == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(connection, "before_cursor_execute", explain, retval=True)
        rows = connection.execute(statement).all()
        event.remove(connection, "before_cursor_execute", explain)
        return "\n".join(str(row[-1]) for row in rows)

    return await database.write(read)
