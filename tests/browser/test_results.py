"""What comes of an order, in a real Chromium: progress, pictures, what goes on from them, and all of it by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_create import PROMPT, card, field, finished, jobs, order
from tests.clients.held import HeldGenerator
from tests.studio import running_studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, generator: HeldGenerator) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio"), generator) as url:
        yield url


def test_a_running_job_is_there_after_a_reload_and_finishes(open_page: OpenPage, brake: HeldGenerator) -> None:
    page = open_page()
    order(page, "a lamp that takes a while", pictures=2)
    expect(card(page, "a lamp that takes a while").get_by_role("button", name="Cancel")).to_be_visible()
    page.reload()
    running = card(page, "a lamp that takes a while")
    expect(running.get_by_role("progressbar", name="Progress of picture 2")).to_be_visible()
    brake.held = False
    finished(page, "a lamp that takes a while", 2)
    expect(running.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_job_can_be_canceled(open_page: OpenPage, url: str, brake: HeldGenerator) -> None:
    page = open_page()
    order(page, "a lamp nobody waits for")
    card(page, "a lamp nobody waits for").get_by_role("button", name="Cancel").click()
    expect(card(page, "a lamp nobody waits for").get_by_text("Canceled", exact=True)).to_be_visible()
    assert jobs(url)[0]["status"] == "canceled"


def test_a_failed_job_says_why_and_what_to_do(open_page: OpenPage) -> None:
    page = open_page()
    order(page, "poison")
    failed = card(page, "poison").get_by_role("alert")
    expect(failed).to_contain_text("cannot be drawn")
    expect(failed).to_contain_text("Change the words")


def test_going_on_from_a_picture_keeps_its_lineage(open_page: OpenPage, url: str) -> None:
    page = open_page()
    order(page, "a lamp", pictures=2)
    finished(page, "a lamp", 2)
    first = jobs(url)[0]["job_id"]
    card(page, "a lamp").get_by_role("button", name="More like picture 2").click()
    page.get_by_role("slider", name="How near").fill("0.8")
    page.get_by_role("button", name="Draw four").click()
    expect(page.get_by_role("article", name="a lamp", exact=True)).to_have_count(2)
    finished(page, "a lamp", 4)
    card(page, "a lamp").get_by_role("button", name="More for picture 1").click()
    page.get_by_role("menuitem", name="Tweak").click()
    page.get_by_label("What should it show instead?").fill("a green lamp")
    page.get_by_role("button", name="Draw it").click()
    finished(page, "a green lamp", 1)
    lineage = httpx.get(f"{url}/jobs/{jobs(url)[0]['job_id']}/lineage").json()["ancestors"]
    assert [line["call"] for line in lineage] == ["tweak", "like"]
    assert lineage[-1]["parent"] == f"{first}/1"
    card(page, "a green lamp").get_by_role("button", name="Generate 4 more").click()
    expect(page.get_by_role("article", name="a green lamp")).to_have_count(2)


def test_a_picture_is_edited_and_words_that_are_being_written_are_kept(open_page: OpenPage, url: str) -> None:
    page = open_page()
    order(page, "a chair", pictures=2)
    finished(page, "a chair", 2)
    first = jobs(url)[0]["job_id"]
    page.get_by_label(PROMPT).fill("a chair at night")
    card(page, "a chair").get_by_role("button", name="Edit picture 2: begin with it").click()
    expect(page.get_by_label(PROMPT)).to_be_focused()
    expect(page.get_by_label(PROMPT)).to_have_value("a chair at night")
    order(page, "a chair at night")
    finished(page, "a chair at night", 1)
    assert jobs(url)[0]["inputs"][0]["picture"] == f"{first}/1"


def test_settings_of_a_job_are_used_again(open_page: OpenPage) -> None:
    page = open_page()
    order(page, "a lamp to repeat", pictures=2)
    finished(page, "a lamp to repeat", 2)
    page.get_by_label(PROMPT).fill("something else")
    card(page, "a lamp to repeat").get_by_role("button", name="Use these settings").click()
    expect(page.get_by_label(PROMPT)).to_have_value("a lamp to repeat")
    expect(field(page, "num_variations").get_by_role("radio", name="2", exact=True)).to_be_checked()


def test_pictures_are_gone_through_starred_and_selected_by_keyboard_alone(open_page: OpenPage, url: str) -> None:
    page = open_page()
    expect(page.get_by_label(PROMPT)).to_be_visible()
    page.keyboard.press("Tab")
    page.get_by_label(PROMPT).focus()
    page.keyboard.type("a lamp by keys")
    page.keyboard.press("Control+Enter")
    finished(page, "a lamp by keys", 4)
    tiles = card(page, "a lamp by keys").get_by_role("link", name=re.compile("picture"))
    tiles.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    page.keyboard.press(".")
    expect(card(page, "a lamp by keys").get_by_role("button", name="Favourite", pressed=True)).to_have_count(1)
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.get_by_role("region", name="2 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="2 selected")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/app/images/"))
    assert len(httpx.get(f"{url}/images", params={"favourite": True}).json()["images"]) == 1


def test_a_job_opens_by_its_link_and_a_prompt_stays_text(open_page: OpenPage, url: str, trouble: Trouble) -> None:
    prompt = "<img src=x onerror=alert(1)> & <b>bold</b> مرحبا 🦊"
    job = httpx.post(f"{url}/generate", json={"prompt": prompt, "quality": "draft"}).json()["job_id"]
    page = open_page(f"/app/jobs/{job}")
    finished(page, prompt, 1)
    expect(page.get_by_role("heading", level=1)).to_have_text(prompt)
    assert [one for one in trouble.complaints if "onerror" in one] == []
    page.goto(f"{url}/app/jobs/nothing")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_when_pictures_come_and_nothing_is_wider_than_the_window(
    open_page: OpenPage, brake: HeldGenerator, width: int
) -> None:
    page = open_page(width=width)
    prompt = f"a lamp and a remarkablyextraordinarilylongwordthatdoesnotfitanywhere {width}"
    order(page, prompt, pictures=4)
    expect(card(page, prompt).get_by_role("progressbar", name="Progress of picture 4")).to_be_visible()
    place = card(page, prompt).get_by_role("listitem").first
    before = place.bounding_box()
    brake.held = False
    finished(page, prompt, 4)
    after = place.bounding_box()
    assert before is not None
    assert after is not None
    assert (before["x"], before["width"]) == (after["x"], after["width"])
    assert page.evaluate("document.documentElement.scrollWidth") == width
