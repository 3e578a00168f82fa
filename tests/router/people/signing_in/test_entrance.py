"""What is not public is closed: strangers get a sentence, and nothing that they send is read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Message

from router.api.app import create_app
from router.openai.paths import is_theirs
from router.people.policy import OPEN, POLICY
from router.people.principal import Principal, Role
from tests.router.people.doors import TableDoor, showing
from tests.studio import painted_studio, serving

ANA = Principal("ana", "Ana", frozenset({Role.DESIGNER}), how="oidc")
BEN = Principal("ben", "Ben", frozenset(Role), how="oidc")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    app = create_app(painted_studio(tmp_path_factory.mktemp("closed")), door=TableDoor(ANA, BEN))
    with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def test_what_is_not_public_is_closed_to_strangers(api: httpx.Client) -> None:
    closed = [key for key, rule in POLICY.items() if rule != OPEN]
    assert len(closed) > 50
    for method, path in map(str.split, closed):
        refused = api.request(method, re.sub(r"\{\w+\}", "1", path), content=b"not JSON at all")
        code = "invalid_api_key" if is_theirs(path) else "unauthorized"
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, code), path
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert refused.headers["X-Content-Type-Options"] == "nosniff"


def test_a_stranger_s_body_is_not_read(tmp_path: Path) -> None:
    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    app = create_app(painted_studio(tmp_path), door=TableDoor(ANA))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/pictures",
        "headers": [],
        "query_string": b"",
        "scheme": "http",
    }
    asyncio.run(app(scope, receive, send))
    assert told[0]["status"] == 401


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/docs", "/openapi.json", "/app/work"])
def test_what_is_public_stays_so(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code == 200
    assert api.get(path, headers=showing("nobody")).status_code == 200, "whatever is shown"


def test_a_token_that_does_not_count_is_named_so(api: httpx.Client) -> None:
    refused = api.get("/jobs", headers=showing("canary-of-a-secret"))
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert "canary" not in refused.text


def test_each_has_their_own(api: httpx.Client) -> None:
    sent = {"prompt": "a red bicycle", "quality": "draft"}
    job = api.post("/generate", json=sent, headers=showing("ana")).json()["job_id"]
    assert api.get(f"/jobs/{job}", headers=showing("ana")).json()["owner"] == "ana"
    assert [one["job_id"] for one in api.get("/jobs", headers=showing("ana")).json()["jobs"]] == [job]
    with api.stream("GET", f"/jobs/{job}/events", headers=showing("ana")) as stream:
        assert "job.complete" in stream.read().decode()
    assert api.request("HEAD", f"/jobs/{job}").status_code == 401
    assert api.request("OPTIONS", f"/jobs/{job}").status_code == 204, "which tells of methods only"


def test_the_same_key_is_another_order_of_another_person(api: httpx.Client) -> None:
    sent = {"prompt": "a blue chair", "quality": "draft"}
    first, second = (
        api.post("/generate", json=sent, headers=showing(name) | {"Idempotency-Key": "mine"}) for name in ("ana", "ben")
    )
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["job_id"] != second.json()["job_id"]


def test_behind_a_proxy_that_has_a_prefix_the_same_is_public(api: httpx.Client) -> None:
    prefix = {"X-Forwarded-Prefix": "/studio"}
    assert api.get("/studio/healthz", headers=prefix).status_code == 200
    assert api.get("/studio/jobs", headers=prefix).status_code == 401
