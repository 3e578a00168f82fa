"""How PostgreSQL is asked for a page. Its index of words has no order, and how rare a combination of words is, or the
beginning of one, it can only guess; a wrong guess reads all pictures for one. So the next pictures are gone through in
order first, and how many of them are found tells how to go on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Select

from router.assets.search import statements
from router.assets.search.question import Group, Question, sight_of
from router.storage.database import AnyRow, Database

SAMPLE = 2000
"""Pictures that are gone through first."""
_MARGIN = 1.5
Statement: TypeAlias = Callable[..., Select[Any]]


async def find(
    database: Database, statement: Statement, question: Question, values: dict[str, Any], reach: int
) -> Sequence[AnyRow]:
    """The rows of a list. At most `reach` pictures are gone through in order; what is rarer than that is looked up."""
    found, rest = await _go_through(database, statement, question, values, SAMPLE)
    if rest is None:
        return found
    rows = math.ceil(_MARGIN * rest["most"] * SAMPLE / len(found)) if found else reach + 1
    if rows <= reach:
        more, rest = await _go_through(database, statement, question, rest, rows)
        found += more
        if rest is None:
            return found
    looked_up = statement(question, database.engine)
    return found + [*await database.read(looked_up, **rest | await _conditions(database, question, rest))]


async def _go_through(
    database: Database, statement: Statement, question: Question, values: dict[str, Any], rows: int
) -> tuple[list[AnyRow], dict[str, Any] | None]:
    """What is found among the next `rows` pictures, and the values that the rest is to be asked for with: None where
    that is all, or enough. As soon as it is enough the database stops."""
    found = [*await database.read(statement(question, database.engine, rows), **values)]
    most = values["most"] - len(found)
    if not (most and await database.read(statements.window(question, rows), **_place(values))):
        return found, None
    return found, values | _behind(question, found) | {"most": most}


def _behind(question: Question, found: Sequence[AnyRow]) -> dict[str, int]:
    """Where the rest begins: at the last that was found. Where so many rows end, another statement would find moved by
    what was drawn or deleted meanwhile."""
    if not found:
        return {}
    numbers = [row.n for row in found]
    return {"first": max(numbers) + 1} if question.sort == "oldest" else {"end": min(numbers)}


def _place(values: dict[str, Any]) -> dict[str, int]:
    return {name: values[name] for name in ("first", "end")}


async def _conditions(database: Database, question: Question, values: dict[str, Any]) -> dict[str, str]:
    """`match`, which the index is asked for, and `rest`, which its answers are held against: the beginning of words
    that are more common than all else that is asked for. The index would gather every picture that has one."""
    sight, groups = sight_of(question.viewer), question.filters.groups()
    begun = [group for group in groups if any(word.begins for word in group)]
    exact = [group for group in groups if group not in begun]
    if not (begun and exact):
        return {"match": statements.tsquery((sight, *groups)), "rest": ""}
    counts = statements.frequencies(question, (*begun, *exact), SAMPLE)
    (counted,) = await database.read(counts, **_place(values))
    known = dict(zip((*begun, *exact), counted, strict=True))
    rarest = min(known[group] for group in exact)
    rest = tuple(group for group in begun if known[group] > rarest)
    kept: tuple[Group, ...] = tuple(group for group in groups if group not in rest)
    return {"match": statements.tsquery((sight, *kept)), "rest": statements.tsquery(rest)}
