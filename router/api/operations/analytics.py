"""/analytics: how much was drawn, with what, how much of it was kept, and what time that may have saved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from configs.errors import InvalidRequest, NotAllowed, NotFound
from configs.frozen import Frozen
from router.api.deps import PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.pictures.image_queries import WrittenAsADay
from router.api.pictures.image_schemas import FacetValue
from router.assets.usage.model import Counted, Scope
from router.people.policy import OPERATE
from router.people.principal import Principal
from router.people.viewer import Viewer

routes = APIRouter(tags=["analytics"], responses=error_responses(403, 404, 422))

MOST_DAYS = 1100
_USUAL_DAYS = 30
_Day = Annotated[date | None, WrittenAsADay]


class UsageDay(Frozen):
    """Of the pictures that were made on a day, in UTC."""

    day: date
    pictures: int
    kept: int


class TimeSaved(Frozen):
    """An estimate, and nothing that was measured: every kept picture counts for as many minutes as the profile says
    that making one by hand takes."""

    minutes: float
    minutes_per_kept_picture: float
    how: str


class AnalyticsBody(Frozen):
    """What was drawn in some days, and what became of it."""

    of: str = Field(description="me, all, or the id of a space")
    first: date
    last: date
    pictures: int = Field(description="drawn")
    uploads: int
    jobs: int
    kept: int = Field(description="of these pictures, those that are somebody's favourites or in a collection by now")
    picks: int = Field(description="made in comparisons")
    time_saved: TimeSaved
    asset_types: tuple[FacetValue, ...]
    models: tuple[FacetValue, ...]
    loras: tuple[FacetValue, ...]
    days: tuple[UsageDay, ...] = Field(description="those with a picture, in order")


@routes.get("/analytics")
async def read_analytics(
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    since: Annotated[
        date | None, WrittenAsADay, Query(alias="from", description="The first day, in UTC; 30 days if absent")
    ] = None,
    until: Annotated[
        date | None, WrittenAsADay, Query(alias="to", description="The last day, in UTC; today if absent")
    ] = None,
    of: Annotated[Literal["me", "space", "all"], Query(description="all: for operators")] = "me",
    space: Annotated[str | None, Query(max_length=64, description="Which, with of=space; your own if absent")] = None,
) -> AnalyticsBody:
    """How much was drawn in some days, with what, and how much of it was kept."""
    last = until or datetime.now(UTC).date()
    first = since or last - timedelta(days=min(_USUAL_DAYS - 1, (last - date.min).days))
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidRequest(f"ask for 1 to {MOST_DAYS} days, the last of them not before the first", "from")
    scope, named = _scope(principal, viewer, of, space)
    found = await studio.usage.usage(scope, first, min(last, date(9999, 12, 30)))
    minutes = studio.installation.profile.minutes_per_kept_picture
    return AnalyticsBody(
        of=named,
        first=first,
        last=last,
        pictures=found.pictures,
        uploads=found.uploads,
        jobs=found.jobs,
        kept=found.kept,
        picks=found.picks,
        time_saved=TimeSaved(
            minutes=round(found.kept * minutes, 1),
            minutes_per_kept_picture=minutes,
            how=f"an estimate: {found.kept} kept pictures, {minutes:g} minutes of work by hand for each",
        ),
        asset_types=_values(found.popular["asset_types"]),
        models=_values(found.popular["models"]),
        loras=_values(found.popular["loras"]),
        days=tuple(UsageDay(day=one.day, pictures=one.pictures, kept=one.kept) for one in found.days),
    )


def _scope(principal: Principal, viewer: Viewer, of: str, space: str | None) -> tuple[Scope, str]:
    """Whose usage, and what to call it. Raises `NotAllowed`, and `NotFound` for a space that they are not in."""
    if of == "me":
        return Scope(owner=viewer.owner), "me"
    if of == "space":
        wanted = space or viewer.space
        if not (viewer.sees_all or OPERATE.admits(principal) or wanted in viewer.spaces):
            raise NotFound(f"There is no space {wanted} that you are in")
        return Scope(space=wanted), wanted
    if not (viewer.sees_all or OPERATE.admits(principal)):
        raise NotAllowed("what everybody has drawn is for operators: ask for of=me, or of=space")
    return Scope(), "all"


def _values(counted: Counted) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(value=value, pictures=pictures) for value, pictures in counted)
