"""/auth: how a device without a browser of its own signs in: it shows a code, a person approves it elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from configs.errors import NotAllowed
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.links import link
from router.api.people.people_schemas import (
    ApproveBody,
    AskingBody,
    DeviceCodeBody,
    DeviceTokenWish,
    DeviceWish,
    IssuerBody,
    IssuersBody,
    RefreshWish,
    TokensBody,
)
from router.people.principal import Principal
from router.people.signing_in.devices import Asking, Tokens

public = APIRouter(tags=["sign-in"], responses=error_responses(422, 503))
routes = APIRouter(tags=["sign-in"], responses=error_responses(403, 404, 409, 422, 429))


@public.get("/auth/issuers")
async def list_issuers(studio: StudioDep) -> IssuersBody:
    """Where people sign in, for pages that have them signed in."""
    found = await studio.sign_in.issuers.for_the_page()
    needed = studio.installation.profile.sign_in.mode != "dev"
    return IssuersBody(issuers=tuple(IssuerBody(**asdict(one)) for one in found), needed=needed)


@public.post("/auth/device", responses=error_responses(429))
async def begin_device(request: Request, studio: StudioDep, response: Response, body: DeviceWish) -> DeviceCodeBody:
    """Codes for a device that wants to be let in (as in RFC 8628). Show `user_code` and `verification_uri`, and ask for
    tokens every `interval` seconds."""
    code = await studio.sign_in.devices.begin(body.client, body.code_challenge)
    response.headers["Cache-Control"] = "no-store"
    page = link(request, "device_page")
    return DeviceCodeBody(
        device_code=code.device_code,
        user_code=code.user_code,
        verification_uri=str(page),
        verification_uri_complete=str(page.include_query_params(user_code=code.user_code)),
        expires_in=code.expires_in,
        interval=code.interval,
    )


@public.post("/auth/device/token", responses=error_responses(400))
async def finish_device(studio: StudioDep, response: Response, body: DeviceTokenWish) -> TokensBody:
    """Tokens, once the code was approved; until then `authorization_pending`, or `slow_down` for who asks too often.
    Five wrong verifiers, and the code is gone."""
    return _tokens(response, await studio.sign_in.devices.finish(body.device_code, body.code_verifier))


@public.post("/auth/token", responses=error_responses(401))
async def refresh_tokens(studio: StudioDep, response: Response, body: RefreshWish) -> TokensBody:
    """New tokens for a refresh token, which counts once. One that comes again has the device shut out: two have it."""
    return _tokens(response, await studio.sign_in.devices.refresh(body.refresh_token))


@routes.get("/auth/codes/{user_code}")
async def read_asking(
    studio: StudioDep, principal: PrincipalDep, user_code: Annotated[str, Path(max_length=32)]
) -> AskingBody:
    """Who shows this code, before you approve it. Five codes that nobody shows, and you have to wait."""
    return _asking(await studio.sign_in.devices.asking(user_code, principal))


@routes.post("/auth/device/approve")
async def approve_device(studio: StudioDep, principal: PrincipalDep, body: ApproveBody) -> AskingBody:
    """Let the device in that shows this code: it does what you may do, until you shut it out (`/me/devices`)."""
    _check_in_person(principal)
    by = studio.audit.sign(principal)
    return _asking(await studio.sign_in.devices.approve(body.user_code, principal, by))


def _check_in_person(principal: Principal) -> None:
    """What a person was given for an hour, or with few scopes, must not become more."""
    if principal.how not in ("oidc", "dev"):
        raise NotAllowed("a device or a key cannot let in another one: approve the code where you sign in yourself")


def _tokens(response: Response, tokens: Tokens) -> TokensBody:
    response.headers["Cache-Control"] = "no-store"
    return TokensBody(
        access_token=tokens.access_token, refresh_token=tokens.refresh_token, expires_in=tokens.expires_in
    )


def _asking(asking: Asking) -> AskingBody:
    return AskingBody(
        user_code=asking.user_code,
        client=asking.client,
        created_at=asking.created_at,
        expires_at=asking.expires_at,
        approved=asking.approved,
    )
