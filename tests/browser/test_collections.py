"""Collections in the app: two people at one, and a link that is shown to people outside until it is revoked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from zipfile import ZipFile

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def web(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=60) as web:
        yield web


@pytest.fixture(scope="module")
def assets(web: httpx.Client) -> list[str]:
    wish = {"prompt": "a kettle", "asset_type": "product_illustration", "quality": "draft", "num_variations": 3}
    job = web.post("/generate", json=wish).json()["job_id"]
    assert "job.complete" in web.get(f"/jobs/{job}/events").text
    return [image["asset_id"] for image in web.get(f"/jobs/{job}").json()["images"]]


@pytest.fixture
def collection(web: httpx.Client, assets: list[str]) -> str:
    made: str = web.post("/collections", json={"name": "Kettles"}).json()["id"]
    web.post(f"/collections/{made}/items", json={"asset_ids": assets}).raise_for_status()
    return made


def shown(page: Page) -> list[str]:
    links = page.get_by_role("list", name="Pictures of the collection").get_by_role("link")
    return [(link.get_attribute("href") or "").rpartition("/")[2] for link in links.all()]


def test_what_one_person_changes_another_sees(
    open_page: OpenPage, web: httpx.Client, collection: str, assets: list[str]
) -> None:
    a, b, c = assets
    one, other = (open_page(f"/app/collections/{collection}") for _ in range(2))
    for page in (one, other):
        expect(page.get_by_role("button", name="Take a kettle out")).to_have_count(3)
    one.get_by_role("button", name="Move a kettle later").first.click()
    one.get_by_role("textbox", name="Note: a kettle").last.fill("the lid!")
    one.keyboard.press("Enter")
    expect(other.get_by_role("textbox", name="Note: a kettle").last).to_have_value("the lid!")
    assert shown(one) == shown(other) == [b, a, c]
    one.get_by_role("button", name="Take a kettle out").first.click()
    expect(other.get_by_role("button", name="Take a kettle out")).to_have_count(2)
    one.get_by_role("button", name="Undo").click()
    expect(other.get_by_role("button", name="Take a kettle out")).to_have_count(3)
    kept = web.get(f"/collections/{collection}").json()["items"]
    assert [item["image"]["asset_id"] for item in kept] == [b, a, c]


def test_a_link_shows_it_to_whoever_has_it_until_it_is_revoked(open_page: OpenPage, collection: str) -> None:
    page = open_page(f"/app/collections/{collection}")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_role("region", name="Links").get_by_role("link").get_attribute("href") or ""
    outside = open_page("/shared/" + link.rpartition("/")[2])
    expect(outside.get_by_role("heading", level=1, name="Kettles")).to_be_visible()
    expect(outside.get_by_role("main").get_by_role("img")).to_have_count(3)
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()
    outside.reload()
    expect(outside.get_by_text("This link shows nothing any more")).to_be_visible()


def test_a_job_is_shared_as_one(open_page: OpenPage, web: httpx.Client, assets: list[str]) -> None:
    job = web.get("/jobs").json()["jobs"][0]["job_id"]
    page = open_page(f"/app/jobs/{job}")
    page.get_by_role("button", name="Share all").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a link").click()
    link = page.get_by_role("dialog").get_by_role("link").first
    expect(link).to_be_visible()
    told = httpx.get(str(link.get_attribute("href")), headers={"Accept": "application/json"}).json()
    assert len(told["images"]) == len(assets)


def test_the_collections_that_hold_a_picture_are_marked(
    open_page: OpenPage, web: httpx.Client, collection: str, assets: list[str]
) -> None:
    other = web.post("/collections", json={"name": "Empty"}).json()["id"]
    page = open_page(f"/app/images/{assets[0]}")
    page.get_by_role("button", name="Collect").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Take out: Kettles").first).to_be_visible()
    expect(dialog.get_by_role("button", name="Add: Empty")).to_be_visible()
    web.delete(f"/collections/{other}").raise_for_status()


def test_pictures_are_zipped_for_a_use_once_their_conditions_are_read(open_page: OpenPage, collection: str) -> None:
    page = open_page(f"/app/collections/{collection}")
    page.route("**/*use=product*", _on_conditions())
    page.route("**/acknowledge", lambda route: route.fulfill(status=200, content_type="application/json", body="{}"))
    page.get_by_role("button", name="Download all").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Product", exact=True).click()
    dialog.get_by_role("button", name="Download as a zip").click()
    expect(dialog.get_by_text("Name the author.")).to_have_count(1)
    dialog.get_by_role("checkbox").check()
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="I acknowledge, download all").click()
    names = ZipFile(saved.value.path()).namelist()
    assert [name[:3] for name in sorted(names)] == ["001", "002", "003"]


def _on_conditions() -> Callable[[Route], None]:
    """Gives each file out only when it is asked for again, as if its conditions were acknowledged meanwhile."""
    asked: set[str] = set()
    error = {"code": "licence_restricted", "message": "on conditions", "acknowledge": "Name the author.", "parts": []}

    def answer(route: Route) -> None:
        if route.request.url in asked:
            route.fallback()
            return
        asked.add(route.request.url)
        route.fulfill(status=403, content_type="application/json", body=json.dumps({"error": error}))

    return answer
