"""/champions: what each asset type and quality is drawn with; promoted, let in step by step, rolled back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response

from configs.errors import InvalidRequest
from configs.experiments import Overlay
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.experiments.experiment_schemas import ChampionBody, ChampionsBody, PromoteBody, ReasonBody
from router.experiments import promotion
from router.experiments.legibility import Legible
from router.experiments.model import Champion
from router.experiments.promotion import Promotion
from router.people.principal import Principal
from router.studio import Studio

routes = APIRouter(tags=["champions"], responses=error_responses(404, 409, 422))

Type = Annotated[str, Path(max_length=64, description="an asset type")]
Quality = Annotated[str, Path(max_length=64)]
IfMatch = Annotated[
    str | None, Header(max_length=32, description="The revision that is to be changed: another one is 409")
]


@routes.get("/champions")
async def list_champions(studio: StudioDep) -> ChampionsBody:
    """What was promoted. Everything else is drawn as asset types, qualities and models say."""
    return _bodies(await studio.experiments.store.champions())


@routes.get("/champions/{asset_type}/{quality}")
async def read_champion(studio: StudioDep, response: Response, asset_type: Type, quality: Quality) -> ChampionBody:
    """One of them; its ETag is its revision, 0 before anything was promoted."""
    found = await studio.experiments.store.champion(asset_type, quality)
    body = _nothing(asset_type, quality) if found is None else _body(found)
    response.headers["ETag"] = f'"{body.revision}"'
    return body


@routes.get("/champions/{asset_type}/{quality}/history")
async def read_history(studio: StudioDep, asset_type: Type, quality: Quality) -> ChampionsBody:
    """Every change, the last first: who, when and why."""
    return _bodies(await studio.experiments.store.moves(asset_type, quality))


@routes.post("/champions/{asset_type}/{quality}")
async def promote(
    studio: StudioDep,
    principal: PrincipalDep,
    asset_type: Type,
    quality: Quality,
    body: PromoteBody,
    if_match: IfMatch = None,
) -> ChampionBody:
    """Make an arm of an experiment the champion: it draws for 10 % of the people, then for 25 %, 50 % and all, while it
    keeps its guardrails. `warnings` say what speaks against it."""
    overlay = await _overlay(studio, body)
    signature = studio.audit.sign(principal)
    wish = Promotion(overlay, principal.id, body.reason, body.experiment, body.arm, not body.at_once, signature)
    champion, warnings = await promotion.promote(studio, asset_type, quality, wish, _revision(if_match))
    return _body(champion).model_copy(update={"warnings": warnings})


@routes.post("/champions/{asset_type}/{quality}/rollback")
async def roll_back(
    studio: StudioDep,
    principal: PrincipalDep,
    asset_type: Type,
    quality: Quality,
    body: ReasonBody,
    if_match: IfMatch = None,
) -> ChampionBody:
    """Take a canary back; without one, go back to the champion before."""
    by, signature = principal.id, studio.audit.sign(principal)
    expected = _revision(if_match)
    return _body(await promotion.roll_back(studio, asset_type, quality, by, body.reason, expected, signature))


@routes.post("/champions/{asset_type}/{quality}/ramp")
async def ramp(
    studio: StudioDep,
    principal: PrincipalDep,
    asset_type: Type,
    quality: Quality,
    body: ReasonBody,
    if_match: IfMatch = None,
) -> ChampionBody:
    """Let the canary draw for the next share of the people now."""
    by, signature = principal.id, studio.audit.sign(principal)
    return _body(await promotion.ramp(studio, asset_type, quality, by, body.reason, _revision(if_match), signature))


@routes.post("/champions/{asset_type}/{quality}/pause")
async def pause(
    studio: StudioDep,
    principal: PrincipalDep,
    asset_type: Type,
    quality: Quality,
    body: ReasonBody,
    if_match: IfMatch = None,
) -> ChampionBody:
    """Keep the canary from drawing."""
    return await _pause(studio, principal, (asset_type, quality), body.reason, True, _revision(if_match))


@routes.post("/champions/{asset_type}/{quality}/resume")
async def resume(
    studio: StudioDep,
    principal: PrincipalDep,
    asset_type: Type,
    quality: Quality,
    body: ReasonBody,
    if_match: IfMatch = None,
) -> ChampionBody:
    """Let a paused canary go on where it was."""
    return await _pause(studio, principal, (asset_type, quality), body.reason, False, _revision(if_match))


async def _pause(
    studio: Studio, principal: Principal, key: tuple[str, str], reason: str, paused: bool, expected: int | None
) -> ChampionBody:
    signature = studio.audit.sign(principal)
    return _body(await promotion.pause(studio, *key, principal.id, reason, paused, expected, signature))


async def _overlay(studio: Studio, body: PromoteBody) -> Overlay:
    if (body.overlay is None) == (body.arm is None):
        raise InvalidRequest("say what is promoted: an arm of an experiment, or an overlay", "arm")
    if body.overlay is not None:
        return body.overlay
    if body.experiment is None:
        raise InvalidRequest("of which experiment is this an arm?", "experiment")
    experiment = await studio.experiments.store.experiment(body.experiment)
    arm = experiment.phase.arm(str(body.arm))
    if arm is None:
        arms = tuple(one.id for one in experiment.phase.arms)
        raise InvalidRequest(f"'{body.arm}' is no arm of {experiment.id}; it has {', '.join(arms)}", "arm", arms)
    return arm.overlay


def _revision(said: str | None) -> int | None:
    if said is None or said.strip() == "*":
        return None
    text = said.strip().removeprefix("W/").strip('"')
    if not text.isdecimal():
        raise InvalidRequest('If-Match is the revision of a champion, such as "3"', "If-Match")
    return int(text)


def _nothing(asset_type: str, quality: str) -> ChampionBody:
    return ChampionBody(
        asset_type=asset_type,
        quality=quality,
        revision=0,
        kind="none",
        overlay=Overlay(),
        canary=None,
        by="",
        reason="",
        experiment=None,
        at=None,
    )


def _bodies(found: Legible[Champion]) -> ChampionsBody:
    return ChampionsBody(champions=tuple(map(_body, found.read)), notes=tuple(found.unreadable.values()))


def _body(champion: Champion) -> ChampionBody:
    return ChampionBody(
        asset_type=champion.asset_type,
        quality=champion.quality,
        revision=champion.revision,
        kind=champion.kind,
        overlay=champion.overlay,
        canary=champion.canary,
        by=champion.actor,
        reason=champion.reason,
        experiment=champion.experiment,
        at=champion.at,
    )
