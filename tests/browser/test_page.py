"""The page at / in a real Chromium: ordering, watching, finding again, and what it says when something is wrong."""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage, Trouble
from tests.clients.held import HeldGenerator
from tests.studio import running_studio

pytestmark = pytest.mark.browser


def jobs(url: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = httpx.get(f"{url}/jobs").json()["jobs"]
    return found


def order(page: Page, prompt: str, pictures: int = 1, quality: str = "draft") -> None:
    page.get_by_label("What should it show?").fill(prompt)
    page.get_by_role("radio", name=quality.capitalize(), exact=True).check()
    page.get_by_role("group", name="Pictures").get_by_role("radio", name=str(pictures), exact=True).check()
    page.get_by_label("What should it show?").press("Control+Enter")


def finished(page: Page, pictures: int) -> None:
    expect(page.get_by_role("link", name=re.compile("Download picture .* as PNG"))).to_have_count(pictures)


def test_pictures_are_ordered_from_the_keyboard_and_downloaded(
    open_page: OpenPage, trouble: Trouble, url: str, tmp_path: Path
) -> None:
    page = open_page()
    order(page, "a red bicycle", pictures=2)
    finished(page, 2)
    expect(page.get_by_role("heading", level=1)).to_have_text("a red bicycle")
    expect(page.locator(".tile .badge").first).to_contain_text("Product use allowed")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download picture 1 as PNG").click()
    download.value.save_as(tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.format == "PNG"
    # Nothing from elsewhere, and nothing that the content security policy had to stop.
    assert trouble.hosts == {url}
    assert trouble.complaints == []


def test_progress_and_previews_appear_while_a_picture_is_drawn(open_page: OpenPage, tmp_path: Path) -> None:
    generator = HeldGenerator(step_seconds=0.15)  # a draft of nearly two seconds: one that is worth previews
    generator.held = True
    with running_studio(tmp_path, generator) as studio:
        page = open_page(studio=studio)
        while httpx.get(f"{studio}/readyz").status_code != 200:
            time.sleep(0.05)
        order(page, "a slow lamp")
        expect(page.locator(".caption span")).to_have_text("step 3 of 12")
        expect(page.locator(".line")).to_contain_text("left")
        expect(page.locator("img.preview")).to_be_visible()
        generator.held = False
        finished(page, 1)
        expect(page.locator(".state")).to_be_hidden()


def test_steps_are_told_again_after_a_proxy_refused_the_stream(open_page: OpenPage, brake: HeldGenerator) -> None:
    page, asked = open_page(), []

    def refuse_first(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= 2:
            route.fulfill(status=502, body="<h1>Bad gateway</h1>")
        else:
            route.continue_()

    page.route("**/events", refuse_first)
    order(page, "a slow lamp", pictures=2)
    expect(page.locator(".caption span").first).to_contain_text("step 3 of")
    brake.held = False
    finished(page, 2)
    assert len(asked) == 3


def test_every_picture_is_announced_to_people_who_listen(open_page: OpenPage) -> None:
    page = open_page()
    order(page, "a lamp", pictures=2)
    finished(page, 2)
    expect(page.get_by_role("status")).to_have_text("All 2 pictures are finished")


def test_a_double_click_is_one_job(open_page: OpenPage, url: str) -> None:
    page = open_page()
    before = len(jobs(url))
    page.get_by_label("What should it show?").fill("a lamp clicked twice")
    page.get_by_role("button", name="Generate", exact=True).dblclick()
    finished(page, 1)
    assert len(jobs(url)) == before + 1


def test_a_running_job_is_found_again_after_a_reload(open_page: OpenPage, brake: HeldGenerator) -> None:
    page = open_page()
    order(page, "a lamp that takes a while")
    page.wait_for_url("**/?job=*")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("a lamp that takes a while")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    brake.held = False
    finished(page, 1)


def test_a_job_of_another_client_is_listed_and_opens_by_link(open_page: OpenPage, url: str) -> None:
    answer = httpx.post(f"{url}/generate", json={"prompt": "a lamp by curl", "quality": "draft"})
    page = open_page(f"/?job={answer.json()['job_id']}")
    finished(page, 1)
    entry = page.get_by_role("region", name="Recent").get_by_role("link", name=re.compile("a lamp by curl"))
    expect(entry).to_have_attribute("aria-current", "true")


def test_recent_jobs_are_opened_from_the_keyboard_and_left_with_back(open_page: OpenPage, url: str) -> None:
    page = open_page()
    order(page, "first lamp")
    finished(page, 1)
    order(page, "second lamp")
    expect(page.get_by_role("heading", level=1)).to_have_text("second lamp")
    page.get_by_role("region", name="Recent").get_by_role("link", name=re.compile("first lamp")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("first lamp")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("second lamp")


def test_a_job_can_be_canceled(open_page: OpenPage, url: str, brake: HeldGenerator) -> None:
    page = open_page()
    order(page, "a lamp nobody waits for", quality="high")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".failure")).to_have_text("Canceled")
    assert jobs(url)[0]["status"] == "canceled"


def test_a_failed_job_says_why(open_page: OpenPage) -> None:
    page = open_page()
    order(page, "poison")
    expect(page.get_by_role("alert").filter(has_text="cannot be drawn")).to_be_visible()


def test_a_refusal_is_shown_at_its_field_which_gets_the_focus(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text("More settings").click()
    page.get_by_label("Seed").fill("99999999999")
    order(page, "a lamp")
    seed = page.get_by_label("Seed")
    expect(seed).to_have_attribute("aria-invalid", "true")
    expect(seed).to_be_focused()
    expect(page.locator("#seed-error")).to_contain_text("4294967296")
    seed.fill("5")
    expect(page.locator("#seed-error")).to_be_hidden()


def test_the_schedule_is_offered_where_the_model_leaves_a_choice_and_is_drawn_with(
    open_page: OpenPage, url: str, generator: HeldGenerator
) -> None:
    page = open_page()
    page.get_by_text("More settings").click()
    expect(page.get_by_label("Sampler", exact=True)).to_be_hidden()
    schedule = page.get_by_label("Schedule")
    expect(schedule.locator("option")).to_have_text(["Usual (simple)", "simple", "karras", "exponential"])
    schedule.select_option("karras")
    order(page, "a bent lamp")
    finished(page, 1)
    drawn = generator.drawn[-1]
    assert (drawn.prompt.startswith("a bent lamp"), drawn.sampler, drawn.schedule) == (True, "euler", "karras")


def test_an_empty_prompt_is_asked_for(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.get_by_label("What should it show?")).to_be_focused()
    expect(page.locator("#prompt-error")).to_be_visible()


def test_sizes_follow_the_asset_type_and_the_estimate_follows_the_order(open_page: OpenPage) -> None:
    page = open_page()
    sizes = page.get_by_role("group", name="Size")
    expect(sizes.get_by_role("radio", name="256 × 256")).to_be_visible()
    page.get_by_role("radio", name="Product illustration").check()
    expect(sizes.get_by_role("radio", name="256 × 256")).to_have_count(0)
    sizes.get_by_role("radio", name="640 × 384").check()
    page.get_by_label("What should it show?").fill("a lamp")
    expect(page.locator("#estimate")).to_contain_text("640x384")


def test_settings_of_a_job_can_be_used_again(open_page: OpenPage) -> None:
    page = open_page()
    order(page, "a lamp to repeat", pictures=2)
    finished(page, 2)
    seed = page.locator(".seed span").first.text_content() or ""
    page.get_by_label("What should it show?").fill("something else")
    page.get_by_role("button", name="Use these settings").click()
    expect(page.get_by_label("What should it show?")).to_have_value("a lamp to repeat")
    expect(page.get_by_role("textbox", name="Seed")).to_have_value(seed.removeprefix("Seed "))


def test_a_prompt_stays_text(open_page: OpenPage, trouble: Trouble) -> None:
    page = open_page()
    order(page, "<img src=x onerror=alert(1)> & <b>bold</b>")
    finished(page, 1)
    expect(page.get_by_role("heading", level=1)).to_have_text("<img src=x onerror=alert(1)> & <b>bold</b>")
    assert trouble.complaints == []


def test_a_studio_that_went_away_is_named_and_the_order_kept(open_page: OpenPage, url: str) -> None:
    page = open_page()
    page.route("**/generate", lambda route: route.abort())
    order(page, "a lamp in the dark")
    expect(page.locator("#order-error")).to_contain_text("does not answer")
    expect(page.get_by_label("What should it show?")).to_have_value("a lamp in the dark")
    page.unroute("**/generate")
    page.get_by_role("button", name="Generate", exact=True).click()
    finished(page, 1)


def test_a_link_to_nothing_says_so(open_page: OpenPage) -> None:
    page = open_page("/?job=nothing")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such job")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_is_wider_than_the_window(open_page: OpenPage, shots: Path, scheme: str, width: int) -> None:
    page = open_page(width=width, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    order(page, "a lamp and a remarkablyextraordinarilylongwordthatdoesnotfitanywhere", pictures=4)
    finished(page, 4)
    page.screenshot(path=shots / f"page-{scheme}-{width}.png", full_page=True)
    # Measured with the policy off, which forbids scripts from outside: also those of this test.
    assert page.evaluate("document.documentElement.scrollWidth") == width
