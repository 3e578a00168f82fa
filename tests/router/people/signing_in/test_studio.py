"""A studio in which people sign in with a real issuer: the real app, store and conductor, stages that paint."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from configs.sign_in import SignInConfig
from router.api.app import create_app
from router.people.signing_in.devices import challenge_of
from tests.oidc.server import OidcServer, claims_of
from tests.router.calls import wait
from tests.router.people.doors import showing
from tests.router.people.signing_in.test_tokens import trusting
from tests.studio import PaintedGenerator, painted_studio, serving

VERIFIER = "v" * 43
DRAFT = {"prompt": "a red bicycle", "quality": "draft"}


@pytest.fixture(scope="module")
def sign_in(oidc: OidcServer) -> SignInConfig:
    return trusting(oidc, admins=("oid-boss",))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, sign_in: SignInConfig) -> Iterator[httpx.Client]:
    studio = painted_studio(tmp_path_factory.mktemp("signed-in"), PaintedGenerator(step_seconds=0.02), sign_in=sign_in)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture
def ana(oidc: OidcServer) -> dict[str, str]:
    return showing(oidc.sign("entra", claims_of("ana")))


@pytest.fixture
def boss(oidc: OidcServer) -> dict[str, str]:
    return showing(oidc.sign("entra", claims_of("boss")))


def key_of(api: httpx.Client, person: dict[str, str], *scopes: str) -> dict[str, str]:
    created = api.post("/me/keys", json={"name": "a test", "scopes": scopes}, headers=person)
    assert created.status_code == 201, created.text
    assert created.headers["Cache-Control"] == "no-store"
    return showing(created.json()["key"])


def let_in(api: httpx.Client, person: dict[str, str]) -> dict[str, Any]:
    wish = {"client": "a test", "code_challenge": challenge_of(VERIFIER)}
    code = api.post("/auth/device", json=wish).json()
    assert code["verification_uri"].endswith("/device")
    proof = {"device_code": code["device_code"], "code_verifier": VERIFIER}
    pending = api.post("/auth/device/token", json=proof)
    assert (pending.status_code, pending.json()["error"]["code"]) == (400, "authorization_pending")
    asking = api.get(f"/auth/codes/{code['user_code']}", headers=person).json()
    assert (asking["client"], asking["approved"]) == ("a test", False)
    approved = api.post("/auth/device/approve", json={"user_code": code["user_code"]}, headers=person)
    assert approved.status_code == 200, approved.text
    tokens: dict[str, Any] = api.post("/auth/device/token", json=proof).json()
    return tokens


def test_a_person_is_known_by_their_token(api: httpx.Client, ana: dict[str, str], boss: dict[str, str]) -> None:
    me = api.get("/me", headers=ana).json()
    assert re.fullmatch(r"user_[0-9a-f]{24}", me["id"])
    assert (me["name"], me["roles"], me["how"], me["spaces"]) == ("Ana", ["designer"], "oidc", ["home"])
    job = api.post("/generate", json=DRAFT, headers=ana).json()["job_id"]
    with api.stream("GET", f"/jobs/{job}/events", headers=ana) as stream:
        assert "job.complete" in stream.read().decode()
    assert api.get(f"/jobs/{job}", headers=ana).json()["owner"] == me["id"]
    assert api.get("/people", headers=ana).status_code == 403
    people = api.get("/people", headers=boss).json()["people"]
    assert {"Ana", "Boss"} <= {person["name"] for person in people}


def test_what_is_shown_otherwise_is_refused_in_words(api: httpx.Client, ana: dict[str, str]) -> None:
    token = ana["Authorization"].removeprefix("Bearer ")
    for shown in (f"Basic {token}", token, "Bearer", "bearer x y z", "Bearer \xff", f"Bearer {token}x"):
        refused = api.get("/me", headers={b"Authorization": shown.encode("latin-1")})
        assert refused.status_code == 401, shown
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert len(refused.json()["error"]["message"].split()) > 4
    twice = httpx.Headers([("Authorization", ana["Authorization"]), ("Authorization", ana["Authorization"])])
    assert api.get("/me", headers=twice).status_code == 401
    assert api.get("/me", headers={"Authorization": f"BEARER  {token}"}).status_code == 200


def test_a_key_does_what_its_scopes_say(api: httpx.Client, ana: dict[str, str]) -> None:
    key = key_of(api, ana, "images:read")
    me = api.get("/me", headers=key).json()
    assert (me["name"], me["how"], me["scopes"]) == ("Ana", "key", ["images:read"])
    assert api.get("/jobs", headers=key).status_code == 200
    refused = api.post("/generate", json=DRAFT, headers=key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="images:write"'
    assert api.post("/me/keys", json={"name": "x", "scopes": ["admin"]}, headers=key).status_code == 403
    kept = api.get("/me/keys", headers=ana).json()["keys"][-1]
    assert "key" not in kept
    assert api.delete(f"/me/keys/{kept['id']}", headers=ana).status_code == 204
    assert api.get("/jobs", headers=key).status_code == 401


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"days": 366}, "days"),
        ({"days": 0}, "days"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
    ],
)
def test_a_key_that_cannot_be_is_named_so(
    api: httpx.Client, ana: dict[str, str], said: dict[str, Any], field: str
) -> None:
    body = {"name": "a test", "scopes": ["images:read"], "days": 30} | said
    refused = api.post("/me/keys", json=body, headers=ana)
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, field)


def test_a_device_works_until_it_is_shut_out(api: httpx.Client, ana: dict[str, str]) -> None:
    tokens = let_in(api, ana)
    device = showing(tokens["access_token"])
    assert api.get("/me", headers=device).json()["how"] == "device"
    assert wait_for(api, device)["status"] == "complete"
    fresh = api.post("/auth/token", json={"refresh_token": tokens["refresh_token"]}).json()
    assert api.get("/me", headers=showing(fresh["access_token"])).status_code == 200
    refused = api.post("/auth/token", json={"refresh_token": tokens["refresh_token"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
    assert api.get("/me", headers=showing(fresh["access_token"])).status_code == 401, "two had it"


def wait_for(api: httpx.Client, person: dict[str, str]) -> Any:
    with httpx.Client(base_url=api.base_url, headers=person, timeout=60) as theirs:
        return wait(theirs, theirs.post("/generate", json=DRAFT).json()["job_id"])


def test_what_was_given_lets_nothing_else_in(api: httpx.Client, ana: dict[str, str]) -> None:
    wish = {"client": "a thief", "code_challenge": challenge_of(VERIFIER)}
    code = api.post("/auth/device", json=wish).json()["user_code"]
    device = showing(let_in(api, ana)["access_token"])
    for given in (device, key_of(api, ana, "images:read", "images:write")):
        assert api.post("/auth/device/approve", json={"user_code": code}, headers=given).status_code == 403


def test_somebody_who_is_shut_out_is_out_while_their_job_is_drawn(
    api: httpx.Client, oidc: OidcServer, boss: dict[str, str]
) -> None:
    gus = showing(oidc.sign("entra", claims_of("gus")))
    shown = [gus, key_of(api, gus, "images:read"), showing(let_in(api, gus)["access_token"])]
    job = api.post("/generate", json=DRAFT | {"num_variations": 4}, headers=gus).json()["job_id"]
    id = api.get("/me", headers=gus).json()["id"]
    out = api.patch(f"/people/{id}", json={"active": False}, headers=boss)
    assert (out.status_code, out.json()["active"]) == (200, False)
    for header in shown:
        refused = api.get("/me", headers=header)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    with httpx.Client(base_url=api.base_url, headers=boss, timeout=60) as theirs:
        assert wait(theirs, job)["status"] == "complete"
    assert api.patch(f"/people/{id}", json={"active": True}, headers=boss).json()["active"]
    assert api.get(f"/jobs/{job}", headers=gus).json()["images_completed"] == 4


def test_an_admin_gives_roles_and_stays_one(api: httpx.Client, ana: dict[str, str], boss: dict[str, str]) -> None:
    id = api.get("/me", headers=ana).json()["id"]
    given = api.put(f"/people/{id}/roles", json={"roles": ["evaluator"]}, headers=boss).json()
    assert (given["roles"], given["given_roles"]) == (["designer", "evaluator"], ["evaluator"])
    assert api.get("/me", headers=ana).json()["roles"] == ["designer", "evaluator"]
    own = api.get("/me", headers=boss).json()["id"]
    refused = api.patch(f"/people/{own}", json={"active": False}, headers=boss)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "state_conflict")
    assert api.put(f"/people/{id}/roles", json={"roles": ["king"]}, headers=boss).status_code == 422


def test_nothing_secret_is_ever_told(
    api: httpx.Client, oidc: OidcServer, ana: dict[str, str], boss: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key, tokens = key_of(api, ana, "images:read", "images:write"), let_in(api, ana)
    wrong = oidc.sign("entra", claims_of("ana", aud="api://other"))
    secrets = [header["Authorization"].removeprefix("Bearer ") for header in (ana, boss, key)]
    secrets += [tokens["access_token"], tokens["refresh_token"], wrong, VERIFIER]
    job = api.post("/generate", json=DRAFT, headers=key).json()["job_id"]
    with api.stream("GET", f"/jobs/{job}/events", headers=key) as stream:
        told = [stream.read().decode()]
    for secret in secrets:
        bad = [
            api.get("/me", headers=showing(secret[:-1])),
            api.get("/me", headers=showing(f"{secret}.x")),
            api.post("/auth/token", json={"refresh_token": secret[:200]}),
            api.post("/auth/token", json={"token": secret}),
            api.post("/auth/device/token", json={"device_code": secret[:200], "code_verifier": "short"}),
            api.post("/me/keys", json={"name": "x", "scopes": [secret]}, headers=ana),
            api.get(f"/auth/codes/{secret[:32]}", headers=boss),
        ]
        told += [json.dumps(dict(answer.headers)) + answer.text for answer in bad if not answer.is_success]
    for path in ("/openapi.json", "/audit", "/me/keys", "/me/devices", "/people", f"/jobs/{job}", "/me"):
        told.append(api.get(path, headers=boss).text)
        told.append(api.get(path, headers=ana).text)
    told += [record.getMessage() for record in caplog.records if record.name.startswith(("atelier", "uvicorn"))]
    for secret in secrets:
        parts = [part for part in re.split(r"[._]", secret) if len(part) > 12]
        assert parts
        for part in parts:
            assert not [text for text in told if part in text], "a secret was told"
