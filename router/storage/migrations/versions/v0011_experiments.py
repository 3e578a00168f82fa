"""Experiments: what runs, which arm drew which job, ballots and votes, champions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from router.storage.columns import Utc, name_text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
oldest_reader = "0005"


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("exposure", sa.Double, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("changed_at", Utc, nullable=False),
    )
    op.create_table(
        "experiment_phases",
        sa.Column("experiment_id", name_text(), sa.ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("phase", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("arms", sa.Text, nullable=False),
        sa.Column("decision", sa.Text),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
    )
    op.create_table(
        "experiment_events",
        sa.Column("experiment_id", name_text(), sa.ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("actor", name_text(), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_arms",
        sa.Column("job_id", name_text(), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("experiment_id", name_text(), nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("assigned", name_text(), nullable=False),
        sa.Column("served", name_text(), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("unit", name_text(), nullable=False),
        sa.Column("pair", name_text()),
        sa.Column("run_id", name_text()),
        sa.Column("exposed_at", Utc),
        sqlite_with_rowid=False,
    )
    op.create_index("jobs_of_arm", "job_arms", ["experiment_id", "phase", "assigned"])
    op.create_index("jobs_of_pair", "job_arms", ["experiment_id", "phase", "pair"])
    op.create_table(
        "experiment_runs",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("experiment_id", name_text(), nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("prompt_set", name_text()),
        sa.Column("next_line", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("dropped", sa.Integer, nullable=False),
        sa.Column("gpu_seconds", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
    )
    op.create_index("runs_of_experiment", "experiment_runs", ["experiment_id", "phase"])
    op.create_table(
        "run_lines",
        sa.Column("run_id", name_text(), sa.ForeignKey("experiment_runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("noted_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "comparison_picks",
        sa.Column("batch_id", name_text(), sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("prompt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("choice", name_text()),
        sa.Column("picked_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballots",
        sa.Column("id", name_text(), primary_key=True),
        sa.Column("experiment_id", name_text(), nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("rater", name_text(), nullable=False),
        sa.Column("sitting", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("pair", name_text(), nullable=False),
        sa.Column("once", name_text(), nullable=False),
        sa.Column("arms", name_text(), nullable=False),
        sa.Column("prompt", name_text(), nullable=False),
        sa.Column("asset_type", name_text(), nullable=False),
        sa.Column("quality", name_text(), nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("repeats", name_text()),
        sa.Column("gold", sa.Integer),
        sa.Column("leased_until", Utc, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )
    op.create_index("ballots_once", "ballots", ["experiment_id", "phase", "once"], unique=True)
    op.create_index("ballots_of_rater", "ballots", ["rater", "experiment_id", "phase"])
    op.create_table(
        "votes",
        sa.Column("ballot_id", name_text(), sa.ForeignKey("ballots.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("criteria", sa.Text, nullable=False),
        sa.Column("dwell_ms", sa.Integer),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("revealed", sa.Boolean, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rater_keys",
        sa.Column("rater", name_text(), primary_key=True),
        sa.Column("pseudonym", name_text(), nullable=False, unique=True),
    )
    op.create_table(
        "champions",
        sa.Column("asset_type", name_text(), primary_key=True),
        sa.Column("quality", name_text(), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_table(
        "champion_moves",
        sa.Column("asset_type", name_text(), primary_key=True),
        sa.Column("quality", name_text(), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("overlay", sa.Text, nullable=False),
        sa.Column("canary", sa.Text),
        sa.Column("actor", name_text(), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("experiment_id", name_text()),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["asset_type", "quality"], ["champions.asset_type", "champions.quality"]),
    )
    revisions = op.create_table("experiments_revision", sa.Column("revision", sa.BigInteger, primary_key=True))
    op.bulk_insert(revisions, [{"revision": 0}])
