"""A seat that one process of all on a database has at a time: an advisory lock of PostgreSQL, or a locked file beside
SQLite's. Whoever dies leaves it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

_SPACE = 0x41544C52  # so that other programs' locks of the same database are others


class Seat:
    """Used from one event loop."""

    def __init__(self, url: URL, number: int) -> None:
        """`number` tells seats of one database apart."""
        self._url, self._number = url, number
        self._connection: Connection | None = None
        self._file: FileLock | None = None
        self._turn = asyncio.Lock()

    async def take(self) -> bool:
        """Whether it is ours, now that it has been asked for. A database that is away gives no seat."""
        async with self._turn:
            return await asyncio.to_thread(self._take)

    async def leave(self) -> None:
        async with self._turn:
            await asyncio.to_thread(self._leave)

    def _take(self) -> bool:
        return self._lock_file() if self._url.get_backend_name() == "sqlite" else self._lock_row()

    def _lock_file(self) -> bool:
        if self._file is None:
            self._file = FileLock(Path(f"{self._url.database}.seat-{self._number}"), thread_local=False)
        with suppress(Timeout, OSError):
            if not self._file.is_locked:
                self._file.acquire(timeout=0)
            return True
        return False

    def _lock_row(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            engine = create_engine(
                self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5}
            )
            connection = engine.connect()
            asked = {"space": _SPACE, "number": self._number}
            if connection.execute(text("SELECT pg_try_advisory_lock(:space, :number)"), asked).scalar_one():
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError:
            self._leave()
        return False

    def _leave(self) -> None:
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None
        if self._file is not None:
            self._file.release()
