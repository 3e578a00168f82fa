"""Spaces over the API: who is let into one sees what is made in it, and it is drawn for as the space says."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from PIL import Image

from router.api.app import create_app
from router.people.principal import Principal, Role
from tests.studio import painted_studio

ROLES = frozenset({Role.DESIGNER})


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Whoever the header X-Who says: dev is an admin, others are in the space brand, but for eve."""

    async def door(request: Request) -> Principal:
        who = request.headers.get("X-Who", "dev")
        roles = frozenset(Role) if who == "dev" else ROLES
        spaces = frozenset({"home"} if who == "eve" else {"home", "brand", "old"})
        return Principal(who, who.title(), roles, spaces=spaces, how="oidc")

    studio = painted_studio(tmp_path_factory.mktemp("spaces"))
    with TestClient(create_app(studio, door=door)) as client:
        for id in ("brand", "old"):
            assert client.post("/spaces", json={"id": id}).status_code == 201
        yield client


def order(api: TestClient, who: str, space: str, **said: Any) -> Any:
    headers = {"X-Who": who, "X-Atelier-Space": space}
    return api.post("/generate", json={"prompt": "a fox", "quality": "draft", **said}, headers=headers)


def test_what_is_made_in_a_space_is_seen_in_it_and_nowhere_else(api: TestClient) -> None:
    path = f"/jobs/{order(api, 'ana', 'brand').json()['job_id']}"
    seen = {who: api.get(path, headers={"X-Who": who}).status_code for who in ("ana", "ben", "eve", "dev")}
    assert seen == {"ana": 200, "ben": 200, "eve": 404, "dev": 200}
    refused = api.delete(path, headers={"X-Who": "ben"})
    assert refused.status_code == 403
    assert "is ana's" in refused.json()["error"]["message"]
    assert api.delete(path, headers={"X-Who": "eve"}).status_code == 404


def test_the_jobs_of_a_space_are_listed_to_who_is_in_it(api: TestClient) -> None:
    job = order(api, "ana", "brand").json()["job_id"]
    found = api.get("/jobs", params={"space": "brand", "limit": 1}, headers={"X-Who": "ben"}).json()
    assert [one["job_id"] for one in found["jobs"]] == [job]
    older = {"space": "brand", "before": found["next"]}
    assert job not in [one["job_id"] for one in api.get("/jobs", params=older, headers={"X-Who": "ben"}).json()["jobs"]]
    refused = api.get("/jobs", params={"space": "brand"}, headers={"X-Who": "eve"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (404, "space")
    assert api.get("/jobs", params={"space": "home"}).json()["jobs"] == []


def test_the_batches_and_uploads_of_a_space_are_listed_to_who_is_in_it(api: TestClient) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    made: dict[str, list[str]] = {"batches": [], "pictures": []}
    for space in ("brand", "home", "brand"):
        headers = {"X-Who": "ana", "X-Atelier-Space": space}
        body = {"prompts": ["a fox"], "qualities": ["draft"]}
        batch = api.post("/batches", json=body, headers=headers).json()["batch_id"]
        picture = api.post("/pictures", files={"file": ("a.png", file.getvalue())}, headers=headers).json()
        if space == "brand":
            made["batches"].insert(0, batch)
            made["pictures"].insert(0, picture["picture_id"])
    for kind, one in (("batches", "batch_id"), ("pictures", "picture_id")):
        page: dict[str, Any] = {"space": "brand", "limit": 1}
        found: list[str] = []
        for _ in range(2):
            told = api.get(f"/{kind}", params=page, headers={"X-Who": "ben"}).json()
            found += [each[one] for each in told[kind]]
            page["before"] = told["next"]
        assert found == made[kind]
        assert api.get(f"/{kind}", headers={"X-Who": "ben"}).json()[kind] == []
        assert api.get(f"/{kind}", params={"space": "home"}).json()[kind] == []
        refused = api.get(f"/{kind}", params={"space": "brand"}, headers={"X-Who": "eve"})
        assert (refused.status_code, refused.json()["error"]["field"]) == (404, "space")


def test_what_is_made_at_home_is_its_owners_alone(api: TestClient) -> None:
    path = f"/jobs/{order(api, 'ana', 'home').json()['job_id']}"
    assert [api.get(path, headers={"X-Who": who}).status_code for who in ("ana", "ben")] == [200, 404]


@pytest.mark.parametrize("space", ["brand", "nothing", "\u00e9"])
def test_nobody_works_for_a_space_that_they_are_not_in(api: TestClient, space: str) -> None:
    headers = {b"X-Who": b"eve", b"X-Atelier-Space": space.encode()}
    answer = api.get("/jobs", headers=headers)
    assert answer.status_code == 403
    assert "GET /spaces" in answer.json()["error"]["message"]


def test_what_a_request_leaves_open_its_space_says(api: TestClient) -> None:
    body = {"defaults": {"asset_type": "logo_illustration", "quality": "draft"}}
    assert api.patch("/spaces/brand", json=body).status_code == 200
    headers = {"X-Who": "ana", "X-Atelier-Space": "brand"}
    plan = api.post("/generate", json={"prompt": "a fox", "dry_run": True}, headers=headers).json()["plan"]
    assert (plan["asset_type"], plan["quality"]) == ("logo_illustration", "draft")
    note = next(one["message"] for one in plan["notes"] if one["code"] == "space_defaults")
    assert note == "the space 'brand' is drawn for with asset type logo_illustration, quality draft"
    said = {"prompt": "a fox", "dry_run": True, "asset_type": "icon"}
    plan = api.post("/generate", json=said, headers=headers).json()["plan"]
    assert (plan["asset_type"], plan["quality"]) == ("icon", "draft")
    batch = api.post("/batches", json={"prompts": ["a fox"]}, headers=headers).json()["batch_id"]
    (job,) = api.get("/jobs", params={"batch": batch}, headers={"X-Who": "ben"}).json()["jobs"]
    assert (job["asset_type"], job["quality"]) == ("logo_illustration", "draft")
    assert note in [one["message"] for one in job["notes"] if one["code"] == "space_defaults"]
    assert api.patch("/spaces/brand", json={"defaults": {}}).status_code == 200


def test_defaults_that_are_not_here_are_refused(api: TestClient) -> None:
    answer = api.patch("/spaces/brand", json={"defaults": {"model": "gone"}})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "defaults.model"


def test_a_space_with_pictures_is_archived_and_nothing_new_is_made_in_it(api: TestClient) -> None:
    job = order(api, "ana", "old").json()["job_id"]
    assert api.delete("/spaces/old").json() == {"id": "old", "deleted": False}
    answer = order(api, "ana", "old")
    assert answer.status_code == 409
    assert "archived" in answer.json()["error"]["message"]
    assert api.get(f"/jobs/{job}", headers={"X-Who": "ben"}).status_code == 200


def test_who_is_no_admin_makes_no_space(api: TestClient) -> None:
    assert api.post("/spaces", json={"id": "mine"}, headers={"X-Who": "ana"}).status_code == 403
