"""How a database comes to this release's schema: under a lock, in one transaction, after a copy of a SQLite file."""

from __future__ import annotations

import logging
import os
import sqlite3
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, select, text, update

from configs.errors import ConfigError
from router.storage.columns import schema_compatibility
from router.storage.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_log = logging.getLogger("atelier.storage")

NEWEST = "0022"
"""The last step of `migrations/versions`, written out so that a database that is there already needs no Alembic."""
_BEFORE_ALEMBIC = {"images", "pictures", "drawings", "schema_version"}
_REMEDY = "restore a copy of it, or use another one"
_LOCK = 0x61746C72  # any number that others are unlikely to lock on


def prepare(engine: Engine, described: str) -> None:
    """Bring the database of `engine` to the newest schema, or leave it exactly as it is.

    Raises `ConfigError` for a newer schema that this release does not work on, and for tables of another program;
    SQLAlchemy's errors for a database that does not answer.
    """
    with engine.connect() as connection:
        ready = _revision(connection) == NEWEST
        if ready:
            _check_whole(connection)
    if not ready:
        with engine.begin() as connection:
            _lock(connection)
            revision = _revision(connection)
            _check(connection, revision, described)
            if revision is None or revision < NEWEST:
                _upgrade(connection, revision, described)


def pending(connection: Connection) -> tuple[str, ...]:
    """The steps that a database has not gone, each with what it does."""
    from alembic.script import ScriptDirectory

    revision = _revision(connection) or ""
    steps = ScriptDirectory.from_config(_config(connection)).walk_revisions()
    return tuple(f"{step.revision}  {step.doc}" for step in reversed(list(steps)) if step.revision > revision)


def _revision(connection: Connection) -> str | None:
    """The step that the database has come to; None where it is empty. Numbers from before Alembic are its first."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return _numbered(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none())
    if "schema_version" in tables:
        return _numbered(connection.execute(text("SELECT version FROM schema_version")).scalar_one_or_none())
    return None


def _numbered(found: object) -> str:
    """SQLite keeps whatever it is given."""
    if not str(found).isdecimal() or int(str(found)) == 0:
        raise ConfigError(f"The job database is damaged, since its schema version cannot be read: {_REMEDY}")
    return f"{int(str(found)):04d}"


def _check(connection: Connection, revision: str | None, described: str) -> None:
    if revision is None:
        ours = set(metadata.tables) | _BEFORE_ALEMBIC
        if present := sorted(set(inspect(connection).get_table_names()) & ours):
            names = ", ".join(present)
            raise ConfigError(
                f"The database {described} has tables named {names} that are not Atelier's: use another one"
            )
    elif revision > NEWEST:
        readers = connection.execute(select(schema_compatibility.c.oldest_reader)).scalar_one_or_none()
        if readers is None or readers > NEWEST:
            raise ConfigError(
                f"The job database {described} has schema {revision}, made by a newer release; this one works with"
                f" schema {NEWEST}: start the newer release, or go back to a copy from before it"
            )
        _log.warning("%s has schema %s of a newer release, which this one (%s) works on", described, revision, NEWEST)


def _upgrade(connection: Connection, revision: str | None, described: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    if revision is not None:
        copy = _copy(connection, revision)
        kept = f"; as it was, it is kept as {copy}" if copy else ""
        _log.warning("the database %s goes from schema %s to %s%s", described, revision, NEWEST, kept)
    config = _config(connection)
    if revision is not None and "alembic_version" not in inspect(connection).get_table_names():
        command.stamp(config, revision)
        connection.execute(text("DROP TABLE schema_version"))
    command.upgrade(config, NEWEST)
    step = ScriptDirectory.from_config(config).get_revision(NEWEST)
    connection.execute(update(schema_compatibility).values(oldest_reader=step.module.oldest_reader))
    _check_references(connection)


def _check_whole(connection: Connection) -> None:
    """That what statements will name is there; found later, it would pass for a database that is away."""
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in present:
            raise ConfigError(f"The job database is damaged, it lacks the table {table.name}: {_REMEDY}")
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        lacking = sorted(set(table.columns.keys()) - columns)
        if lacking:
            raise ConfigError(f"The job database is damaged, {table.name} lacks {', '.join(lacking)}: {_REMEDY}")


def _lock(connection: Connection) -> None:
    """Several processes may start at once: one after the other."""
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else f"SELECT pg_advisory_xact_lock({_LOCK})")


def _copy(connection: Connection, revision: str) -> Path | None:
    """The SQLite file as it is, beside itself; None on PostgreSQL, which has tools of its own for that."""
    file = connection.engine.url.database
    if connection.dialect.name != "sqlite" or file is None:
        return None
    copy, partial = Path(f"{file}.before-{NEWEST}-from-{revision}"), Path(f"{file}.copying")
    partial.unlink(missing_ok=True)
    source, target = sqlite3.connect(file), sqlite3.connect(partial)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    os.replace(partial, copy)
    return copy


def _check_references(connection: Connection) -> None:
    """Steps run without SQLite's own checks, which would delete what hangs on a table that is made anew."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise ConfigError(
                f"The schema was not changed: {len(broken)} rows of {broken[0][0]} would refer to nothing"
            )


def _config(connection: Connection) -> Config:
    config = _base_config()
    config.attributes["connection"] = connection
    return config


@cache
def _base_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("version_locations", str(Path(__file__).parent / "migrations/versions").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
