"""What the lists of pictures are narrowed by, as query parameters, and the search that they become."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from configs.errors import InvalidRequest
from router.api.deps import ViewerDep
from router.assets.keeping.tagging import plain_tag
from router.assets.search.question import Filters, Question, Sort
from router.people.viewer import Viewer

LONGEST_QUERY = 1000
_Name = Annotated[str, Query(min_length=1, max_length=200)]
_Verdict = Annotated[
    Literal["allowed", "conditional", "refused"] | None, Query(description="What its licences say of this purpose")
]


def _written_as_a_day(given: object) -> object:
    """Pydantic would take a number for seconds since 1970."""
    if isinstance(given, str) and not (given[:4].isdecimal() and given[4:5] == "-"):
        raise PydanticCustomError("written_day", "no day")
    return given


WrittenAsADay = BeforeValidator(_written_as_a_day)
_Day = Annotated[
    date | AwareDatetime | None,
    WrittenAsADay,
    Query(description="A day in UTC, 2026-11-30, or a time with its zone; included"),
]


async def _filters(
    viewer: ViewerDep,
    q: Annotated[
        str | None,
        Query(
            max_length=LONGEST_QUERY,
            description="Words of its prompt, asset type, tags and notes, all of them; `fox*`, and the last word, find "
            "what begins so",
        ),
    ] = None,
    asset_type: _Name | None = None,
    quality: _Name | None = None,
    model: _Name | None = None,
    lora: _Name | None = None,
    licence: Annotated[str | None, Query(max_length=200, description="A licence that took part")] = None,
    reference: _Verdict = None,
    internal: _Verdict = None,
    product: _Verdict = None,
    favourite: Annotated[bool, Query(description="Only your favourites")] = False,
    tag: Annotated[list[str] | None, Query(max_length=8, description="All of these tags")] = None,
    colour: Annotated[str | None, Query(max_length=16, description="Near this colour: %23e01b24 or e01b24")] = None,
    since: Annotated[_Day, Query(alias="from")] = None,
    until: Annotated[_Day, Query(alias="to", description="The last day, included; or a time, not included")] = None,
    space: _Name | None = None,
    owner: _Name | None = None,
    kind: Literal["drawn", "uploaded"] | None = None,
    collection: Annotated[str | None, Query(max_length=64, description="In this collection")] = None,
) -> Filters:
    named = {
        "type": asset_type,
        "quality": quality,
        "model": model,
        "lora": lora,
        "licence": licence,
        "reference": reference,
        "internal": internal,
        "product": product,
        "favourite": viewer.owner if favourite else None,
        "space": space,
        "owner": owner,
        "kind": kind,
        "in": collection,
    }
    terms = tuple((facet, value) for facet, value in named.items() if value is not None)
    terms += tuple(("tag", plain_tag(one, "tag")) for one in tag or ())
    begin, end = _moment(since, 0), _moment(until, 1)
    if begin is not None and end is not None and begin >= end:
        raise InvalidRequest("it ends before it begins: give a later `to`, or an earlier `from`", "to")
    return Filters(query=q or "", terms=terms, colour=colour or "", since=begin, until=end)


def _moment(given: date | datetime | None, days: int) -> datetime | None:
    """A day begins in UTC; `days` later where the day itself is meant to be in."""
    if given is None or isinstance(given, datetime):
        return given
    try:
        return datetime.combine(given, time(), UTC) + timedelta(days=days)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


FiltersDep = Annotated[Filters, Depends(_filters)]
SortParam = Annotated[Sort, Query(description="By when they were made")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=40,
        pattern="^[0-9a-f]{1,16}-[0-9a-f]{12}$",
        description="`next` of the page before, of the same search",
    ),
]
PageSize = Annotated[int, Query(ge=1, le=200)]


def search_for(viewer: Viewer, filters: Filters, sort: Sort = "newest", deleted: bool = False) -> Question:
    """Raises `InvalidRequest` for a search that cannot be."""
    if deleted and not filters.is_open:
        raise InvalidRequest("deleted pictures are listed all together: leave the other filters out", "deleted")
    filters.groups()
    return Question(viewer, filters, sort, deleted)
