"""Choosing LoRAs on the page: offered where the model has some, sent with their strengths, and told of afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_page import finished, order
from tests.catalogue import add_lora, add_model, copy_configs, edit
from tests.clients.held import HeldGenerator
from tests.studio import running_studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lora_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio with two models, of which mini has LoRAs."""
    root = copy_configs(tmp_path_factory.mktemp("root"))
    add_model(root, "other", "paint")
    for id in ("icons", "people", "night", "paper", "wool"):
        licence = "flux-1-dev-non-commercial" if id == "night" else "apache-2.0"
        lines = ("default_strength: 0.8", f"description: Pictures in the {id} style of the house")
        add_lora(root, id, *lines, data_licence=licence)
    profile = root / "configs/profiles/local.yaml"
    edit(profile, "generators:\n", "generators:\n  - model: other\n")
    with running_studio(tmp_path_factory.mktemp("studio"), HeldGenerator(), root) as url:
        yield url


def choose(page: Page, name: str, strength: str | None = None) -> None:
    page.get_by_label("Add a style").select_option(label=f"The {name} style")
    if strength is not None:
        page.get_by_label(f"Strength of The {name} style").fill(strength)


def test_a_studio_without_loras_offers_none(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#loras")).to_be_hidden()


def test_loras_are_sent_with_their_strengths_and_named_by_the_job(
    open_page: OpenPage, lora_url: str, trouble: Trouble
) -> None:
    page = open_page(studio=lora_url)
    choose(page, "icons")
    choose(page, "people", "-0.5")
    order(page, "a lamp with style")
    finished(page, 1)
    expect(page.locator(".facts")).to_contain_text("The icons style × 0.8 · The people style × −0.5")
    job = httpx.get(f"{lora_url}/jobs").json()["jobs"][0]
    assert job["loras"] == [{"id": "icons", "strength": 0.8}, {"id": "people", "strength": -0.5}]
    assert trouble.complaints == []


def test_a_lora_can_be_taken_away_again(open_page: OpenPage, lora_url: str) -> None:
    page = open_page(studio=lora_url)
    choose(page, "icons")
    page.get_by_role("button", name="Remove The icons style").press("Enter")
    expect(page.get_by_label("Add a style")).to_be_focused()
    order(page, "a plain lamp")
    finished(page, 1)
    assert httpx.get(f"{lora_url}/jobs").json()["jobs"][0]["loras"] == []


def test_as_many_can_be_combined_as_the_studio_allows(open_page: OpenPage, lora_url: str) -> None:
    page = open_page(studio=lora_url)
    for name in ("icons", "people", "night", "paper"):
        choose(page, name)
    expect(page.get_by_label("Add a style")).to_be_hidden()
    page.get_by_role("button", name="Remove The night style").click()
    expect(page.get_by_label("Add a style").get_by_role("option", name="The night style")).to_have_count(1)


def test_loras_follow_the_model(open_page: OpenPage, lora_url: str) -> None:
    page = open_page(studio=lora_url)
    choose(page, "icons")
    page.get_by_text("More settings").click()
    page.get_by_role("combobox", name="Model", exact=True).select_option("other")
    expect(page.locator("#loras")).to_be_hidden()
    page.get_by_role("combobox", name="Model", exact=True).select_option("mini")
    expect(page.locator("#loras")).to_be_visible()
    expect(page.locator(".lora")).to_have_count(0)


def test_what_to_avoid_is_asked_only_where_the_model_takes_it(open_page: OpenPage, lora_url: str) -> None:
    page = open_page(studio=lora_url)
    page.get_by_text("More settings").click()
    expect(page.locator("#negative_prompt")).to_be_hidden()
    page.get_by_role("combobox", name="Model", exact=True).select_option("other")
    page.locator("#negative_prompt").fill("clutter")
    page.get_by_role("combobox", name="Model", exact=True).select_option("mini")
    with page.expect_request("**/generate", timeout=30_000) as sent:  # the plan or the order, whichever comes first
        order(page, "a lamp")
    assert "negative_prompt" not in (sent.value.post_data_json or {})
    finished(page, 1)


def test_a_lora_says_before_it_is_used_what_its_pictures_are_not_for(open_page: OpenPage, lora_url: str) -> None:
    page = open_page(studio=lora_url)
    choose(page, "icons")
    expect(page.locator("#loras-hint")).not_to_contain_text("product use")
    choose(page, "night")
    expect(page.locator("#loras-hint")).to_contain_text("night style of the house, product use refused")


def test_loras_of_a_job_can_be_used_again(open_page: OpenPage, lora_url: str) -> None:
    page = open_page(studio=lora_url)
    choose(page, "paper", "1.2")
    order(page, "a paper lamp")
    finished(page, 1)
    page.get_by_role("button", name="Remove The paper style").click()
    page.get_by_role("button", name="Use these settings").click()
    expect(page.get_by_label("Strength of The paper style")).to_have_value("1.2")


def test_a_refusal_is_shown_at_the_loras(open_page: OpenPage, lora_url: str) -> None:
    page = open_page(studio=lora_url)
    choose(page, "icons")
    page.route("**/generate", lambda route: route.fulfill(status=422, json={"error": REFUSAL}))
    order(page, "a lamp")
    expect(page.locator("#loras-error")).to_contain_text("was taken away")


REFUSAL = {"code": "unknown_name", "message": "'icons' was taken away", "field": "loras"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_the_picker_fits_the_window(open_page: OpenPage, lora_url: str, shots: Path, scheme: str, width: int) -> None:
    page = open_page(studio=lora_url, width=width, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    choose(page, "icons")
    choose(page, "people", "-1.25")
    order(page, "a lamp")
    finished(page, 1)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=shots / f"loras-{scheme}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == width
