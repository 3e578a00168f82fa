"""What the tables of every room are made of: one metadata, times, and text that sorts alike on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Dialect, MetaData, Table, Text, TypeDecorator

metadata = MetaData()

# The oldest release, by its newest migration, that works on this schema: who is older is refused, who is not may go on
# while others are replaced.
schema_compatibility = Table("schema_compatibility", metadata, Column("oldest_reader", Text, primary_key=True))


class Utc(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps it without its zone, as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def name_text() -> Text:
    """Text that compares byte by byte on both engines, so that ids sort alike whatever the server's locale."""
    return Text().with_variant(Text(collation="C"), "postgresql")
