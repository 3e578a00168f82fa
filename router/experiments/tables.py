"""The tables of experiments: what runs, who drew what, ballots and votes, and who is champion."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from router.storage.columns import Utc, metadata, name_text

# An experiment that was started at least once. What it compares is frozen in its phases.
experiments = Table(
    "experiments",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("phase", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("exposure", Double, nullable=False),
    Column("last_seq", Integer, nullable=False),  # of its events: taken under this row's lock, so gapless
    Column("changed_at", Utc, nullable=False),
)

experiment_phases = Table(
    "experiment_phases",
    metadata,
    Column("experiment_id", name_text(), ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("version", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("definition", Text, nullable=False),  # a document
    Column("arms", Text, nullable=False),  # a document: resolved, with hashes
    Column("decision", Text),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
)

experiment_events = Table(
    "experiment_events",
    metadata,
    Column("experiment_id", name_text(), ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("actor", name_text(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", Text, nullable=False),  # a document: before and after
    Column("at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# Which arm a job was assigned to, and which one drew it. Jobs of one pair draw the same prompt with the same seeds. The
# sides of a comparison are arms of its batch.
job_arms = Table(
    "job_arms",
    metadata,
    Column("job_id", name_text(), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("experiment_id", name_text(), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("assigned", name_text(), nullable=False),
    Column("served", name_text(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("unit", name_text(), nullable=False),  # a hash
    Column("pair", name_text()),  # NULL: of a split, where every unit has its own prompts
    Column("run_id", name_text()),
    Column("exposed_at", Utc),  # NULL: nobody has looked at its pictures
    sqlite_with_rowid=False,
)
Index("jobs_of_arm", job_arms.c.experiment_id, job_arms.c.phase, job_arms.c.assigned)
Index("jobs_of_pair", job_arms.c.experiment_id, job_arms.c.phase, job_arms.c.pair)

# Prompts that every arm of an experiment draws, and how far that is.
experiment_runs = Table(
    "experiment_runs",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("experiment_id", name_text(), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("prompt_set", name_text()),  # NULL: of what people ask for
    Column("next_line", Integer, nullable=False),  # which is ordered next: whoever moves it orders that line
    Column("total", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),  # lines that not all arms could draw
    Column("dropped", Integer, nullable=False),  # lines that became too old while others were served
    Column("gpu_seconds", Double, nullable=False),  # predicted for what was ordered so far
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("created_at", Utc, nullable=False),
    Column("ended_at", Utc),
)
Index("runs_of_experiment", experiment_runs.c.experiment_id, experiment_runs.c.phase)

run_lines = Table(
    "run_lines",
    metadata,
    Column("run_id", name_text(), ForeignKey("experiment_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 0, without gaps
    Column("line", Text, nullable=False),  # a document
    Column("noted_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# Which side of a comparison its owner liked best, prompt by prompt.
comparison_picks = Table(
    "comparison_picks",
    metadata,
    Column("batch_id", name_text(), ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("prompt", Integer, primary_key=True, autoincrement=False),  # from 0
    Column("choice", name_text()),  # a way of drawing; NULL: none is better
    Column("picked_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# What a person was shown, from left to right. An id is used once and tells nothing; the rater is a pseudonym. What
# results are made of has columns of its own, so that no document is read for them.
ballots = Table(
    "ballots",
    metadata,
    Column("id", name_text(), primary_key=True),
    Column("experiment_id", name_text(), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("rater", name_text(), nullable=False),
    Column("sitting", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # in the sitting, from 1
    Column("pair", name_text(), nullable=False),
    Column("once", name_text(), nullable=False),  # rater, prompt and arms, and what makes a planned repeat another
    Column("arms", name_text(), nullable=False),  # from left to right, a space between
    Column("prompt", name_text(), nullable=False),  # a hash
    Column("asset_type", name_text(), nullable=False),
    Column("quality", name_text(), nullable=False),
    Column("shown", Text, nullable=False),  # a document
    Column("probability", Double, nullable=False),
    Column("repeats", name_text()),  # the ballot that it shows again, sides swapped
    Column("gold", Integer),  # the place of the picture that is known to be better
    Column("leased_until", Utc, nullable=False),
    Column("created_at", Utc, nullable=False),
)
Index("ballots_once", ballots.c.experiment_id, ballots.c.phase, ballots.c.once, unique=True)
Index("ballots_of_rater", ballots.c.rater, ballots.c.experiment_id, ballots.c.phase)

# The last one of a ballot counts; those before stay.
votes = Table(
    "votes",
    metadata,
    Column("ballot_id", name_text(), ForeignKey("ballots.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("choice", Text, nullable=False),
    Column("criteria", Text, nullable=False),  # a document
    Column("dwell_ms", Integer),
    Column("client", Text, nullable=False),
    Column("revealed", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# Whose key is gone is nobody any more.
rater_keys = Table(
    "rater_keys",
    metadata,
    Column("rater", name_text(), primary_key=True),
    Column("pseudonym", name_text(), nullable=False, unique=True),
)

champions = Table(
    "champions",
    metadata,
    Column("asset_type", name_text(), primary_key=True),
    Column("quality", name_text(), primary_key=True),
    Column("revision", Integer, nullable=False),
)

# Every change of a champion; the one of its revision holds.
champion_moves = Table(
    "champion_moves",
    metadata,
    Column("asset_type", name_text(), primary_key=True),
    Column("quality", name_text(), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("overlay", Text, nullable=False),  # a document
    Column("canary", Text),  # a document; NULL: nobody is on the way in
    Column("actor", name_text(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("experiment_id", name_text()),
    Column("at", Utc, nullable=False),
    ForeignKeyConstraint(["asset_type", "quality"], ["champions.asset_type", "champions.quality"]),
)

# One row. Every write begins by counting it up, as in the library.
experiments_revision = Table("experiments_revision", metadata, Column("revision", BigInteger, primary_key=True))
