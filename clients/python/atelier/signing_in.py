"""Signing in from a program without a browser of its own: it shows a code, and a person lets it in elsewhere."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence

from atelier.calls import Call, reader, segment
from atelier.errors import APIError
from atelier.flow import Flow, Sleep, request
from atelier.models.answers import ApiKey, ApiKeys, DeviceCode, Me, Names, NewApiKey, Tokens
from atelier.retry import Retry
from atelier.values import to_text

_SLOWER_SECONDS = 5


def me() -> Call[Me]:
    return Call("GET", "/me", reader(Me))


def names(ids: Sequence[str]) -> Call[dict[str, str]]:
    read = reader(Names)
    said = [to_text(id, "ids") for id in ids]
    return Call(
        "GET", "/people/names", lambda response: {one.id: one.name for one in read(response).people}, {"id": said}
    )


def keys() -> Call[tuple[ApiKey, ...]]:
    read = reader(ApiKeys)
    return Call("GET", "/me/keys", lambda response: read(response).keys)


def create_key(name: str, scopes: Sequence[str], days: int) -> Call[NewApiKey]:
    body = {"name": to_text(name, "name"), "scopes": list(scopes), "days": days}
    return Call("POST", "/me/keys", reader(NewApiKey), body=body)


def revoke_key(key: ApiKey | str) -> Call[None]:
    id = key.id if isinstance(key, ApiKey) else key
    return Call("DELETE", f"/me/keys/{segment(id)}", lambda _: None)


def revoke_device(id: str) -> Call[None]:
    return Call("DELETE", f"/me/devices/{segment(id)}", lambda _: None)


def refresh(refresh_token: str) -> Call[Tokens]:
    return Call("POST", "/auth/token", reader(Tokens), body={"refresh_token": refresh_token})


def sign_in(client: str, show: Callable[[DeviceCode], None], retry: Retry) -> Flow[Tokens]:
    """Tokens, once somebody has let this program in; `show` tells them how. Raises `InvalidRequest` when nobody has in
    time."""
    verifier = secrets.token_urlsafe(48)
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    asked = {"client": client, "code_challenge": digest.rstrip(b"=").decode()}
    code = yield from request(Call("POST", "/auth/device", reader(DeviceCode), body=asked), retry)
    show(code)
    proof = {"device_code": code.device_code, "code_verifier": verifier}
    interval = code.interval
    while True:
        yield Sleep(interval)
        try:
            return (yield from request(Call("POST", "/auth/device/token", reader(Tokens), body=proof), retry))
        except APIError as error:
            if error.code == "slow_down":
                interval += _SLOWER_SECONDS
            elif error.code != "authorization_pending":
                raise
