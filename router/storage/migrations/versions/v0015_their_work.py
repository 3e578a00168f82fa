"""Pictures found again: the search table with what is there already, favourites, tags, collections, share links."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from router.assets.search.counting import Counts, counts
from router.assets.search.entry import Entry
from router.assets.search.numbers import first_number
from router.jobs.model import LicenceVerdict
from router.storage.columns import Utc, name_text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
oldest_reader = "0005"

_ROWS_AT_ONCE = 1000
_LIVE, _DELETED = sa.text("deleted_at IS NULL"), sa.text("deleted_at IS NOT NULL")
_COLUMNS = (
    *("n", "asset_id", "owner", "space", "prompt", "asset_type", "quality", "model", "loras"),
    *("colours", "words", "terms", "facets", "deleted_at"),
)


def upgrade() -> None:
    op.add_column("assets", sa.Column("deleted_at", Utc))
    op.create_index("assets_deleted", "assets", ["deleted_at"], sqlite_where=_DELETED, postgresql_where=_DELETED)
    _create_search()
    _create_keeping()
    _create_sharing()
    _fill()
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO asset_words (asset_words) VALUES ('rebuild')")


def _create_search() -> None:
    op.create_table(
        "asset_search",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("asset_id", name_text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("space", name_text(), nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("asset_type", sa.Text, nullable=False),
        sa.Column("quality", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("loras", sa.Text, nullable=False),
        sa.Column("colours", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("facets", sa.Text, nullable=False),
        sa.Column("deleted_at", Utc),
    )
    for name, where in (("newest", _LIVE), ("deleted", _DELETED)):
        op.create_index(
            f"asset_search_{name}", "asset_search", ["owner", "n"], sqlite_where=where, postgresql_where=where
        )
    op.create_table(
        "asset_counts",
        sa.Column("owner", name_text(), primary_key=True),
        sa.Column("day", name_text(), primary_key=True),
        sa.Column("space", name_text(), primary_key=True),
        sa.Column("facet", name_text(), primary_key=True),
        sa.Column("pictures", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    whole = sa.text("day = ''")
    columns = ["owner", "space", "facet", "pictures"]
    op.create_index("asset_counts_whole", "asset_counts", columns, sqlite_where=whole, postgresql_where=whole)
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


# The index names the rows that are there and reads their words from `asset_search` itself (a view of it, since what was
# deleted is not in the index). Neither positions nor columns are kept: nothing asks for phrases. Words are made by
# Atelier, so that the tokenizer has only to split at spaces. A trigger for each way in which a row changes, since the
# order of several is not defined, and what is taken out must go first.
_TAKE_OUT = "INSERT INTO asset_words (asset_words, rowid, words, terms) VALUES ('delete', old.n, old.words, old.terms);"
_PUT_IN = "INSERT INTO asset_words (rowid, words, terms) VALUES (new.n, new.words, new.terms);"
_TRIGGERS = (
    ("added", "INSERT", "new.deleted_at IS NULL", _PUT_IN),
    ("removed", "DELETE", "old.deleted_at IS NULL", _TAKE_OUT),
    ("changed", "UPDATE", "old.deleted_at IS NULL AND new.deleted_at IS NULL", f"{_TAKE_OUT} {_PUT_IN}"),
    ("hidden", "UPDATE", "old.deleted_at IS NULL AND new.deleted_at IS NOT NULL", _TAKE_OUT),
    ("shown", "UPDATE", "old.deleted_at IS NOT NULL AND new.deleted_at IS NULL", _PUT_IN),
)
_SQLITE = (
    "CREATE VIEW asset_words_content AS SELECT n, words, terms FROM asset_search WHERE deleted_at IS NULL",
    "CREATE VIRTUAL TABLE asset_words USING fts5(words, terms, content='asset_words_content', content_rowid='n',"
    " tokenize='ascii', detail=none, prefix='2 3 4 5 6')",
    *(
        f"CREATE TRIGGER asset_words_{name} AFTER {what} ON asset_search WHEN {when} BEGIN {then} END"
        for name, what, when, then in _TRIGGERS
    ),
)
_POSTGRESQL = (
    "ALTER TABLE asset_search ADD COLUMN vector tsvector GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL"
    " THEN array_to_tsvector(array_remove(string_to_array(words || ' ' || terms, ' '), '')) END) STORED",
    "CREATE INDEX asset_search_vector ON asset_search USING gin (vector) WITH (fastupdate = off)",
)


def _create_keeping() -> None:
    asset = sa.ForeignKey("assets.id", ondelete="CASCADE")
    op.create_table(
        "favourites",
        sa.Column("principal", name_text(), primary_key=True),
        sa.Column("asset_id", name_text(), asset, primary_key=True),
        sa.Column("created_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("favourites_of_asset", "favourites", ["asset_id"])
    op.create_table(
        "asset_tags",
        sa.Column("asset_id", name_text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tag", name_text(), primary_key=True),
        sa.Column("author", name_text(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "collections",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("space", name_text(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("changed_at", Utc, nullable=False),
    )
    op.create_index("collections_of_owner", "collections", ["owner", "id"])
    op.create_table(
        "collection_items",
        sa.Column("collection_id", name_text(), sa.ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("asset_id", name_text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", name_text(), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("author", name_text(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("items_in_order", "collection_items", ["collection_id", "position"])
    op.create_index("items_of_asset", "collection_items", ["asset_id"])


def _create_sharing() -> None:
    op.create_table(
        "share_links",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column(
            "kind", sa.Text, sa.CheckConstraint("kind IN ('collection', 'image')", name="known_share"), nullable=False
        ),
        sa.Column("target", name_text(), nullable=False),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("space", name_text(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("revoked_at", Utc),
    )
    op.create_index("links_of_target", "share_links", ["target", "id"])
    keys = op.create_table(
        "signing_keys",
        sa.Column("name", name_text(), primary_key=True),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.bulk_insert(keys, [{"name": "share", "secret": secrets.token_hex(32), "created_at": datetime.now(UTC)}])


_ASSETS = (
    sa.text(
        "SELECT a.id, a.owner, a.space, a.kind, a.licence, a.notes, a.created_at, j.plan"
        " FROM assets a LEFT JOIN jobs j ON j.id = a.job_id"
        " WHERE a.created_at > :at OR (a.created_at = :at AND a.id > :id) ORDER BY a.created_at, a.id LIMIT :most"
    )
    .bindparams(sa.bindparam("at", type_=Utc))
    .columns(created_at=Utc)
)
_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


def _fill() -> None:
    """What is there, a portion at a time; its numbers are in the order of its times."""
    search = sa.table("asset_search", *(sa.column(name) for name in _COLUMNS[:-1]), sa.column("deleted_at", Utc))
    connection, last = op.get_bind(), 0
    counted: Counts = Counter()
    for portion in _portions(connection):
        rows = []
        for entry in portion:
            last = max(last + 1, first_number(entry.created_at))
            columns = {"n": last} | entry.columns()
            rows.append({name: columns[name] for name in _COLUMNS})
            counted.update(counts(entry.owner, entry.space, entry.day, entry.facets, 1))
        connection.execute(sa.insert(search), rows)
    if counted:
        names = ("owner", "day", "space", "facet")
        table = sa.table("asset_counts", *(sa.column(name) for name in (*names, "pictures")))
        connection.execute(
            sa.insert(table), [dict(zip(names, key, strict=True)) | {"pictures": of} for key, of in counted.items()]
        )


def _portions(connection: sa.Connection) -> Iterator[list[Entry]]:
    at, id = _BEGINNING, ""
    while rows := connection.execute(_ASSETS, {"at": at, "id": id, "most": _ROWS_AT_ONCE}).all():
        yield [_entry(row) for row in rows]
        at, id = rows[-1].created_at, rows[-1].id


def _entry(row: Any) -> Entry:
    """As much of it as can be read."""
    plan = _read(row.plan, dict)
    stages = [plan.get("base"), *(plan.get("stages") or ())]
    base: dict[str, Any] = next((stage for stage in stages if isinstance(stage, dict) and "model" in stage), {})
    used = [one for list in ("fused", "loras") for one in base.get(list) or () if isinstance(one, dict)]
    return Entry(
        asset_id=row.id,
        owner=row.owner,
        space=row.space,
        kind=row.kind,
        created_at=row.created_at,
        prompt=str(plan.get("prompt") or ""),
        asset_type=str(plan.get("asset_type") or ""),
        quality=str(plan.get("quality") or ""),
        model=str(base.get("model") or ""),
        loras=tuple(str(one["lora"]) for one in used if "lora" in one),
        licence=_verdict(row.licence),
        notes=tuple(str(note) for note in _read(row.notes, list)),
    )


def _verdict(document: str | None) -> LicenceVerdict | None:
    body = _read(document, dict)
    known = {name: body[name] for name in LicenceVerdict.model_fields if name in body}
    try:
        return LicenceVerdict.model_validate(known)
    except ValueError:
        return None


def _read(document: str | None, kind: type[Any]) -> Any:
    try:
        found = json.loads(document or "null")
    except (ValueError, RecursionError):
        return kind()
    return found if isinstance(found, kind) else kind()
