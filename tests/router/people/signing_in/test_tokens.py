"""Each line of the checklist for access tokens, against a real issuer: what is right comes in, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from jwt import PyJWK

from configs.errors import AtelierError, IssuerUnavailable, NotAllowed, NotSignedIn
from configs.sign_in import IssuerConfig, KeyLifetimes, SignInConfig
from router.people.person import Newcomer
from router.people.principal import Role
from router.people.signing_in.issuer_keys import fetch_json
from router.people.signing_in.tokens import Issuers
from tests.oidc.server import TENANT, OidcServer, claims_of

DAY = 86_400


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def trusting(oidc: OidcServer, **changed: Any) -> SignInConfig:
    entra: dict[str, Any] = {
        "issuer": oidc.entra_template,
        "audience": "api://studio",
        "tenants": (TENANT,),
        "clients": ("the-page", "the-daemon"),
        "scope": "access_as_user",
        "roles": {"Curator": "brand_engineer", "Boss": "admin", "Daemon": "designer"},
    }
    plain: dict[str, Any] = {"issuer": oidc.plain, "audience": "studio", "scope": "studio", "admins": ("sub-of-eva",)}
    issuers = (IssuerConfig(**(entra | changed)), IssuerConfig(**plain))
    return SignInConfig(mode="oidc", issuers=issuers, keys=KeyLifetimes(timeout_seconds=3))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuers(oidc: OidcServer, clock: Clock) -> Issuers:
    return Issuers(trusting(oidc), fetch_json, clock)


async def refusal(issuers: Issuers, token: str) -> AtelierError:
    with pytest.raises((NotSignedIn, NotAllowed)) as caught:
        await issuers.find(token)
    error: AtelierError = caught.value
    for part in token.split("."):
        assert len(part) < 8 or part not in str(error), "nothing of a token is in a message"
    return error


async def test_a_right_token_says_who_it_is(oidc: OidcServer, issuers: Issuers) -> None:
    found = await issuers.find(oidc.sign("entra", claims_of("ana", roles=["Curator", "Unmapped"])))
    assert found == Newcomer(f"{TENANT} oid-ana", "Ana", frozenset({Role.DESIGNER, Role.BRAND_ENGINEER}))
    eva = {"aud": "studio", "sub": "sub-of-eva", "scope": "openid studio", "email": "eva@studio.example"}
    found = await issuers.find(oidc.sign("plain", eva))
    assert found.subject == f"{oidc.plain} sub-of-eva"
    assert found.roles == {Role.DESIGNER, Role.ADMIN}


def hour_ago() -> int:
    return int(time.time()) - 3600


WRONG: dict[str, tuple[dict[str, Any], type[AtelierError], str]] = {
    "expired": ({"exp": hour_ago()}, NotSignedIn, "its time is over"),
    "not yet": ({"nbf": int(time.time()) + 3600}, NotSignedIn, "has not come yet"),
    "issued in the future": ({"iat": int(time.time()) + 3600}, NotSignedIn, "has not come yet"),
    "without exp": ({"exp": None}, NotSignedIn, "no 'exp'"),
    "without nbf": ({"nbf": None}, NotSignedIn, "no 'nbf'"),
    "without iat": ({"iat": None}, NotSignedIn, "no 'iat'"),
    "wrong audience": ({"aud": "api://other"}, NotSignedIn, "another service"),
    "several audiences": ({"aud": ["api://studio", "api://other"]}, NotSignedIn, "another service"),
    "without audience": ({"aud": None}, NotSignedIn, "no 'aud'"),
    "wrong issuer": ({"iss": "https://elsewhere.example"}, NotSignedIn, "nobody here trusts"),
    "no issuer": ({"iss": None}, NotSignedIn, "nobody here trusts"),
    "an issuer that is no text": ({"iss": ["x"]}, NotSignedIn, "does not count"),
    "wrong tenant": ({"tid": "8f3c2a4e-0000-4000-8000-5a1d10000002"}, NotSignedIn, "another tenant"),
    "without tenant": ({"tid": None}, NotSignedIn, "another tenant"),
    "version 1": ({"ver": "1.0"}, NotSignedIn, "another version"),
    "without version": ({"ver": None}, NotSignedIn, "another version"),
    "without oid": ({"oid": None}, NotSignedIn, "whose it is"),
    "an ID token": ({"scp": None, "azp": None, "nonce": "n"}, NotSignedIn, "ID token"),
    "an ID token without nonce": ({"scp": None}, NotAllowed, "lacks the scope"),
    "an ID token with roles": ({"scp": None, "roles": ["Boss"]}, NotAllowed, "lacks the scope"),
    "without the scope": ({"scp": "User.Read openid"}, NotAllowed, "lacks the scope access_as_user"),
    "a scope that begins alike": ({"scp": "access_as_user_too"}, NotAllowed, "lacks the scope"),
    "a program without a role": ({"scp": None, "idtyp": "app", "azp": "the-daemon"}, NotAllowed, "no role here"),
    "a program with a role of nobody": (
        {"scp": None, "idtyp": "app", "azp": "the-daemon", "roles": ["Unmapped"]},
        NotAllowed,
        "no role here",
    ),
    "a client that is not allowed": ({"azp": "somebody-s-script"}, NotAllowed, "may not be used"),
    "no client": ({"azp": None}, NotAllowed, "may not be used"),
    "a guest by acct": ({"acct": 1}, NotAllowed, "guests"),
    "a guest by idp": ({"idp": "https://sts.windows.net/another/"}, NotAllowed, "guests"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_with_a_token_keeps_it_out(oidc: OidcServer, issuers: Issuers, name: str) -> None:
    changed, kind, said = WRONG[name]
    error = await refusal(issuers, oidc.sign("entra", claims_of("ana", **changed)))
    assert isinstance(error, kind)
    assert said in str(error)


async def test_clocks_may_differ_a_little(oidc: OidcServer, issuers: Issuers) -> None:
    now = int(time.time())
    assert await issuers.find(oidc.sign("entra", claims_of(exp=now - 15, nbf=now + 15)))
    await refusal(issuers, oidc.sign("entra", claims_of(exp=now - 45)))


async def test_guests_come_in_where_they_may(oidc: OidcServer) -> None:
    token = oidc.sign("entra", claims_of("gus", acct=1))
    assert (await Issuers(trusting(oidc, guests=True)).find(token)).name == "Gus"


async def test_a_program_has_the_roles_that_it_was_given(oidc: OidcServer, issuers: Issuers) -> None:
    claims = claims_of("robot", scp=None, idtyp="app", azp="the-daemon", roles=["Daemon"])
    assert (await issuers.find(oidc.sign("entra", claims))).roles == {Role.SERVICE, Role.DESIGNER}


async def test_an_address_is_never_who_somebody_is(oidc: OidcServer, issuers: Issuers) -> None:
    same = {"preferred_username": "boss@studio.example", "email": "boss@studio.example", "upn": "boss@studio.example"}
    one, other = [await issuers.find(oidc.sign("entra", claims_of(name, **same))) for name in ("ana", "ben")]
    assert one.id != other.id
    assert "boss" not in one.subject


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def test_none_is_no_signature(issuers: Issuers, oidc: OidcServer) -> None:
    claims = claims_of(iss=oidc.entra, iat=hour_ago(), nbf=hour_ago())
    for algorithm in ("none", "None", "NONE", "nOnE", ""):
        header = {"alg": algorithm, "kid": "entra-1", "typ": "JWT"}
        assert "signed in another way" in str(await refusal(issuers, f"{encoded(header)}.{encoded(claims)}."))


async def test_the_public_key_is_no_secret_to_sign_with(issuers: Issuers, oidc: OidcServer) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    (key,) = (one for one in fetch_json(f"{oidc.entra}/jwks", 3)["keys"] if one["kid"] == "entra-1")
    pem = PyJWK(key).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "kid": "entra-1", "typ": "JWT"}
    body = f"{encoded(header)}.{encoded(claims_of(iss=oidc.entra, iat=hour_ago(), nbf=hour_ago()))}"
    signature = hmac.new(pem, body.encode(), hashlib.sha256).digest()
    assert "signed in another way" in str(await refusal(issuers, f"{body}.{encoded(signature)}"))


async def test_a_changed_token_does_not_count(issuers: Issuers, oidc: OidcServer) -> None:
    header, _, signature = oidc.sign("entra", claims_of("ana")).split(".")
    forged = claims_of("boss", iss=oidc.entra, iat=hour_ago(), nbf=hour_ago(), roles=["Boss"])
    assert "its signature" in str(await refusal(issuers, f"{header}.{encoded(forged)}.{signature}"))
    await refusal(issuers, f"{header}.{encoded(forged)}.")


async def test_a_key_of_another_issuer_does_not_count(issuers: Issuers, oidc: OidcServer) -> None:
    token = oidc.sign("plain", claims_of("ana", iss=oidc.entra), header={"kid": "entra-1"})
    assert "its signature" in str(await refusal(issuers, token))
    token = oidc.sign("plain", claims_of("ana", iss=oidc.entra))
    assert "no such key" in str(await refusal(issuers, token))


async def test_other_kinds_of_tokens_do_not_count(issuers: Issuers, oidc: OidcServer) -> None:
    assert "no access token" in str(
        await refusal(issuers, oidc.sign("entra", claims_of(), header={"typ": "logout+jwt"}))
    )
    assert "ID token" in str(await refusal(issuers, oidc.sign("entra", claims_of(typ="ID"))))
    assert "no such key" in str(await refusal(issuers, oidc.sign("entra", claims_of(), header={"kid": None})))
    assert "too long" in str(await refusal(issuers, oidc.sign("entra", claims_of(padding="x" * 20_000))))
    for garbage in ("..", "a.b.c", "\x00.\x00.\x00", f"{encoded([])}.{encoded([])}.", f"{encoded(b'{')}.x.y"):
        await refusal(issuers, garbage)


async def test_a_key_that_was_never_seen_is_looked_for_once(oidc: OidcServer, issuers: Issuers, clock: Clock) -> None:
    await issuers.find(oidc.sign("entra", claims_of()))
    before = oidc.times_asked_for_keys
    for number in range(50):  # a flood of keys that there are not
        await refusal(issuers, oidc.sign("entra", claims_of(), header={"kid": f"made-up-{number}"}))
    assert oidc.times_asked_for_keys == before, "they were looked for just now"
    clock.now += 31
    for number in range(50):
        await refusal(issuers, oidc.sign("entra", claims_of(), header={"kid": f"made-up-{number}"}))
    assert oidc.times_asked_for_keys == before + 1
    assert await issuers.find(oidc.sign("entra", claims_of())), "who has a right one comes in meanwhile"


async def test_a_new_key_counts_as_soon_as_it_is_used(oidc: OidcServer, issuers: Issuers, clock: Clock) -> None:
    await issuers.find(oidc.sign("entra", claims_of()))
    kid = f"entra-{time.time_ns()}"
    oidc.add_key("entra", kid)
    clock.now += 31
    assert await issuers.find(oidc.sign("entra", claims_of(), kid=kid))
    assert await issuers.find(oidc.sign("entra", claims_of(), kid="entra-1")), "and so does the old one"


async def test_people_come_in_for_a_day_though_the_issuer_is_away(
    oidc: OidcServer, issuers: Issuers, clock: Clock
) -> None:
    token, unknown = oidc.sign("entra", claims_of()), oidc.sign("entra", claims_of(), header={"kid": "never-seen"})
    await issuers.find(token)
    oidc.set_away(True)
    try:
        for hours in range(24):
            clock.now += 3590
            assert await issuers.find(token), f"after {hours + 1} hours"
            await refusal(issuers, unknown)
        clock.now += 3590
        with pytest.raises(IssuerUnavailable, match="does not answer"):
            await issuers.find(token)
    finally:
        oidc.set_away(False)
    clock.now += 31
    assert await issuers.find(token), "as soon as it is back"


async def test_an_issuer_that_was_never_there_is_said_to_be_away(oidc: OidcServer, clock: Clock) -> None:
    issuers = Issuers(trusting(oidc), fetch_json, clock)
    token = oidc.sign("entra", claims_of())
    oidc.set_away(True)
    try:
        with pytest.raises(IssuerUnavailable):
            await issuers.find(token)
    finally:
        oidc.set_away(False)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example", "jwks_uri": "http://127.0.0.1:1/jwks"},
        {"jwks_uri": "http://127.0.0.1:1/jwks"},
        {"issuer": "{entra}", "jwks_uri": "file:///etc/passwd"},
        {"issuer": "{entra}"},
        {"issuer": "{entra}", "jwks_uri": ["x"]},
    ],
)
async def test_a_document_of_another_issuer_is_not_followed(oidc: OidcServer, document: dict[str, Any]) -> None:
    asked: list[str] = []

    def fetch(url: str, _seconds: float) -> Any:
        asked.append(url)
        return {name: oidc.entra if value == "{entra}" else value for name, value in document.items()}

    with pytest.raises(IssuerUnavailable):
        await Issuers(trusting(oidc), fetch).find(oidc.sign("entra", claims_of()))
    assert asked == [f"{oidc.entra}/.well-known/openid-configuration"]
