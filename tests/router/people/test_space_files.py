"""How the files of a space are, over the API: written as it says, kept as long as it says, within what the operator
allows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from configs.credentials import CredentialsConfig
from configs.load import load_profile
from configs.retention import RetentionBounds
from deployments.provenance.containers import find_spans
from router.api.app import create_app
from router.assets.keeping.store import KeepingStore
from router.people.principal import Principal, Role
from router.people.spaces.model import NO_DEFAULTS, Space, SpaceFiles
from router.people.spaces.retention import days_by_space, days_kept
from router.studio import Studio
from router.sweeping import retain
from tests.router.calls import until
from tests.studio import painted_studio

BEN = {"X-Who": "ben", "X-Atelier-Space": "brand"}
USUAL: dict[str, Any] = {"formats": None, "private": False, "credentials": True, "retention_days": None}


@dataclass(frozen=True)
class Team:
    """A studio that lets files leave unsigned, and whoever the header X-Who says; ana leads brand, in which ben is."""

    api: TestClient
    studio: Studio

    def change(self, who: str = "dev", **files: Any) -> Any:
        return self.api.patch("/spaces/brand", json={"files": files}, headers={"X-Who": who})

    def order(self, **said: Any) -> Any:
        body = {"prompt": "a secret fox", "quality": "draft", **said}
        return self.api.post("/generate", json=body, headers=BEN).json()

    def plan(self, **said: Any) -> Any:
        return self.order(dry_run=True, **said)["plan"]

    def draw(self, **said: Any) -> Any:
        """The picture."""
        job, found = self.order(**said)["job_id"], dict[str, Any]()

        def ended() -> bool:
            found.update(self.api.get(f"/jobs/{job}", headers=BEN).json())
            return found["status"] in ("complete", "failed")

        until(ended)
        return found["images"][0]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    async def door(request: Request) -> Principal:
        who = request.headers.get("X-Who", "dev")
        roles = frozenset(Role) if who == "dev" else frozenset({Role.DESIGNER})
        return Principal(who, who.title(), roles, spaces=frozenset({"home", "brand"}), how="oidc")

    studio = painted_studio(
        tmp_path_factory.mktemp("files"),
        credentials=CredentialsConfig(optional=True),
        retention_days={"brand": 90},
        retention_bounds=RetentionBounds(least=10, most=200),
    )
    with TestClient(create_app(studio, door=door)) as client:
        assert client.post("/spaces", json={"id": "brand"}).status_code == 201
        yield Team(client, studio)


@pytest.fixture
def team(opened: Team) -> Team:
    """With files as usual."""
    assert opened.change().json()["files"] == USUAL
    return opened


def test_files_are_written_as_the_space_says_unless_the_request_does(team: Team) -> None:
    files: dict[str, Any] = {"formats": ["jpeg", "svg"], "private": True, "credentials": False}
    assert team.change(**files).json()["files"] == USUAL | files
    plan = team.plan(asset_type="product_illustration")
    finish = plan["stages"][-1]
    assert (finish["formats"], plan["private"], finish["credentials"]) == (["jpeg"], True, False), "no outlines"
    note = "files of the space 'brand' are jpeg and do not tell the prompt and are not signed"
    assert note in [one["message"] for one in plan["notes"] if one["code"] == "space_defaults"]
    said = {"formats": ["webp"], "private": False, "stages": {"finish": {"credentials": True, "sharpen": 0.5}}}
    plan = team.plan(asset_type="product_illustration", **said)
    finish = plan["stages"][-1]
    assert (finish["formats"], plan["private"], finish["credentials"]) == (["webp"], False, True)
    assert finish["sharpen"] == 0.5
    assert [one for one in plan["notes"] if one["code"] == "space_defaults"] == []
    assert team.plan(stages={"finish": {"sharpen": 0.5}})["stages"][-1]["credentials"] is False


def test_what_leaves_says_no_more_than_the_space_does(team: Team) -> None:
    signed = team.draw(formats=["png"], prompt="a secret fox")
    assert team.change(private=True, credentials=False, formats=["png"]).status_code == 200
    plain = team.draw()
    there, gone = (team.api.get(one["url"]).content for one in (signed, plain))
    assert b"secret fox" in there
    assert b"secret fox" not in gone
    assert [len(find_spans(file)) > 0 for file in (there, gone)] == [True, False]
    assert b"trainedAlgorithmicMedia" in gone, "it still says that a model made it"


def test_batches_and_comparisons_are_written_so_too(team: Team) -> None:
    team.change(private=True, formats=["avif"])
    body = {"prompts": ["a fox"], "qualities": ["draft"]}
    batch = team.api.post("/batches", json=body, headers=BEN).json()["batch_id"]
    ways = [{"id": id, "overlay": {"steps": {"draft": steps}}} for id, steps in (("few", 1), ("many", 2))]
    order = {"prompt": "a fox", "quality": "draft", "arms": ways, "seeds": 1}
    compared = team.api.post("/compare", json=order, headers=BEN).json()
    for id in (batch, compared["comparison_id"]):
        jobs = team.api.get("/jobs", params={"batch": id}, headers=BEN).json()["jobs"]
        for job in jobs:
            plan = team.api.get(f"/jobs/{job['job_id']}", headers=BEN).json()
            assert "do not tell the prompt" in str(plan["notes"]), id
        assert jobs


@pytest.mark.parametrize(
    ("files", "field", "message"),
    [
        ({"retention_days": 91}, "files.retention_days", "10 to 90 days"),
        ({"retention_days": 9}, "files.retention_days", "10 to 90 days"),
        ({"retention_days": "30"}, "files.retention_days", ""),
        ({"formats": []}, "files.formats", ""),
        ({"formats": ["gif"]}, "files.formats.0", "'avif'"),
        ({"colour": "red"}, "files.colour", ""),
    ],
)
def test_what_leads_may_not_say_is_refused(team: Team, files: dict[str, Any], field: str, message: str) -> None:
    answer = team.change(**files)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field), error
    assert message in error["message"]


def test_who_changes_it_is_in_the_audit(team: Team) -> None:
    assert team.change("ben", private=True).status_code == 404, "they are in no team of this name"
    assert team.change(private=True, retention_days=30).json()["retention_days"] == 30
    line = team.api.get("/audit", params={"action": "space.change"}).json()["lines"][0]
    assert line["told"]["files"] == {"private": True, "retention_days": 30}
    assert line["told"]["files_before"] == {}


def test_what_is_older_than_the_space_keeps_it_goes(team: Team) -> None:
    picture = team.draw()["asset_id"]
    assert team.api.get("/spaces/brand").json()["retention_days"] == 90, "the profile's"
    team.change(retention_days=20)
    assert _swept(team.studio, days=19) == 0
    team.api.put(f"/images/{picture}/favourite", headers={"X-Who": "ben"})
    kept = _swept(team.studio, days=21)
    assert team.api.get(f"/images/{picture}").json()["deleted_at"] is None, "somebody keeps it"
    team.api.delete(f"/images/{picture}/favourite", headers={"X-Who": "ben"})
    assert _swept(team.studio, days=21) == 1, kept
    assert team.api.get(f"/images/{picture}").json()["deleted_at"] is not None


def _swept(studio: Studio, days: int) -> int:
    """As it is after some days."""
    later = KeepingStore(studio.store.database, lambda: datetime.now(UTC) + timedelta(days=days))  # type: ignore[attr-defined]
    return asyncio.run(retain(replace(studio, keeping=later)))


@pytest.mark.parametrize(
    ("of_profile", "of_space", "kept"),
    [({}, None, None), ({"brand": 90}, None, 90), ({"brand": 90}, 30, 30), ({}, 365, 365)]
    + [({"brand": 90}, 120, 90), ({}, 5000, 1000), ({}, 1, 10), ({"brand": 5}, 30, 5), ({"other": 5}, None, None)],
)
def test_the_operator_s_word_wins(of_profile: dict[str, int], of_space: int | None, kept: int | None) -> None:
    bounds = RetentionBounds(least=10, most=1000)
    profile = load_profile("local").model_copy(update={"retention_days": of_profile, "retention_bounds": bounds})
    now = datetime.now(UTC)
    space = Space("brand", "Brand", NO_DEFAULTS, SpaceFiles(retention_days=of_space), now, None)
    assert days_kept(profile, space) == kept
    assert days_by_space(profile, [space]) == of_profile | ({} if kept is None else {"brand": kept})


def test_where_all_files_are_signed_no_space_and_no_request_has_them_otherwise(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    studio = painted_studio(tmp_path_factory.mktemp("signed"), credentials=CredentialsConfig())
    with TestClient(create_app(studio)) as api:
        answer = api.patch("/spaces/home", json={"files": {"credentials": False}})
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "files.credentials")
        body = {"prompt": "a fox", "dry_run": True, "stages": {"finish": {"credentials": False}}}
        plan = api.post("/generate", json=body).json()["plan"]
        assert plan["stages"][-1]["credentials"] is True
        assert "files_signed" in [one["code"] for one in plan["notes"]]
        assert api.get("/spaces/home").json()["allowed"]["unsigned"] is False
