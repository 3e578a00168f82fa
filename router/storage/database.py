"""How the two engines are reached: one writer at a time on SQLite, row locks on PostgreSQL, and one schema on both."""

from __future__ import annotations

import asyncio
import math
import select
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

import psycopg
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Executable,
    NullPool,
    Row,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InvalidatePoolError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from configs.errors import ConfigError, FileStoreUnavailable, StoreUnavailable
from configs.profile import ProfileConfig
from deployments.blobs.outage import Availability
from router.storage.faults import name_fault
from router.storage.migration import prepare
from router.storage.seat import Seat

AnyRow: TypeAlias = Row[*tuple[Any, ...]]

P = ParamSpec("P")
T = TypeVar("T")

_CONNECTIONS = 8  # per process, for reads and again for writes
_AT_REST_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
_LOOK_SECONDS = 1.0  # between attempts to write, in an outage
_WRITTEN = 1  # the size, for `Availability`, of what is more than reading


def database_url(profile: ProfileConfig, state: Path) -> str:
    """Where the jobs of a profile are kept: its database, or a file in its folder `state`."""
    return profile.database_url or f"sqlite:///{state / 'jobs.db'}"


class Database:
    """A SQLite file or a PostgreSQL database, by URL as users write it.

    Each read and each transaction is one call of a thread, however many statements it has: on a busy machine going to
    another thread and back costs more than a statement does. Statements that only read run alone, each its own
    transaction; `write` runs one that writes. On SQLite the latter begins IMMEDIATE on the one connection that writes:
    a transaction that turned from reading to writing half-way would fail at once when another process writes.
    """

    def __init__(self, url: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Raises `ConfigError` when `url` is not a database that jobs can be kept in."""
        self._url = parse_url(url)
        self._patience = patience_seconds
        self.availability = Availability("the job database")
        sqlite = self._url.get_backend_name() == "sqlite"
        if sqlite:
            self._reader = _sqlite_reader(self._url, patience_seconds)
            self._writer = _sqlite_writer(self._url, patience_seconds)
        else:
            self._reader = _postgresql(self._url, patience_seconds, isolation_level="AUTOCOMMIT")
            self._writer = _postgresql(self._url, patience_seconds)
        self._readers = ThreadPoolExecutor(_CONNECTIONS, "jobs-read")
        self._writers = ThreadPoolExecutor(1 if sqlite else _CONNECTIONS, "jobs-write")

    @property
    def engine(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._url.get_backend_name()

    def seat(self, number: int) -> Seat:
        """One that a single process has at a time, of all that use this database."""
        return Seat(self._url, number)

    async def open(self) -> None:
        """Create the tables, or bring them to this release's schema. Raises `ConfigError`."""
        await asyncio.get_running_loop().run_in_executor(self._writers, self._open)

    async def close(self) -> None:
        """What has begun is ended first."""
        for threads, engine in ((self._readers, self._reader), (self._writers, self._writer)):
            await asyncio.to_thread(threads.shutdown)
            engine.dispose()

    async def read(self, statement: Executable, **values: Any) -> Sequence[AnyRow]:
        """Rows of one statement."""

        def fetch() -> Sequence[AnyRow]:
            with _answering(), self._reader.connect() as connection:
                return connection.execute(statement, values).all()

        with self._noting():
            return await asyncio.get_running_loop().run_in_executor(self._readers, fetch)

    async def write(self, transaction: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `transaction` returns, committed when it has; what raises inside it leaves nothing behind.

        It goes on to its end when the caller is canceled: cut off in the middle, it might keep its lock.
        """

        def commit() -> T:
            with _answering(), self._writer.connect() as connection:
                result = transaction(connection, *args, **kwargs)
                connection.commit()
                return result

        with self._noting(_WRITTEN):
            committed = asyncio.get_running_loop().run_in_executor(self._writers, commit)
            committed.add_done_callback(_hear)
            return await asyncio.shield(committed)

    async def watch(self) -> None:
        """For ever: an outage is over as soon as something can be written again, though nobody asks for it."""
        while True:
            if self.availability.outage is None:
                await self.availability.change(_LOOK_SECONDS)
                continue
            with suppress(StoreUnavailable):
                await self.write(_touch_schema)
                self.availability.found(_WRITTEN)
            await asyncio.sleep(_LOOK_SECONDS)

    @contextmanager
    def _noting(self, size: int = 0) -> Iterator[None]:
        """Remember what goes wrong. That something could be read, or a transaction found nothing to write, does not end
        an outage of writing; and that a file could not be removed, which is another store's."""
        try:
            yield
        except FileStoreUnavailable:
            raise
        except StoreUnavailable as error:
            self.availability.lost(error, size)
            raise
        self.availability.found(0)

    def _open(self) -> None:
        described = describe(self._url)
        try:
            if self._url.get_backend_name() == "sqlite":
                _touch(Path(str(self._url.database)))
            with preparing(self._url, self._patience) as engine:
                prepare(engine, described)
                if engine.dialect.name == "sqlite":
                    _log_ahead(engine, self._patience)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise ConfigError(f"Cannot open the job database {described}: {_reason(error)}") from None


@contextmanager
def _answering() -> Iterator[None]:
    """A database that is away, full, not writable, or locked for too long is said to be that, without its address."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        fault = name_fault(error)
        if fault is None:
            raise
        raise fault from error


def _touch_schema(connection: Connection) -> None:
    """Write what is there already: a row, for sure, to the disk."""
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _hear(committed: asyncio.Future[Any]) -> None:
    """What a transaction has raised, of which nobody else hears where its caller has left."""
    if not committed.cancelled():
        committed.exception()


def parse_url(text_: str) -> URL:
    """The URL with the driver that is used for it. Raises `ConfigError`."""
    try:
        url = make_url(text_)
    except ArgumentError:
        raise ConfigError("The job database URL cannot be read: write sqlite:///path or postgresql://…") from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise ConfigError("Jobs must outlive the process: write sqlite:///path, with the path of a file")
        return url.set(drivername="sqlite+pysqlite")
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    raise ConfigError(f"Jobs cannot be kept in '{url.drivername}': write sqlite:///path or postgresql://…")


def describe(url: URL) -> str:
    """The database without user, password or options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.database or ''} at {url.host or 'the local socket'}:{url.port or 5432}"


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__


def _touch(file: Path) -> None:
    """Make an empty file with its folders, or raise why not in the plainest words."""
    file.parent.mkdir(parents=True, exist_ok=True)
    sqlite3.connect(file).close()


def _sqlite_reader(url: URL, patience: float) -> Engine:
    engine = create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
    )
    _set_pragmas(engine, f"busy_timeout={patience * 1000:.0f}", "query_only=ON")
    return engine


def _sqlite_writer(url: URL, patience: float) -> Engine:
    """One connection, so one writer at a time; the driver begins IMMEDIATE before the first INSERT or UPDATE."""
    engine = create_engine(url, pool_size=1, max_overflow=0, connect_args={"isolation_level": "IMMEDIATE"})
    _set_pragmas(engine, f"busy_timeout={patience * 1000:.0f}", "synchronous=FULL", "foreign_keys=ON")
    return engine


def _log_ahead(engine: Engine, patience: float) -> None:
    """Let the file be written through a log, so that readers and the writer do not wait for each other, and see that
    nobody keeps us from writing. The file remembers the former; SQLite itself does not wait for its turn to change it
    (`busy_timeout` is not asked)."""
    end = time.monotonic() + patience
    while True:
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.exec_driver_sql("ROLLBACK")
            return
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


@contextmanager
def preparing(url: URL, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Engine]:
    """An engine to look at the schema and to change it with, disposed of in the end. It waits `patience_seconds` for
    who holds the database."""
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        # The driver begins no transaction of its own; references are checked once all steps are done.
        engine = create_engine(url, poolclass=NullPool, connect_args={"isolation_level": None})
        _set_pragmas(engine, f"busy_timeout={patience_seconds * 1000:.0f}", "foreign_keys=OFF")
    else:
        timeout = {"connect_timeout": round(patience_seconds)}
        engine = create_engine(url, poolclass=NullPool, connect_args=timeout)
    try:
        yield engine
    finally:
        engine.dispose()


def _set_pragmas(engine: Engine, *pragmas: str) -> None:
    def apply(connection: Any, _record: object) -> None:
        connection.text_factory = _decode
        with ExitStack() as unless_all_succeed:
            unless_all_succeed.callback(connection.close)
            cursor = connection.cursor()
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
            unless_all_succeed.pop_all()

    event.listen(engine, "connect", apply)


def _decode(text: bytes) -> str:
    """A value that is no text, which others have written, must not look like a database that is away."""
    return text.decode(errors="replace")


def _postgresql(url: URL, patience: float, **options: Any) -> Engine:
    timeout = {"connect_timeout": round(patience)}
    engine = create_engine(url, pool_size=_CONNECTIONS, connect_args=timeout, **options)
    _replace_lost(engine)
    return engine


def _replace_lost(engine: Engine) -> None:
    """Have connections replaced that were lost while nobody used them. Of one that was in use a moment ago its socket
    tells, which costs no round trip: a server that speaks unasked says goodbye. One that has rested is asked, because
    its way may have gone silently."""

    def note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["at_rest_since"] = time.monotonic()

    def look(connection: Any, record: ConnectionPoolEntry, _taken: object) -> None:
        if connection.closed or _has_spoken(connection.fileno()):
            raise DisconnectionError
        if time.monotonic() - record.info.get("at_rest_since", math.inf) > _AT_REST_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.OperationalError:
                raise InvalidatePoolError from None

    event.listen(engine, "checkin", note_rest)
    event.listen(engine, "checkout", look)


def _has_spoken(socket: int) -> bool:
    watch = select.poll()
    watch.register(socket, select.POLLIN)
    return bool(watch.poll(0))
