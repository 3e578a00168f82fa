"""The library of makers in the app: a new version by a form, compared, tried, promoted and rolled back."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import OpenPage, Trouble
from tests.router.library.test_lora_uploads import safetensors

pytestmark = pytest.mark.browser


LICENCES = {"licence": ["adapter=apache-2.0", "training data=apache-2.0"]}


def live(url: str, kind: str, id: str) -> str:
    entries = httpx.get(f"{url}/library/{kind}").json()["entries"]
    marks = next(entry["marks"] for entry in entries if entry["id"] == id)
    version: str = next(mark["version"] for mark in marks if mark["mark"] == "live")
    return version


def test_a_brand_kit_gets_a_version_which_is_promoted_and_rolled_back(
    open_page: OpenPage, url: str, trouble: Trouble
) -> None:
    page = open_page("/app/library/brand-kits")
    page.get_by_role("link", name="Harbour").click()
    page.get_by_role("link", name="New version").click()
    expect(page.get_by_role("button", name="Save the version")).to_be_disabled()
    page.get_by_label("Colour 4 as #RRGGBB").fill("#e2500f")
    page.get_by_label("Tone").fill("bright <b>and</b> airy")
    page.get_by_label("What is new").fill("A warmer buoy")
    page.get_by_role("button", name="Save the version").click()

    changes = page.get_by_role("tabpanel")
    expect(changes).to_contain_text("#f26419")
    expect(changes).to_contain_text("#e2500f")
    expect(changes).to_contain_text("bright <b>and</b> airy")
    assert live(url, "brand-kits", "harbour") == "1.0.0"

    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("button", name="Move a mark: 1.1.0").click()
    page.get_by_role("menuitem", name="Make it live").click()
    page.get_by_label("Why").fill("the spring campaign")
    page.get_by_role("dialog").get_by_role("button", name="Make it live").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert live(url, "brand-kits", "harbour") == "1.1.0"

    page.get_by_role("button", name="Move a mark: 1.0.0").click()
    page.get_by_role("menuitem", name="Roll back to this").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it live").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert live(url, "brand-kits", "harbour") == "1.0.0"
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("Live moved from 1.1.0 to 1.0.0")).to_be_visible()
    expect(page.get_by_text("the spring campaign")).to_be_visible()
    assert trouble.complaints == []


def test_an_asset_type_is_tried_with_both_versions_before_it_is_promoted(open_page: OpenPage, url: str) -> None:
    page = open_page("/app/library/asset-types/logo_illustration/edit")
    page.get_by_label("Template").fill("{subject}, {style}, cut paper")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("a lighthouse, cut paper")
    page.get_by_role("button", name="Save the version").click()
    page.get_by_role("tab", name="Try").click()
    page.get_by_label("Prompt").fill("a lighthouse")
    page.get_by_role("button", name="Draw both").click()
    for version in ("1.2.0", "1.3.0"):
        expect(page.get_by_role("img", name=re.compile(f"{version}$"))).to_be_visible()
    jobs = httpx.get(f"{url}/jobs").json()["jobs"][:2]
    assert jobs[0]["seeds"] == jobs[1]["seeds"]


def test_a_lora_is_brought_looked_at_tried_and_drawn_with_in_a_version(open_page: OpenPage, url: str) -> None:
    page = open_page("/app/library/add/loras")
    file = {"name": "ink.safetensors", "mimeType": "application/octet-stream", "buffer": safetensors(8)}
    page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_label("Id", exact=True)).to_have_value("ink")
    for label in ("Licence of the adapter", "Licence of what it learned from"):
        page.get_by_label(label).select_option("apache-2.0")
    page.get_by_role("radio", name="Live").press("Space")
    page.get_by_role("button", name="Bring it").click()
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()
    again = {"file": ("ink.safetensors", safetensors(9))}
    second = {"id": "ink", "version": "1.1.0", "mark": "candidate", **LICENCES}
    assert httpx.post(f"{url}/loras", data=second, files=again, timeout=60).status_code == 201

    page.get_by_role("link", name="Look at it").click()
    page.get_by_role("tab", name="Try").click()
    page.get_by_label("Prompt").fill("a lighthouse")
    page.get_by_role("button", name="Draw both").click()
    for version in ("1.0.0", "1.1.0"):
        expect(page.get_by_role("img", name=re.compile(f"{version}$"))).to_be_visible()

    page.goto(url)
    page.get_by_role("textbox", name="What should it show?").fill("a fox")
    page.get_by_label("Add a LoRA …").select_option("ink")
    page.get_by_label("Version of ink").select_option("1.1.0")
    with page.expect_request(lambda request: request.url.endswith("/generate") and _orders(request)) as ordered:
        page.get_by_role("form", name="Order pictures").get_by_role("button", name="Generate").click()
    assert json.loads(ordered.value.post_data or "")["loras"] == [{"id": "ink@1.1.0", "strength": 1}]
    expect(page.get_by_role("article", name="a fox").get_by_text("ink 1.1.0 × 1")).to_be_visible()


def _orders(request: Request) -> bool:
    """And does not merely ask what it would take."""
    return request.method == "POST" and not json.loads(request.post_data or "{}").get("dry_run")


def test_what_the_studio_refuses_stands_at_its_field(open_page: OpenPage) -> None:
    page = open_page("/app/library/brand-kits/atelier/edit")
    page.get_by_label("Banned words").fill("x")
    page.get_by_role("button", name="Save the version").click()
    field = page.get_by_label("Banned words")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert").filter(has_text="banned_words")).to_be_visible()


def test_models_show_what_they_may_be_used_for(open_page: OpenPage) -> None:
    page = open_page("/app/library/models")
    mini = page.get_by_role("article", name="Atelier mini")
    expect(mini).to_contain_text("Commercial OK")
    expect(mini).to_contain_text("training data")
