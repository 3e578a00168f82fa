"""Insertions write what SQLAlchemy would have written, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import Boolean, Column, Double, Engine, Integer, Table, Text, create_engine, insert, select, text

from router.storage.columns import Utc, metadata
from router.storage.insertion import Insertion
from tests.postgres import PostgresServer
from tests.short_form import examples

# Not among the product's tables: the copy has a metadata of its own.
things = Table(
    "things",
    type(metadata)(),
    Column("id", Integer, primary_key=True),
    Column("words", Text),
    Column("at", Utc),
    Column("share", Double),
    Column("done", Boolean, nullable=False, server_default=text("false")),
)
WORDS = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
ROW = some.fixed_dictionaries(
    {
        "words": some.none() | WORDS,
        "at": some.none()
        | some.datetimes(
            datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=some.sampled_from([UTC, timezone(timedelta(hours=9))])
        ),
        "share": some.none() | some.floats(allow_nan=False, allow_infinity=False),
    }
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path}/things.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        engine = create_engine(server.create_database().replace("postgresql:", "postgresql+psycopg:"))
    things.create(engine)
    return engine


def test_any_rows_are_read_as_those_that_sqlalchemy_wrote(engine: Engine) -> None:
    insertion = Insertion(things)

    @settings(max_examples=examples(40), deadline=None)
    @given(some.lists(ROW, min_size=1, max_size=4))
    def check(rows: list[dict[str, Any]]) -> None:
        with engine.connect() as connection:
            numbered = [{"id": number, **row} for number, row in enumerate(rows)]
            assert insertion.run(connection, *numbered) == len(rows)
            ours = connection.execute(select(things).order_by(things.c.id)).all()
            connection.rollback()
            connection.execute(insert(things), numbered)
            assert ours == connection.execute(select(things).order_by(things.c.id)).all()
            connection.rollback()

    check()


def test_rows_that_name_other_columns_follow_one_another(engine: Engine) -> None:
    insertion = Insertion(things)
    with engine.connect() as connection:
        assert insertion.run(connection) == 0
        insertion.run(connection, {"id": 1, "words": "one"})
        insertion.run(connection, {"done": True, "id": 2})
        insertion.run(connection, {"id": 3, "words": "three"})
        found = connection.execute(select(things.c.id, things.c.words, things.c.done).order_by(things.c.id)).all()
    assert found == [(1, "one", False), (2, None, True), (3, "three", False)]


def test_words_after_the_values_count_what_is_new(engine: Engine) -> None:
    insertion = Insertion(things, " ON CONFLICT (id) DO NOTHING")
    with engine.connect() as connection:
        assert insertion.run(connection, {"id": 1, "words": "one"}) == 1
        assert insertion.run(connection, {"id": 1, "words": "other"}) == 0
        assert connection.execute(select(things.c.words)).scalar_one() == "one"
