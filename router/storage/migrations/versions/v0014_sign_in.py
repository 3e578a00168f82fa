"""Sign-in: who people are to their issuer, their roles, API keys, and devices that they have let in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def _owner() -> sa.Column[str]:
    return sa.Column("owner", name_text(), sa.ForeignKey("principals.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    _add_to_principals()
    op.create_table(
        "api_keys",
        sa.Column("id", name_text(), primary_key=True),
        _owner(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sha256", name_text(), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.Column("revoked_at", Utc),
    )
    op.create_index("api_keys_of_owner", "api_keys", ["owner", "id"])
    op.create_table(
        "devices",
        sa.Column("id", name_text(), primary_key=True),
        _owner(),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.Column("revoked_at", Utc),
    )
    op.create_index("devices_of_owner", "devices", ["owner", "id"])
    op.create_table(
        "device_tokens",
        sa.Column("sha256", name_text(), primary_key=True),
        sa.Column("device", name_text(), sa.ForeignKey("devices.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("replaced_at", Utc),
    )
    op.create_index("tokens_of_device", "device_tokens", ["device"])
    op.create_table(
        "device_codes",
        sa.Column("sha256", name_text(), primary_key=True),
        sa.Column("user_code", name_text(), nullable=False, unique=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("challenge", sa.Text, nullable=False),
        sa.Column("interval_seconds", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("polled_at", Utc),
        sa.Column("approved_by", name_text(), sa.ForeignKey("principals.id", ondelete="CASCADE")),
    )
    op.create_index("device_codes_by_end", "device_codes", ["expires_at"])
    op.create_table(
        "code_tries",
        sa.Column("principal", name_text(), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Utc, nullable=False),
    )
    revisions = op.create_table("people_revision", sa.Column("revision", sa.BigInteger, primary_key=True))
    op.bulk_insert(revisions, [{"revision": 0}])


def _add_to_principals() -> None:
    op.add_column("principals", sa.Column("subject", name_text()))
    for name in ("roles", "token_roles"):
        op.add_column("principals", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("principals", sa.Column("seen_at", Utc))
    op.add_column("principals", sa.Column("deactivated_at", Utc))
    op.create_index("principals_by_subject", "principals", ["subject"], unique=True)
    op.create_index("members_of_principal", "members", ["principal"])
