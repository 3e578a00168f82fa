"""What people sign in with beside an issuer's tokens. Of what is secret only its SHA-256 is kept."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from router.storage.columns import Utc, metadata, name_text


def _owner() -> Column[str]:
    return Column("owner", name_text(), ForeignKey("principals.id", ondelete="CASCADE"), nullable=False)


api_keys = Table(
    "api_keys",
    metadata,
    Column("id", name_text(), primary_key=True),
    _owner(),
    Column("name", Text, nullable=False),
    Column("sha256", name_text(), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
)
Index("api_keys_of_owner", api_keys.c.owner, api_keys.c.id)

devices = Table(
    "devices",
    metadata,
    Column("id", name_text(), primary_key=True),
    _owner(),
    Column("client", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
)
Index("devices_of_owner", devices.c.owner, devices.c.id)

device_tokens = Table(
    "device_tokens",
    metadata,
    Column("sha256", name_text(), primary_key=True),
    Column("device", name_text(), ForeignKey("devices.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),  # access, or refresh
    Column("expires_at", Utc, nullable=False),
    Column("replaced_at", Utc),  # of a refresh token: when it was used, which it may be once
)
Index("tokens_of_device", device_tokens.c.device)

device_codes = Table(
    "device_codes",
    metadata,
    Column("sha256", name_text(), primary_key=True),
    Column("user_code", name_text(), nullable=False, unique=True),
    Column("client", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("polled_at", Utc),
    Column("approved_by", name_text(), ForeignKey("principals.id", ondelete="CASCADE")),
)
Index("device_codes_by_end", device_codes.c.expires_at)

code_tries = Table(
    "code_tries",
    metadata,
    Column("principal", name_text(), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", Utc, nullable=False),
)
"""Wrong user codes that somebody has tried; whoever tries too many must wait."""
