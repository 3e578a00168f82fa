"""Access tokens of OpenID Connect issuers: from the text that is shown to who it is of."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuedAtError,
    MissingRequiredClaimError,
    PyJWTError,
)

from configs.errors import IssuerUnavailable
from configs.sign_in import IssuerConfig, SignInConfig
from router.people.person import Newcomer
from router.people.signing_in.claims import check_header, newcomer, refused
from router.people.signing_in.issuer_keys import Fetch, IssuerKeys, fetch_json

_LONGEST = 16_384
_ALWAYS = ("exp", "iat", "iss", "aud")


@dataclass(frozen=True, slots=True)
class _Trusted:
    """One issuer as tokens name it."""

    config: IssuerConfig
    keys: IssuerKeys


@dataclass(frozen=True, slots=True)
class PageIssuer:
    """What a page needs to have a person signed in (OpenID Connect, authorization code with PKCE)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    client_id: str
    scope: str


class Issuers:
    """All whose tokens count here."""

    def __init__(
        self, config: SignInConfig, fetch: Fetch = fetch_json, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._config = config
        self._trusted = {
            url: _Trusted(issuer, IssuerKeys(url, config.keys, fetch, clock))
            for issuer in config.issuers
            for url in issuer.issuers
        }

    async def follow(self) -> None:
        """For ever: have the keys at hand before a token needs them, and keep them fresh."""
        while self._trusted:
            await asyncio.gather(*(one.keys.refresh() for one in self._trusted.values()))
            await asyncio.sleep(self._config.keys.refresh_seconds)

    async def for_the_page(self) -> tuple[PageIssuer, ...]:
        """Where a person can sign in on a page of the studio. One that does not answer is left out."""
        found = []
        for url, trusted in self._trusted.items():
            config = trusted.config
            if config.web_client is not None:
                with suppress(IssuerUnavailable):
                    known = await trusted.keys.endpoints()
                    where = (known.get("authorization_endpoint"), known.get("token_endpoint"))
                    if where[0] is not None and where[1] is not None:
                        scope = f"openid profile {config.web_scope or config.scope}"
                        found.append(PageIssuer(url, where[0], where[1], config.web_client, scope))
        return tuple(found)

    async def find(self, token: str) -> Newcomer:
        """Who an access token is of. Raises `NotSignedIn`, `NotAllowed` and `IssuerUnavailable`."""
        header, said = _open(token)
        check_header(header)
        trusted = self._trusted.get(str(said.get("iss")))
        if trusted is None:
            raise refused("nobody here trusts its issuer")
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in trusted.config.algorithms:
            raise refused("it is signed in another way than the issuer's")
        key = await trusted.keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise refused("its issuer has no such key")
        return newcomer(self._verify(token, key, trusted.config), trusted.config)

    def _verify(self, token: str, key: jwt.PyJWK, issuer: IssuerConfig) -> dict[str, Any]:
        """The claims of a token whose signature, times, issuer and audience are right. Raises `NotSignedIn`."""
        required = [*_ALWAYS, *(("nbf",) if issuer.is_entra else ())]
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(issuer.algorithms),
                audience=issuer.audience,
                issuer=list(issuer.issuers),
                leeway=self._config.leeway_seconds,
                options={"require": required, "strict_aud": True},
            )
        except PyJWTError as error:
            raise refused(_reason(error)) from None
        return claims


def _open(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as they are said, nothing of which is believed yet. Raises `NotSignedIn`."""
    if len(token) > _LONGEST:
        raise refused("it is too long")
    try:
        opened = jwt.decode_complete(token, options={"verify_signature": False})
    except (PyJWTError, ValueError, RecursionError):
        raise refused("it cannot be read") from None
    return opened["header"], opened["payload"]


def _reason(error: PyJWTError) -> str:
    if isinstance(error, ExpiredSignatureError):
        return "its time is over"
    if isinstance(error, ImmatureSignatureError | InvalidIssuedAtError):
        return "its time has not come yet"
    if isinstance(error, InvalidAudienceError):
        return "it is for another service"
    if isinstance(error, MissingRequiredClaimError):
        return f"it has no '{error.claim}'"
    return "its signature is not its issuer's"
