"""/me: who asks, their API keys, and the devices that they have let in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from configs.errors import NotAllowed
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.people.people_schemas import (
    CreatedKeyBody,
    DeviceBody,
    DevicesBody,
    KeyBody,
    KeysBody,
    MeBody,
    NewKeyBody,
)
from router.people.principal import Principal
from router.people.signing_in.keys import ApiKey

routes = APIRouter(tags=["sign-in"], responses=error_responses(403))

KeyId = Annotated[str, Path(max_length=64, pattern="^[!-~]+$")]
DeviceId = Annotated[str, Path(max_length=64, pattern="^[!-~]+$")]


@routes.get("/me")
async def read_me(principal: PrincipalDep) -> MeBody:
    """Who you are to the studio, and what you may do."""
    return MeBody(
        id=principal.id,
        name=principal.name,
        roles=tuple(sorted(principal.roles)),
        space=principal.space,
        spaces=tuple(sorted(principal.spaces)),
        groups=tuple(sorted(principal.groups)),
        how=principal.how,
        key=principal.key,
        scopes=None if principal.scopes is None else tuple(sorted(principal.scopes)),
    )


@routes.get("/me/keys")
async def list_keys(studio: StudioDep, principal: PrincipalDep) -> KeysBody:
    """Your API keys, those that count no more included."""
    return KeysBody(keys=tuple(map(_key_body, await studio.sign_in.keys.of(principal.id))))


@routes.post("/me/keys", status_code=201, responses=error_responses(409, 422))
async def create_key(
    studio: StudioDep, principal: PrincipalDep, response: Response, body: NewKeyBody
) -> CreatedKeyBody:
    """A new API key. It may do what its scopes say of what you may. It is told now and never again: the studio keeps
    only its hash."""
    _check_in_person(principal)
    by = studio.audit.sign(principal)
    key, text = await studio.sign_in.keys.create(principal, body.name, frozenset(body.scopes), body.days, by)
    response.headers["Cache-Control"] = "no-store"
    return CreatedKeyBody(**_key_body(key).model_dump(), key=text)


@routes.delete("/me/keys/{key_id}", status_code=204, responses=error_responses(404, 422))
async def revoke_key(studio: StudioDep, principal: PrincipalDep, key_id: KeyId) -> None:
    """Let a key count no more, from its next request on."""
    await studio.sign_in.keys.revoke(key_id, studio.audit.sign(principal))


@routes.get("/me/devices")
async def list_devices(studio: StudioDep, principal: PrincipalDep) -> DevicesBody:
    """The devices that you have let in, those that are shut out again included."""
    found = await studio.sign_in.devices.of(principal.id)
    return DevicesBody(
        devices=tuple(
            DeviceBody(
                id=one.id,
                client=one.client,
                created_at=one.created_at,
                used_at=one.used_at,
                revoked_at=one.revoked_at,
            )
            for one in found
        )
    )


@routes.delete("/me/devices/{device_id}", status_code=204, responses=error_responses(404, 422))
async def revoke_device(studio: StudioDep, principal: PrincipalDep, device_id: DeviceId) -> None:
    """Shut a device out, from its next request on."""
    await studio.sign_in.devices.revoke(device_id, studio.audit.sign(principal))


def _check_in_person(principal: Principal) -> None:
    """A key must not make others, which would do more, or last longer, than it may."""
    if principal.how == "key":
        raise NotAllowed("a key cannot make another one: sign in yourself, as with `atelier login`")


def _key_body(key: ApiKey) -> KeyBody:
    return KeyBody(
        id=key.id,
        name=key.name,
        scopes=key.scopes,
        created_at=key.created_at,
        expires_at=key.expires_at,
        used_at=key.used_at,
        revoked_at=key.revoked_at,
    )
