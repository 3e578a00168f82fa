"""The audit: who changed what, in a table that the database itself lets nobody change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
oldest_reader = "0005"

_REFUSAL = "the audit is append-only: its lines are neither changed nor removed"
# REPLACE removes a row on SQLite without asking its triggers for removal.
_SQLITE = (
    ("audit_is_not_changed", "UPDATE ON audit", ""),
    ("audit_is_not_removed", "DELETE ON audit", ""),
    ("audit_is_not_replaced", "INSERT ON audit", "WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)"),
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("who", name_text(), nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("key", name_text()),
        sa.Column("action", name_text(), nullable=False),
        sa.Column("on_kind", name_text(), nullable=False),
        sa.Column("on_id", name_text(), nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
    )
    op.create_index("audit_by_who", "audit", ["who", "seq"])
    op.create_index("audit_by_action", "audit", ["action", "seq"])
    op.create_index("audit_by_object", "audit", ["on_kind", "on_id", "seq"])
    op.create_index("audit_by_time", "audit", ["at"])
    head = op.create_table("audit_head", sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False))
    op.bulk_insert(head, [{"seq": 0}])
    if op.get_bind().dialect.name == "sqlite":
        for name, when, condition in _SQLITE:
            op.execute(f"CREATE TRIGGER {name} BEFORE {when} {condition} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")
    else:
        for statement in _POSTGRESQL:
            op.execute(statement)
