"""What lifts verdicts: licences that were bought, conditions that were acknowledged, and what is said of uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    op.create_table(
        "licence_grants",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("component", name_text()),
        sa.Column("licence", name_text()),
        sa.Column("space", name_text()),
        sa.Column("purposes", sa.Text, nullable=False),
        sa.Column("since", Utc, nullable=False),
        sa.Column("until", Utc),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("recorded_by", name_text(), nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.Column("revoked_by", name_text()),
        sa.Column("revoked_at", Utc),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("principal", name_text(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", name_text(), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("conditions", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False),
    )
    op.create_index("acknowledgements_of", "acknowledgements", ["subject", "principal", "purpose"])
    op.create_table(
        "upload_rights",
        sa.Column("picture_id", name_text(), primary_key=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("said_by", name_text(), nullable=False),
        sa.Column("said_at", Utc, nullable=False),
        sa.Column("cleared_by", name_text()),
        sa.Column("cleared_at", Utc),
    )
    op.create_table(
        "fingerprints",
        sa.Column("asset_id", name_text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("red", sa.Integer),
        sa.Column("green", sa.Integer),
        sa.Column("blue", sa.Integer),
        sa.Column("detail", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("fingerprints_by_colour", "fingerprints", ["red", "green", "blue"])
    # Of those that are there nobody was asked: they go on as they did, but into no product before somebody says so.
    op.execute(
        "INSERT INTO upload_rights (picture_id, owner, said, source, said_by, said_at)"
        " SELECT id, owner, 'unknown', '', owner, created_at FROM assets WHERE kind = 'uploaded'"
    )
