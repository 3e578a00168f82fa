"""The library of work in the app: found, kept, deleted and had back, compared, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def web(url: str) -> Iterator[httpx.Client]:
    """Eight pictures, four of each of two prompts."""
    with httpx.Client(base_url=url, timeout=60) as web:
        for prompt, kind in (("a red bicycle", "product_illustration"), ("a blue boat", "logo_illustration")):
            wish = {"prompt": prompt, "asset_type": kind, "quality": "draft", "num_variations": 4}
            job = web.post("/generate", json=wish).json()["job_id"]
            assert "job.complete" in web.get(f"/jobs/{job}/events").text
        yield web


@pytest.fixture
def work(open_page: OpenPage, web: httpx.Client) -> Page:
    """The library, with no favourites in it yet."""
    for image in web.get("/images", params={"favourite": True}).json()["images"]:
        web.delete(f"/images/{image['asset_id']}/favourite").raise_for_status()
    page = open_page("/app/work")
    expect(page.get_by_role("gridcell")).to_have_count(8)
    return page


def test_a_favourite_is_made_by_a_key_and_found_by_its_facet(work: Page, web: httpx.Client) -> None:
    work.locator("[data-place='0']").focus()
    work.keyboard.press(".")
    star = work.get_by_role("gridcell").first.get_by_role("button", name="Favourite")
    expect(star).to_have_attribute("aria-pressed", "true")
    work.get_by_role("checkbox", name="Favourites only").check()
    expect(work.get_by_role("gridcell")).to_have_count(1)
    work.reload()
    expect(work.get_by_role("gridcell")).to_have_count(1)
    assert len(web.get("/images", params={"favourite": True}).json()["images"]) == 1
    work.get_by_role("button", name=re.compile("Without Favourites")).click()
    expect(work.get_by_role("gridcell")).to_have_count(8)


def test_a_favourite_is_among_them_also_where_their_list_was_read_before_it_was_set(work: Page) -> None:
    held: list[Route] = []
    work.route("**/favourite", lambda route: held.append(route))  # Playwright takes no method of a list
    work.locator("[data-place='0']").focus()
    work.keyboard.press(".")
    work.get_by_role("checkbox", name="Favourites only").check()
    expect(work.get_by_role("gridcell")).to_have_count(0)
    held[0].continue_()
    expect(work.get_by_role("gridcell")).to_have_count(1)


def test_what_is_deleted_together_comes_back_by_undo(work: Page, web: httpx.Client) -> None:
    work.locator("[data-place='0']").focus()
    work.keyboard.press("x")
    work.keyboard.press("ArrowRight")
    work.keyboard.press("x")
    expect(work.get_by_text("2 selected")).to_be_visible()
    work.keyboard.press("Delete")
    expect(work.get_by_role("gridcell")).to_have_count(6)
    expect(work.get_by_text("2 pictures deleted").first).to_be_visible()
    assert len(web.get("/images").json()["images"]) == 6
    work.get_by_role("button", name="Undo").click()
    expect(work.get_by_role("gridcell")).to_have_count(8)
    assert len(web.get("/images").json()["images"]) == 8


def test_two_pictures_are_compared_without_a_mouse(work: Page) -> None:
    work.locator("[data-place='0']").focus()
    for key in ("x", "ArrowRight", "x", "c"):
        work.keyboard.press(key)
    expect(work.get_by_role("heading", level=1, name="Compare")).to_be_visible()
    expect(work.get_by_role("figure")).to_have_count(2)
    expect(work.get_by_role("row", name=re.compile("seed", re.IGNORECASE))).to_be_visible()
    before = work.url
    work.keyboard.press("s")
    expect(work).not_to_have_url(before)
    work.keyboard.press("m")
    expect(work.get_by_role("radio", name="Slider")).to_be_checked()
    slider = work.get_by_role("slider")
    slider.focus()
    work.keyboard.press("ArrowRight")
    expect(slider).to_have_value("51")


def test_words_are_searched_for_and_never_in_the_address(work: Page) -> None:
    work.keyboard.press("/")
    work.keyboard.type("bicycle")
    expect(work.get_by_role("gridcell")).to_have_count(4)
    assert "bicycle" not in work.url
    work.reload()
    expect(work.get_by_role("gridcell")).to_have_count(4)
    work.locator("[data-place='0']").click()
    expect(work.get_by_role("heading", level=1, name="a red bicycle")).to_be_visible()
    work.keyboard.press("ArrowRight")
    expect(work.get_by_text("2 of 4")).to_be_visible()
    work.go_back()
    expect(work.get_by_role("gridcell")).to_have_count(4)
