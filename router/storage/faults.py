"""What went wrong with the job database, in words: its drivers' errors become one exception that says what to do."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from configs.errors import StoreUnavailable

AWAY = "the job database does not answer: check that it runs and can be reached"
FULL = "the disk of the job database is full: make room on it"
READ_ONLY = "the job database cannot be written: make its disk, its file and its folder writable for the studio"
READ_ONLY_SERVER = "the job database takes no writes: let it, or name the server that does in 'database_url'"
LOCKED = "the job database is locked by another program: end what holds it"
NO_FILE = "the file of the job database cannot be opened: bring it back, or its disk, for the studio to read and write"
BROKEN = "the disk of the job database gives errors: check it"
DAMAGED = "the job database is damaged: `python -m router.storage check` says where, bring back a copy of it"
NO_ROOM = "the job database has no connection left: end some that others hold, or allow more"

_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: FULL,  # the memory that is shared through a file finds no room for it
    **dict.fromkeys((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM), READ_ONLY),
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), LOCKED),
    **dict.fromkeys((sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY_DBMOVED), NO_FILE),
    sqlite3.SQLITE_IOERR: BROKEN,
    **dict.fromkeys((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB), DAMAGED),
}
_PRIMARY = 0xFF  # the bits of a result code that say what kind it is
_POSTGRESQL = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "53100": FULL,
    "25006": READ_ONLY_SERVER,
    **dict.fromkeys(("55P03", "57014", "40P01", "40001"), LOCKED),
    "53300": NO_ROOM,
    "58030": BROKEN,
    **dict.fromkeys(("XX001", "XX002"), DAMAGED),
}


def name_fault(error: DBAPIError | PoolTimeout) -> StoreUnavailable | None:
    """The exception that says what keeps the database from working; None where a statement alone is wrong."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    known = _POSTGRESQL.get(str(state)) if code is None else _SQLITE.get(code) or _SQLITE.get(code & _PRIMARY)
    if known is not None and isinstance(error, DatabaseError):
        return StoreUnavailable(known)
    return StoreUnavailable(AWAY) if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)) else None
