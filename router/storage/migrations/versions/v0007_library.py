"""The library: versioned entries, marks that move, and the history of their moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    _create_entries()
    _create_marks()
    revisions = op.create_table("library_revision", sa.Column("revision", sa.BigInteger, primary_key=True))
    op.bulk_insert(revisions, [{"revision": 0}])


def _create_entries() -> None:
    op.create_table(
        "library_entries",
        sa.Column("kind", name_text(), primary_key=True),
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("version", name_text(), primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("file", sa.Text),
        sa.Column("author", name_text(), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.create_index("library_by_file", "library_entries", ["file"])


def _create_marks() -> None:
    op.create_table(
        "library_marks",
        sa.Column("kind", name_text(), primary_key=True),
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("mark", name_text(), primary_key=True),
        sa.Column("version", name_text(), nullable=False),
        sa.Column("moved_by", name_text(), nullable=False),
        sa.Column("moved_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "id", "version"], ["library_entries.kind", "library_entries.id", "library_entries.version"]
        ),
    )
    op.create_table(
        "library_moves",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", name_text(), nullable=False),
        sa.Column("id", name_text(), nullable=False),
        sa.Column("mark", name_text(), nullable=False),
        sa.Column("from_version", name_text()),
        sa.Column("to_version", name_text()),
        sa.Column("moved_by", name_text(), nullable=False),
        sa.Column("moved_at", Utc, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("library_moves_of_entry", "library_moves", ["kind", "id", "seq"])
