"""Rows into a table, by a statement whose text is made once: what SQLAlchemy does anew for each execution costs more
than the database's own work on a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Table, bindparam, insert

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Statement:
    """`text` as an engine's driver takes it: with values by name, or in `order`. `convert` are columns whose values the
    driver does not take as they are."""

    text: str
    order: Sequence[str] | None
    convert: Mapping[str, Callable[[Any], Any]]

    def values(self, row: Row) -> Any:
        if self.convert:
            row = {**row, **{name: convert(row[name]) for name, convert in self.convert.items()}}
        return row if self.order is None else tuple([row[name] for name in self.order])


class Insertion:
    """`INSERT` of whole rows into a table, as a `Connection` of either engine runs it. Columns that a row does not name
    take the default that the table has in the database."""

    def __init__(self, table: Table, then: str = "") -> None:
        """`then` are words after the values, the same on both engines."""
        self._table, self._then = table, then
        self._made: dict[tuple[str, ...], _Statement] = {}

    def run(self, connection: Connection, *rows: Row) -> int:
        """How many rows are new. All of `rows` name the same columns; without any, nothing is done."""
        if not rows:
            return 0
        statement = self._statement(connection, rows[0])
        values = [statement.values(row) for row in rows]
        return connection.exec_driver_sql(statement.text, values[0] if len(values) == 1 else values).rowcount

    def run_and_tell(self, connection: Connection, row: Row) -> Any:
        """Insert one row, and tell what `then` returns of it."""
        statement = self._statement(connection, row)
        return connection.exec_driver_sql(statement.text, statement.values(row)).scalar_one()

    def _statement(self, connection: Connection, row: Row) -> _Statement:
        columns = (connection.dialect.name, *row)
        statement = self._made.get(columns)
        if statement is None:
            statement = self._made[columns] = self._make(row, connection.dialect)
        return statement

    def _make(self, columns: Row, dialect: Dialect) -> _Statement:
        types = {name: self._table.c[name].type.dialect_impl(dialect) for name in columns}
        compiled = insert(self._table).values({name: bindparam(name) for name in columns}).compile(dialect=dialect)
        convert = {name: convert for name, type in types.items() if (convert := type.bind_processor(dialect))}
        return _Statement(f"{compiled}{self._then}", compiled.positiontup, convert)
