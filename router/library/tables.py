"""The tables of the library. Entries never change; marks move, and each move stays in the history."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Table, Text

from router.storage.columns import Utc, metadata, name_text

library_entries = Table(
    "library_entries",
    metadata,
    Column("kind", name_text(), primary_key=True),
    Column("id", name_text(), primary_key=True),
    Column("version", name_text(), primary_key=True),
    Column("sha256", Text, nullable=False),  # of the body, and its name in the file store where replicas read it
    Column("body", Text, nullable=False),  # canonical JSON, a document
    Column("file", Text),  # SHA-256 of what it needs in the file store: the weights of a LoRA
    Column("author", name_text(), nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
)

Index("library_by_file", library_entries.c.file)

library_marks = Table(
    "library_marks",
    metadata,
    Column("kind", name_text(), primary_key=True),
    Column("id", name_text(), primary_key=True),
    Column("mark", name_text(), primary_key=True),
    Column("version", name_text(), nullable=False),
    Column("moved_by", name_text(), nullable=False),
    Column("moved_at", Utc, nullable=False),
    ForeignKeyConstraint(
        ["kind", "id", "version"], ["library_entries.kind", "library_entries.id", "library_entries.version"]
    ),
)

library_moves = Table(
    "library_moves",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # grows over all entries
    Column("kind", name_text(), nullable=False),
    Column("id", name_text(), nullable=False),
    Column("mark", name_text(), nullable=False),
    Column("from_version", name_text()),  # the version it was at; NULL: there was no such mark
    Column("to_version", name_text()),  # NULL: it was taken away
    Column("moved_by", name_text(), nullable=False),
    Column("moved_at", Utc, nullable=False),
    Column("note", Text, nullable=False),
)

Index("library_moves_of_entry", library_moves.c.kind, library_moves.c.id, library_moves.c.seq)

# One row. Every write begins by counting it up, and so waits for the others; who has read the library knows by it that
# something has changed.
library_revision = Table("library_revision", metadata, Column("revision", BigInteger, primary_key=True))
