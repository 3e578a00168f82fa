"""Blind votes: POST /experiments/{id}/ballots, GET /ballots/{id}/left, PUT /ballots/{id}/vote."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from configs.errors import NotFound
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.experiments.ballot_schemas import (
    BallotsBody,
    BallotsWish,
    Rater,
    RevealWish,
    SittingBody,
    VoteBody,
    VoteTaken,
    ballots_body,
    sitting_body,
    vote_taken,
)
from router.api.pictures.uses import JudgingDep
from router.experiments.ballots.model import SIDES, Answer
from router.experiments.ballots.pictures import MEDIA_TYPE
from router.metrics import VOTES
from router.people.rating import rater_of
from router.people.viewer import Viewer


class _PlaceConvertor(Convertor[str]):
    """Of a picture in a path, so that `vote` and `reveal`, which are none, have no GET."""

    regex = "left|right|[0-3]"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("place", _PlaceConvertor())
routes = APIRouter(tags=["experiments"])

ExperimentId = Annotated[str, Path(min_length=1, max_length=64, pattern="^[!-~]+$")]
BallotId = Annotated[str, Path(min_length=1, max_length=64, pattern="^[!-~]+$")]
Place = Annotated[str, Path(pattern="^(left|right|[0-3])$", description="left or right; on a screen of four, 0 to 3")]
RaterQuery = Annotated[Rater | None, Query()]

_BLIND = {"Cache-Control": "private, no-store"}
"""Nothing that could be compared: no ETag, no name, no date of its own."""


@routes.post("/experiments/{experiment_id}/ballots", responses=error_responses(403, 404, 409, 422))
async def lease_ballots(
    request: Request, studio: StudioDep, principal: PrincipalDep, experiment_id: ExperimentId, body: BallotsWish
) -> BallotsBody:
    """Your next ballots, yours for 15 minutes: those that you left unanswered first. Fetch their pictures ahead."""
    handed = await studio.ballots.lease(experiment_id, rater_of(principal, body.rater), body.count, body.holding)
    return ballots_body(request, handed, body.rater)


@routes.get(
    "/ballots/{ballot_id}/{place:place}",
    name="ballot_picture",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}, **error_responses(403, 404, 410, 422)},
)
async def read_picture(
    studio: StudioDep,
    principal: PrincipalDep,
    ballot_id: BallotId,
    place: Place,
    _: JudgingDep,
    rater: RaterQuery = None,
) -> Response:
    """A picture of your ballot: drawn anew, without metadata, as large as the others in pixels and bytes. None is there
    before all are."""
    ballot = await studio.ballots.to_show(ballot_id, rater_of(principal, rater))
    number = SIDES.index(place) if place in SIDES else int(place)
    if number >= len(ballot.arms) or (place in SIDES) != (len(ballot.arms) == 2):
        raise NotFound(f"ballot {ballot_id} has no picture '{place}'", "place")
    files = await studio.ballot_pictures.of(ballot)
    return Response(files[number], media_type=MEDIA_TYPE, headers=_BLIND)


@routes.put("/ballots/{ballot_id}/vote", responses=error_responses(403, 404, 409, 410, 422))
async def cast_vote(studio: StudioDep, principal: PrincipalDep, ballot_id: BallotId, body: VoteBody) -> VoteTaken:
    """Answer a ballot. The same answer again changes nothing; another one needs `supersedes`, and is taken until the
    sitting is over."""
    answer = Answer(body.choice, body.criteria, body.dwell_ms, body.client, body.supersedes)
    before = await studio.ballots.ballot(ballot_id, rater_of(principal, body.rater))
    ballot = await studio.ballots.cast(ballot_id, rater_of(principal, body.rater), answer)
    if ballot.cast != before.cast:
        studio.metrics.count(VOTES, experiment=ballot.experiment, choice=body.choice)
    return vote_taken(ballot)


@routes.post("/ballots/{ballot_id}/reveal", responses=error_responses(403, 404, 409, 422))
async def reveal_sitting(
    studio: StudioDep, principal: PrincipalDep, ballot_id: BallotId, body: RevealWish
) -> SittingBody:
    """End the sitting that a ballot is in, and tell what was what. Its answers stay as they are from here on."""
    return sitting_body(await studio.ballots.reveal(ballot_id, rater_of(principal, body.rater)))


@routes.delete("/raters/{rater}", status_code=204, responses=error_responses(404, 422))
async def forget_rater(
    studio: StudioDep,
    principal: PrincipalDep,
    rater: Annotated[str, Path(min_length=1, max_length=64, pattern="^[!-~]+$")],
) -> None:
    """Erase who a rater is: their votes stay, under a name that leads to nobody any more."""
    if rater != principal.id and not Viewer.of(principal).sees_all:
        raise NotFound(f"'{rater}' is not you: an admin may erase others")
    await studio.ballots.forget(rater, studio.audit.sign(principal))
