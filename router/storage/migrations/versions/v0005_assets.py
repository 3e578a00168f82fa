"""One table for all pictures and one for their files; what a job takes as its columns; people, spaces, rates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
oldest_reader = "0005"

_ROWS_AT_ONCE = 500
_UNFINISHED = sa.text("status IN ('queued', 'processing')")


def upgrade() -> None:
    _widen_jobs()
    _create_assets()
    _create_people()
    op.create_table(
        "rates",
        sa.Column("work", name_text(), primary_key=True),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("measured_at", Utc, nullable=False),
    )
    readers = op.create_table("schema_compatibility", sa.Column("oldest_reader", sa.Text, primary_key=True))
    op.bulk_insert(readers, [{"oldest_reader": oldest_reader}])
    connection = op.get_bind()
    _insert(_ASSETS, (asset for asset, _ in _drawn(connection)))
    _insert(_FILES, (file for _, files in _drawn(connection) for file in files))
    _copy_uploads()
    _note_what_waits(connection)
    for table in ("images", "pictures", "drawings"):
        op.drop_table(table)


def _widen_jobs() -> None:
    for column in (
        sa.Column("space", name_text(), nullable=False, server_default="home"),
        sa.Column("kind", sa.Text, nullable=False, server_default="generate"),
        sa.Column("plan_version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("deployment", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("pictures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("drawing_seconds", sa.Double, nullable=False, server_default="0"),
    ):
        op.add_column("jobs", column)
    op.drop_index("jobs_unfinished", "jobs")
    columns = ["owner", "id", "status", "lease_until", "plan_version"]
    op.create_index("jobs_unfinished", "jobs", columns, sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED)


def _create_assets() -> None:
    op.create_table(
        "assets",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("owner", name_text(), nullable=False),
        sa.Column("space", name_text(), nullable=False),
        sa.Column(
            "kind", sa.Text, sa.CheckConstraint("kind IN ('drawn', 'uploaded')", name="known_kind"), nullable=False
        ),
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE")),
        sa.Column("idx", sa.Integer),
        sa.Column("seq", sa.Integer),
        sa.Column("seed", sa.BigInteger),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("licence", sa.Text),
        sa.Column("notes", sa.Text),
        sa.Column("seconds", sa.Text),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.create_index("assets_of_owner", "assets", ["owner", "kind", "id"])
    op.create_index("assets_of_job", "assets", ["job_id", "idx"], unique=True)
    op.create_table(
        "files",
        sa.Column("asset_id", name_text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("rendition", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
    )
    op.create_index("files_by_content", "files", ["sha256"])
    op.create_table(
        "asset_parents",
        sa.Column("asset_id", name_text(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("parent_id", name_text(), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
    )
    op.create_index("asset_children", "asset_parents", ["parent_id"])


def _create_people() -> None:
    people = op.create_table(
        "principals",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    spaces = op.create_table(
        "spaces",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    members = op.create_table(
        "members",
        sa.Column("space", name_text(), sa.ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("principal", name_text(), sa.ForeignKey("principals.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
    )
    now = datetime.now(UTC)
    op.bulk_insert(people, [{"id": "dev", "name": "Developer", "created_at": now}])
    op.bulk_insert(spaces, [{"id": "home", "name": "Home", "created_at": now}])
    op.bulk_insert(members, [{"space": "home", "principal": "dev", "role": "admin"}])


_ASSETS = sa.table(
    "assets",
    *(sa.column(name) for name in ("id", "owner", "space", "kind", "job_id", "idx", "seq", "seed", "width", "height")),
    *(sa.column(name) for name in ("licence", "notes", "seconds")),
    sa.column("created_at", Utc),
)
_FILES = sa.table(
    "files",
    *(sa.column(name) for name in ("asset_id", "rendition", "position", "media_type", "sha256", "size_bytes")),
)


def _insert(table: sa.TableClause, rows: Iterator[dict[str, Any]]) -> None:
    """In portions, so that a long history does not fill the memory."""
    portion: list[dict[str, Any]] = []
    for row in rows:
        portion.append(row)
        if len(portion) == _ROWS_AT_ONCE:
            op.get_bind().execute(sa.insert(table), portion)
            portion = []
    if portion:
        op.get_bind().execute(sa.insert(table), portion)


def _drawn(connection: sa.Connection) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The asset of each finished picture, with its files. Its id is made of its job's and its place there, so that
    it is the same whoever migrates."""
    pictures = sa.text(
        "SELECT i.*, j.owner, COALESCE(e.at, j.created_at) AS at FROM images i JOIN jobs j ON j.id = i.job_id"
        " LEFT JOIN job_events e ON e.job_id = i.job_id AND e.seq = i.seq ORDER BY i.job_id, i.idx"
    ).columns(at=Utc)
    for row in connection.execute(pictures).mappings():
        id = f"pic_{row['job_id']}_{row['idx']}"
        kept = {name: row[name] for name in ("job_id", "idx", "seq", "seed", "width", "height")}
        documents = {name: row[name] for name in ("licence", "notes", "seconds")}
        whose = {"id": id, "owner": row["owner"], "space": "home", "kind": "drawn", "created_at": row["at"]}
        yield kept | documents | whose, _files_of(id, row["files"])


def _files_of(id: str, document: str) -> list[dict[str, Any]]:
    """None of a document that cannot be read: the picture stays, without its files."""
    try:
        return [
            {
                "asset_id": id,
                "rendition": str(file["format"]),
                "position": position,
                "media_type": str(file["media_type"]),
                "sha256": str(file["sha256"]),
                "size_bytes": int(file["size_bytes"]),
            }
            for position, file in enumerate(json.loads(document))
        ]
    except (ValueError, KeyError, TypeError):
        return []


def _copy_uploads() -> None:
    op.execute(
        "INSERT INTO assets (id, owner, space, kind, width, height, created_at)"
        " SELECT id, owner, 'home', 'uploaded', width, height, created_at FROM pictures"
    )
    op.execute(
        "INSERT INTO files (asset_id, rendition, position, media_type, sha256, size_bytes)"
        " SELECT id, 'png', 0, 'image/png', sha256, size_bytes FROM pictures"
    )


def _note_what_waits(connection: sa.Connection) -> None:
    """From `drawings`, and from the plan of unfinished jobs that are older than it."""
    op.execute(
        "UPDATE jobs SET deployment = d.deployment, pictures = d.pictures, drawing_seconds = d.seconds"
        " FROM drawings d WHERE d.job_id = jobs.id"
    )
    silent = connection.execute(sa.text("SELECT id, plan FROM jobs WHERE deployment = ''")).all()
    for row in silent:
        try:
            plan = json.loads(row.plan)
            base, pictures = plan["base"], len(plan["seeds"])
            takes = {"of": base["deployment"], "n": pictures, "s": float(base["estimated_seconds"]) * pictures}
        except (ValueError, KeyError, TypeError):
            continue  # it fails when its turn comes
        widened = "UPDATE jobs SET deployment = :of, pictures = :n, drawing_seconds = :s WHERE id = :id"
        connection.execute(sa.text(widened), takes | {"id": row.id})
