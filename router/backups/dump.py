"""All rows of a database as lines of JSON, alike for both engines: what one has written, the other can read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Column, Connection, RowMapping, Table, delete, func, insert, select

from configs.errors import ConfigError
from router.storage.columns import Utc
from router.storage.migration import NEWEST
from router.storage.schema import metadata

_ROWS = 500  # that are read and written at a time
_SOMEBODYS = ("jobs", "assets", "library_entries", "audit", "collections", "api_keys", "batches", "experiments")
"""Tables of which every studio that was used has rows in one; others have some as soon as there is a schema."""


def write_dump(connection: Connection, into: IO[bytes], hear: Callable[[str, RowMapping], None]) -> int:
    """Write all rows, as one moment sees them, and tell `hear` of each; returns how many. The connection is in a
    transaction that no other changes."""
    rows = 0
    with gzip.GzipFile(fileobj=into, mode="wb", compresslevel=6, mtime=0) as packed:
        _write(packed, {"schema": NEWEST, "engine": connection.dialect.name})
        for table in metadata.sorted_tables:
            columns = _columns(table)
            _write(packed, {"table": table.name, "columns": [column.name for column in columns]})
            chosen = select(*columns).order_by(*table.primary_key.columns)
            streamed = connection.execution_options(stream_results=True, yield_per=_ROWS)
            for row in streamed.execute(chosen):
                hear(table.name, row._mapping)
                _write(packed, [value.isoformat() if isinstance(value, datetime) else value for value in row])
                rows += 1
        _write(packed, {"rows": rows})
    return rows


def check_empty(connection: Connection) -> None:
    """Raises `ConfigError` where somebody's rows are in it."""
    for name in _SOMEBODYS:
        count = connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
        if count:
            raise ConfigError(
                f"the database to restore into is not empty (it has {count} rows of {name}): name another one, or"
                " move this one away; a backup is never put over what is there"
            )


def read_dump(connection: Connection, file: IO[bytes]) -> int:
    """Put all rows into an empty database of the same schema; returns how many. Raises `ConfigError`."""
    rows = 0
    with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
        lines = (json.loads(line) for line in unpacked)
        check_schema(next(lines, {"schema": "none"})["schema"])
        for table in reversed(metadata.sorted_tables):
            if table.name != "audit":  # which refuses that, and is empty
                connection.execute(delete(table))
        for table, parts in _tables(lines):
            for part in parts:
                connection.execute(insert(table), part)
                rows += len(part)
    return rows


def check_schema(schema: str) -> None:
    """Raises `ConfigError` for a dump of another schema than this release's."""
    if schema != NEWEST:
        raise ConfigError(
            f"the backup is of schema {schema}, and this release has {NEWEST}: restore it with the release that made"
            " it; this one brings the database to its own schema when it starts"
        )


def _tables(lines: Iterator[Any]) -> Iterator[tuple[Table, Iterator[list[dict[str, Any]]]]]:
    line = next(lines)
    while "rows" not in line:
        table = metadata.tables.get(line["table"])
        if table is None or line["columns"] != [column.name for column in _columns(table)]:
            raise ConfigError(f"the dump has a table {line['table']} that this release does not know as it is there")
        told: list[Any] = []
        yield table, _parts(_columns(table), lines, told)
        (line,) = told


def _parts(columns: Sequence[Column[Any]], lines: Iterator[Any], told: list[Any]) -> Iterator[list[dict[str, Any]]]:
    """Rows of one table; what comes after them is `told`."""
    part: list[dict[str, Any]] = []
    for line in lines:
        if isinstance(line, dict):
            told.append(line)
            break
        part.append({column.name: _value(column, value) for column, value in zip(columns, line, strict=True)})
        if len(part) == _ROWS:
            yield part
            part = []
    else:
        raise ConfigError("the dump has no end: it was cut off")
    if part:
        yield part


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.computed is None]


def _value(column: Column[Any], value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(column.type, Utc) and value is not None else value


def _write(packed: IO[bytes] | gzip.GzipFile, line: object) -> None:
    packed.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
