"""A real PostgreSQL for tests: a server of its own in a temporary folder, gone when the tests are."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.ports import free_port

_INSTALL = "PostgreSQL is not installed: run `apt-get install postgresql` (`make test` does it) and test again"
_START_SECONDS = 60
# Stops the server when standard input closes, which it does however the tests end, kill -9 included.
_TIED_TO_STDIN = 'exec 3<&0; "$@" </dev/null & server=$!; cat <&3 >/dev/null; kill -QUIT $server; wait $server'
_SEND_AWAY = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_BEGIN_NUMBERS_AGAIN = (
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences "
    "WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
# All columns and constraints; a table that is made anew has another number.
_SCHEMA = (
    "SELECT attrelid, attname, atttypid, attnotnull FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
    "WHERE relnamespace = 'public'::regnamespace AND attnum > 0 ORDER BY attrelid, attnum"
)


class PostgresServer:
    """A running server."""

    def __init__(self, port: int) -> None:
        self._port = port

    def url(self, database: str) -> str:
        return f"postgresql://atelier@127.0.0.1:{self._port}/{database}"

    def create_database(self, like: str = "template1") -> str:
        """The URL of a new database: an empty one, or a copy of one that nobody is connected to."""
        name = f"test_{uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY FILE_COPY".encode())
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Whoever is still connected is sent away. A database has three hundred files, so that keeping all until the
        server goes takes minutes then."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)".encode())


class ReusedDatabase:
    """A database that every test finds as it was at first, in a fourth of the time that making one takes."""

    def __init__(self, server: PostgresServer, like: str) -> None:
        self._server, self.url = server, server.create_database(like)
        with psycopg.connect(self.url) as connection:
            self._schema = connection.execute(_SCHEMA).fetchall()
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            self._rows = {name: _copied(connection, name) for (name,) in tables}

    def restore(self) -> bool:
        """Take out what a test wrote; False where it changed the tables themselves, and the database has gone."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_SEND_AWAY)
            if connection.execute(_SCHEMA).fetchall() == self._schema:
                connection.execute("SET session_replication_role = replica")  # rows come in any order
                # TRUNCATE would make every file of every table and index anew: a third of a second for fifty tables.
                connection.execute("; ".join(f"DELETE FROM {table}" for table in self._rows).encode())
                connection.execute(_BEGIN_NUMBERS_AGAIN)
                for table, rows in self._rows.items():
                    if rows:
                        with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                            copy.write(rows)
                return True
        self._server.drop_database(self.url)
        return False


def _copied(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(copy)


@contextmanager
def running_postgres(*, fsync: bool = False) -> Iterator[PostgresServer]:
    """Start a server on a free port and stop it at the end. `fsync=True` for measurements, as in production.

    Raises `RuntimeError` saying what to install when there is no PostgreSQL on this machine.
    """
    binaries = _find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="atelier-postgres-"))
    try:
        user = _unprivileged(folder)
        data = folder / "data"
        initialise = ["-D", str(data), "-U", "atelier", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([str(binaries / "initdb"), *initialise], check=True, cwd=folder, capture_output=True, **user)
        with _serving(binaries, data, user, fsync) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving(binaries: Path, data: Path, user: dict[str, Any], fsync: bool) -> Iterator[PostgresServer]:
    port = free_port()
    settings = {"port": port, "listen_addresses": "127.0.0.1", "fsync": "on" if fsync else "off"}
    settings |= {"unix_socket_directories": data.parent, "max_connections": 200}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = ["sh", "-c", _TIED_TO_STDIN, "sh", str(binaries / "postgres"), "-D", str(data), *options]
    with (data.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=data.parent, **user)
    try:
        server = PostgresServer(port)
        _wait(server, data.parent / "log")
        yield server
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=_START_SECONDS)


def _wait(server: PostgresServer, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{log.read_text()[-2000:]}") from None
            time.sleep(0.05)
        else:
            return


def _find_binaries() -> Path:
    """The folder with `initdb` and `postgres`: of Debian's newest version, or on the PATH."""
    debian = Path("/usr/lib/postgresql")
    versions = sorted(debian.glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    found = [*versions, *([Path(on_path).resolve()] if on_path else [])]
    if not found:
        raise RuntimeError(_INSTALL)
    return found[0].parent


def _unprivileged(folder: Path) -> dict[str, Any]:
    """How to run as a user that PostgreSQL accepts: it refuses root, so root lends `folder` to `postgres`."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}
