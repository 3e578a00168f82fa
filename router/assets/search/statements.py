"""The statements of lists and searches. A search is one condition on the index of words, as the engine writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from router.assets.keeping.tables import favourites
from router.assets.search.question import Group, Question, sight_of
from router.assets.search.tables import DELETED, LIVE, WHOLE, asset_counts, asset_search
from router.assets.search.words import Word
from router.assets.statements import FILES
from router.assets.tables import assets

_N = asset_search.c.n
_INDEX = table("asset_words", column("rowid", BigInteger), column("asset_words", Text))
# Written into the statement: a plan for words, places and numbers of rows that are not known yet may read all pictures
# to find the one that is asked for, and PostgreSQL takes to such a plan when it has been asked the same ten times.
_FIRST, _END, _MOST = (bindparam(name, type_=BigInteger, literal_execute=True) for name in ("first", "end", "most"))
_MATCH, _REST = (bindparam(name, type_=Text, literal_execute=True) for name in ("match", "rest"))
_VECTOR: ColumnElement[Any] = literal_column("vector")

LISTED = (
    _N,
    asset_search.c.prompt,
    asset_search.c.asset_type,
    asset_search.c.quality,
    asset_search.c.model,
    asset_search.c.loras,
    asset_search.c.colours,
    asset_search.c.facets,
    asset_search.c.deleted_at,
    assets.c.id,
    assets.c.owner,
    assets.c.space,
    assets.c.kind,
    assets.c.job_id,
    assets.c.idx,
    assets.c.seed,
    assets.c.width,
    assets.c.height,
    assets.c.licence,
    assets.c.notes,
    assets.c.scores,
    assets.c.created_at,
)
# A value rather than EXISTS, which PostgreSQL may answer by reading all favourites of somebody who has very many.
FAVOURITE = (
    select(literal_column("1"))
    .where(favourites.c.principal == bindparam("principal"), favourites.c.asset_id == assets.c.id)
    .scalar_subquery()
    .is_not(None)
    .label("is_favourite")
)

ONE = (
    select(*LISTED, FILES, FAVOURITE)
    .join(assets, assets.c.id == asset_search.c.asset_id)
    .where(assets.c.id == bindparam("asset_id"))
)
_COUNTED = (
    select(asset_counts.c.facet, func.sum(asset_counts.c.pictures).label("pictures"))
    .where(WHOLE)
    .group_by(asset_counts.c.facet)
)
COUNTS_OF_ALL = _COUNTED
COUNTS_OF_SEEN = _COUNTED.where(
    or_(asset_counts.c.owner == bindparam("owner"), asset_counts.c.space.in_(bindparam("spaces", expanding=True)))
)


def window(question: Question, rows: int) -> Select[Any]:
    """The number of the picture that is `rows` behind where a page begins, in its order."""
    order: ColumnElement[Any] = _N if question.sort == "oldest" else _N.desc()
    behind = select(_N).where(LIVE, _N >= _FIRST, _N < _END).order_by(order)
    return behind.offset(_literal(rows)).limit(_literal(1))


def page(question: Question, engine: str, rows: int | None = None) -> Select[Any]:
    """The pictures that are asked for, with all that a list shows. Takes `match`, or `owner` where it `is_plain`;
    `first` and `end` (numbers), `most`, and whose favourites they may be, `principal`. With `rows`, PostgreSQL goes
    through that many pictures in order, and stops where it has found enough; without, it asks its index for `match`
    and holds the answers against `rest`."""
    chosen = _chosen(question, engine, rows).subquery("page")
    shown: tuple[ColumnElement[Any], ...] = (*LISTED, FILES, FAVOURITE)
    listed = select(*shown).join_from(chosen, asset_search, chosen.c.n == _N)
    listed = listed.join(assets, assets.c.id == asset_search.c.asset_id)
    return listed.order_by(_N if question.sort == "oldest" else _N.desc())


def facets(question: Question, engine: str, rows: int | None = None) -> Select[Any]:
    """What the first `most` of them are counted under. Takes what `page` takes."""
    chosen = _chosen(question, engine, rows).subquery("page")
    return select(_N, asset_search.c.facets).join_from(chosen, asset_search, chosen.c.n == _N)


def frequencies(question: Question, groups: Sequence[Group], rows: int) -> Select[Any]:
    """How many of the next `rows` pictures have each of the groups, a column each."""
    next = _next(question, rows, _VECTOR.label("vector"))
    having = (next.c.vector.op("@@")(cast(_written(tsquery((group,))), TSQUERY)) for group in groups)
    counts: Any = [func.count().filter(one) for one in having]
    return select(*counts).select_from(next)


def _written(text: str) -> ColumnElement[str]:
    """Words are letters and digits alone, and tokens hashes: nothing of them ends a text."""
    return literal_column(f"'{text.replace(chr(39), chr(39) * 2)}'", Text)


def is_plain(question: Question) -> bool:
    """Whether it asks for nothing but one owner's, which an index has in order."""
    alone = not question.viewer.sees_all and not question.viewer.spaces
    return question.deleted or (alone and not question.filters.groups())


def match_of(question: Question, engine: str) -> str:
    """The condition on the index of words."""
    groups = (sight_of(question.viewer), *question.filters.groups())
    return _fts(groups) if engine == "sqlite" else tsquery(groups)


def _chosen(question: Question, engine: str, rows: int | None) -> Select[Any]:
    if is_plain(question):
        numbered: Any = select(_N).where(
            asset_search.c.owner == bindparam("owner"), DELETED if question.deleted else LIVE, _N >= _FIRST, _N < _END
        )
        order: ColumnElement[Any] = _N
    elif engine == "sqlite":
        order = _INDEX.c.rowid
        found: ColumnElement[bool] = _INDEX.c.asset_words.op("MATCH")(_MATCH)
        numbered = select(order.label("n")).where(found, order >= _FIRST, order < _END)
    elif rows is None:
        order = _N + literal_column("0")  # no index is in the order of a sum
        empty = cast(_REST, Text) == literal_column("''", Text)
        found = _VECTOR.op("@@")(cast(_MATCH, TSQUERY)) & or_(empty, _has(_VECTOR, _REST))
        numbered = select(_N).select_from(asset_search).where(_N >= _FIRST, _N < _END, found)
    else:
        near = _next(question, rows, _N, _VECTOR.label("vector"))
        order = near.c.n
        numbered = select(order).where(_has(near.c.vector, _MATCH))
    chosen: Select[Any] = numbered.order_by(order if question.sort == "oldest" else order.desc()).limit(_MOST)
    return chosen


def _next(question: Question, rows: int, *columns: ColumnElement[Any]) -> Subquery:
    """The next `rows` pictures, in the order that is asked for."""
    near = select(*columns).select_from(asset_search).where(LIVE, _N >= _FIRST, _N < _END)
    return near.order_by(_N if question.sort == "oldest" else _N.desc()).limit(_literal(rows)).subquery("next")


def _literal(number: int) -> ColumnElement[int]:
    return bindparam(None, number, BigInteger, literal_execute=True)


def _has(vector: ColumnElement[Any], words: ColumnElement[str]) -> ColumnElement[bool]:
    """What `@@` is made of: a condition that no index is asked for."""
    return func.ts_match_vq(vector, cast(words, TSQUERY), type_=Boolean)


def _fts(groups: Sequence[Group]) -> str:
    """Words are letters and digits alone, quoted all the same: AND would be an operator."""
    return " AND ".join("(" + " OR ".join(f'"{word.text}"{_star(word)}' for word in group) + ")" for group in groups)


def tsquery(groups: Sequence[Group]) -> str:
    """A condition on PostgreSQL's index of words."""
    return " & ".join("(" + " | ".join(f"'{word.text}'{_colon_star(word)}" for word in group) + ")" for group in groups)


def _star(word: Word) -> str:
    return " *" if word.begins else ""


def _colon_star(word: Word) -> str:
    return ":*" if word.begins else ""
