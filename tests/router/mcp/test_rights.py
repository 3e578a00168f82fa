"""A tool does for somebody what the API would do for them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from mcp import types

from configs.quotas import Quotas
from configs.service import Limits
from router.api.app import create_app
from router.people.principal import Principal, Role
from router.people.tables import HOME
from tests.router.mcp.talking import ERAS, answer, call, refusal, text
from tests.router.people.doors import TableDoor, showing
from tests.studio import painted_studio, serving

DESIGNER = frozenset({Role.DESIGNER})
DOOR = TableDoor(
    Principal("ana", "Ana", DESIGNER, spaces=frozenset({HOME, "brand"})),
    Principal("ben", "Ben", DESIGNER, spaces=frozenset({HOME, "brand"})),
    Principal("reads", "Reads", DESIGNER, scopes=frozenset({"images:read"})),
    Principal("writes", "Writes", DESIGNER, scopes=frozenset({"images:write"})),
    Principal("operator", "Operator", frozenset({Role.OPERATOR})),
    Principal("admin", "Admin", frozenset({Role.ADMIN})),
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    studio = painted_studio(tmp_path_factory.mktemp("rights"))
    with serving(create_app(studio, door=DOOR)) as url:
        yield url


def draw(url: str, who: str, era: str = "auto", **more: str) -> types.CallToolResult:
    return call(url, "generate", {"prompt": "a fox", "quality": "draft"}, era, {**showing(who), **more})


@pytest.mark.parametrize("era", ERAS)
def test_what_somebody_draws_is_theirs(url: str, era: str) -> None:
    job = answer(draw(url, "ana", era))
    assert answer(call(url, "get_job", {"job_id": job["job_id"]}, era, headers=showing("ana")))["status"] == "complete"
    assert "There is no job" in refusal(call(url, "get_job", {"job_id": job["job_id"]}, era, headers=showing("ben")))
    assert "no job" in refusal(call(url, "cancel_job", {"job_id": job["job_id"]}, era, headers=showing("ben"))).lower()
    asset = job["pictures"][0]["asset_id"]
    assert refusal(call(url, "get_image", {"asset_id": asset}, era, headers=showing("ben")))
    with httpx.Client(base_url=url, headers=showing("ana")) as api:
        assert api.get(f"/jobs/{job['job_id']}").json()["owner"] == "ana"


def test_a_key_does_what_its_scopes_say(url: str) -> None:
    assert "the scope images:write" in refusal(draw(url, "reads"))
    assert answer(call(url, "search_images", headers=showing("reads")))["pictures"] == []


def test_a_key_that_may_only_draw_is_told_the_job_and_why_no_more(url: str) -> None:
    result = draw(url, "writes")
    job = answer(result)
    assert (job["status"], job["pictures"]) == ("queued", [])
    assert job["job_id"] in job["next"]
    assert "the scope images:read" in text(result)


def test_a_role_is_asked_for_as_elsewhere(url: str) -> None:
    assert "the role designer" in refusal(draw(url, "operator"))


def test_who_has_not_signed_in_is_told_how(url: str) -> None:
    for headers in ({}, showing("nobody")):
        answered = httpx.post(f"{url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers)
        assert answered.status_code == 401
        assert answered.headers["www-authenticate"].startswith("Bearer")


def test_somebody_works_in_a_space_that_they_are_in(url: str) -> None:
    with httpx.Client(base_url=url, headers=showing("admin")) as api:
        assert api.post("/spaces", json={"id": "brand"}).is_success
    job = answer(draw(url, "ana", **{"X-Atelier-Space": "brand"}))
    assert answer(call(url, "get_job", {"job_id": job["job_id"]}, headers=showing("ben")))["status"] == "complete"
    refused = httpx.post(f"{url}/mcp", json={}, headers={**showing("ana"), "X-Atelier-Space": "others"})
    assert refused.status_code in (403, 404)


def test_a_quota_is_a_sentence_that_says_when_it_is_free(tmp_path_factory: pytest.TempPathFactory) -> None:
    quotas = Quotas.model_validate({"user": {"pictures_per_day": 1}})
    studio = painted_studio(tmp_path_factory.mktemp("quota"), limits=Limits(quotas=quotas))
    with serving(create_app(studio, door=DOOR)) as url:
        answer(draw(url, "ana"))
        assert "your quota of 1 picture a day is reached" in refusal(draw(url, "ana"))


def test_links_lead_to_where_the_studio_is_seen_from(url: str) -> None:
    outside = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "studio.example", "X-Forwarded-Prefix": "/art"}
    picture = answer(draw(url, "ana", **outside))["pictures"][0]
    assert picture["url"].startswith("https://studio.example/art/jobs/")
    assert {one["url"].partition("/jobs/")[0] for one in picture["files"]} == {"https://studio.example/art"}


def test_links_lead_below_the_root_path_of_a_profile(tmp_path_factory: pytest.TempPathFactory) -> None:
    studio = painted_studio(tmp_path_factory.mktemp("prefix"), root_path="/art")
    with serving(create_app(studio)) as url:
        for base in (url, f"{url}/art"):
            picture = answer(call(base, "generate", {"prompt": "a fox", "quality": "draft"}))["pictures"][0]
            assert picture["url"].startswith(f"{url}/art/jobs/")
