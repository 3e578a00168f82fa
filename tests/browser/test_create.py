"""Ordering in a real Chromium: the form, what it says before and after it is pressed, and pictures to begin with."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.clients.held import HeldGenerator
from tests.studio import running_studio

pytestmark = pytest.mark.browser

BLUE = (40, 80, 200)
PROMPT = "What should it show?"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, generator: HeldGenerator) -> Iterator[str]:
    """A studio of its own: these tests look at its newest job."""
    with running_studio(tmp_path_factory.mktemp("studio"), generator) as url:
        yield url


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "wall.png"
    Image.new("RGB", (600, 600), BLUE).save(path)
    return path


def jobs(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{url}/jobs").json()["jobs"]
    return found


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[data-field={name}]")


def order(page: Page, prompt: str, pictures: int = 1) -> None:
    page.get_by_label(PROMPT).fill(prompt)
    page.get_by_role("radio", name="Draft", exact=True).press("Space")
    field(page, "num_variations").get_by_role("radio", name=str(pictures), exact=True).press("Space")
    page.get_by_label(PROMPT).press("Control+Enter")


def card(page: Page, prompt: str) -> Locator:
    return page.get_by_role("article", name=prompt, exact=True).first


def finished(page: Page, prompt: str, pictures: int) -> None:
    tiles = card(page, prompt).get_by_role("link", name=re.compile(r", picture \d of"))
    expect(tiles).to_have_count(pictures)


def test_four_variations_are_ordered_from_the_keyboard_and_come(open_page: OpenPage, url: str) -> None:
    page = open_page()
    expect(page.get_by_role("button", name="Generate")).to_be_visible()
    order(page, "a red bicycle", pictures=4)
    finished(page, "a red bicycle", 4)
    expect(card(page, "a red bicycle").get_by_text("Commercial OK")).to_be_visible()
    with page.expect_download() as download:
        card(page, "a red bicycle").get_by_role("button", name="Download picture 1").click()
        page.get_by_role("button", name=re.compile("png", re.IGNORECASE)).click()
    with Image.open(download.value.path()) as picture:
        assert picture.format == "PNG"


def test_a_double_click_is_one_job(open_page: OpenPage, url: str) -> None:
    page = open_page()
    page.get_by_label(PROMPT).fill("a lamp clicked twice")
    page.get_by_role("button", name="Generate", exact=True).dblclick()
    finished(page, "a lamp clicked twice", 4)
    assert [job["prompt"] for job in jobs(url)].count("a lamp clicked twice") == 1


def test_what_it_takes_is_said_before_it_is_pressed(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label(PROMPT).fill("a lamp")
    summary = page.locator("summary", has_text="About")
    expect(summary).to_contain_text("of 64 tokens")
    expect(summary).to_contain_text("Commercial OK")
    summary.click()
    expect(page.get_by_role("list", name="What will be done")).to_contain_text("with mini")


def test_a_refusal_is_shown_at_its_field_which_gets_the_focus(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text("Advanced").click()
    seed = page.get_by_role("textbox", name="Seed")
    seed.fill("99999999999")
    order(page, "a lamp")
    expect(field(page, "seed").get_by_role("alert")).to_contain_text("4294967296")
    expect(seed).to_be_focused()
    seed.fill("5")
    expect(field(page, "seed").get_by_role("alert")).to_have_count(0)


def test_a_prompt_that_is_missing_or_too_long_is_said_before_it_is_sent(open_page: OpenPage, url: str) -> None:
    page = open_page()
    before = len(jobs(url))
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(field(page, "prompt").get_by_role("alert")).to_contain_text("Say what")
    expect(page.get_by_label(PROMPT)).to_be_focused()
    order(page, "long " * 2000)
    expect(field(page, "prompt").get_by_role("alert")).to_contain_text("the studio reads 2,000")
    assert len(jobs(url)) == before


def test_a_model_that_vanished_between_choosing_and_pressing_is_named(open_page: OpenPage) -> None:
    def gone(route: Route) -> None:
        error = {"code": "unknown_name", "message": "'mini' is not a model here", "field": "model"}
        route.fulfill(status=422, json={"error": error})

    page = open_page()
    page.route("**/generate", gone)
    order(page, "a lamp")
    expect(field(page, "model").get_by_role("alert")).to_contain_text("is not a model here")


def test_a_studio_that_is_full_counts_down_until_it_is_worth_another_try(open_page: OpenPage) -> None:
    def full(route: Route) -> None:
        error = {"code": "too_many", "message": "20 jobs are waiting: that is as many as there may be."}
        route.fulfill(status=429, headers={"Retry-After": "2"}, json={"error": error})

    page = open_page()
    page.route("**/generate", full)
    order(page, "a lamp in the queue")
    expect(page.get_by_role("alert").filter(has_text="20 jobs are waiting")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"Try again in \d s"))).to_be_disabled()
    page.unroute("**/generate")
    page.get_by_role("button", name="Try again", exact=True).click()
    finished(page, "a lamp in the queue", 1)


def test_the_form_survives_a_reload_and_old_prompts_are_walked_through(open_page: OpenPage) -> None:
    page = open_page()
    order(page, "an older lamp")
    finished(page, "an older lamp", 1)
    prompt = page.get_by_label(PROMPT)
    prompt.fill("half a sentence")
    field(page, "size").get_by_role("radio", name="256 × 256").press("Space")
    page.reload()
    expect(prompt).to_have_value("half a sentence")
    expect(field(page, "size").get_by_role("radio", name="256 × 256")).to_be_checked()
    prompt.press("Alt+ArrowUp")
    expect(prompt).to_have_value("an older lamp")
    prompt.press("Alt+ArrowDown")
    expect(prompt).to_have_value("half a sentence")


def test_all_types_are_one_press(open_page: OpenPage, url: str) -> None:
    page = open_page()
    page.get_by_role("radio", name="All types at once").press("Space")
    order(page, "cloud computing")
    expect(page.get_by_role("article", name="cloud computing")).to_have_count(4)
    kinds = {job["asset_type"] for job in jobs(url) if job["prompt"] == "cloud computing"}
    assert kinds == {"icon", "logo_illustration", "premium_illustration", "product_illustration"}


def begin_with(page: Page, photo: Path) -> None:
    field(page, "image").locator("input[type=file]").set_input_files(photo)
    expect(page.locator("[data-where]")).to_contain_text("All of it is redrawn.")


def test_only_what_is_painted_over_is_redrawn(open_page: OpenPage, url: str, photo: Path, tmp_path: Path) -> None:
    page = open_page()
    begin_with(page, photo)
    strength = page.get_by_role("slider", name="How much is redrawn")
    expect(strength).to_have_value("75")
    page.get_by_role("button", name="Paint where").click()
    box = page.locator("[data-sheet]").bounding_box()
    assert box is not None
    x, y, step = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 10
    page.mouse.move(x - step, y)
    page.mouse.down()
    page.mouse.move(x + step, y, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("[data-where]")).to_contain_text("Only what is painted is redrawn.")
    expect(strength).to_have_value("100")
    order(page, "a window")
    finished(page, "a window", 1)
    (tmp_path / "after.png").write_bytes(httpx.get(jobs(url)[0]["images"][0]["url"]).content)
    with Image.open(tmp_path / "after.png") as after:
        pixels = after.convert("RGB")
    width, height = pixels.size
    assert pixels.getpixel((2, 2)) == BLUE
    assert pixels.getpixel((width // 2, height // 2)) != BLUE
    assert [one["role"] for one in jobs(url)[0]["inputs"]] == ["image", "mask"]


def test_a_mask_is_painted_with_keys_and_taken_back(open_page: OpenPage, photo: Path) -> None:
    page = open_page()
    begin_with(page, photo)
    page.get_by_role("button", name="Paint where").press("Enter")
    sheet = page.get_by_role("application", name="The picture, to paint on")
    expect(page.locator("[data-sheet]")).to_be_visible()
    said = page.locator("p[role=status].sr-only")
    sheet.press("Space")
    expect(said).to_have_text("1 % is painted")
    sheet.press("Shift+ArrowRight")
    expect(said).to_have_text("2 % is painted")
    for _ in range(2):
        sheet.press("Control+z")
    expect(said).to_have_text("0 % is painted")
    page.keyboard.press("Escape")
    expect(page.locator("[data-where]")).to_contain_text("All of it is redrawn.")


def transfer_of(page: Page, photo: Path) -> Any:
    return page.evaluate_handle(
        """(data) => {
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "wall.png", { type: "image/png" }));
          return transfer;
        }""",
        base64.b64encode(photo.read_bytes()).decode(),
    )


def test_a_picture_is_dropped_or_pasted_anywhere_and_removed_again(open_page: OpenPage, photo: Path) -> None:
    page = open_page(bypass_csp=True)
    expect(page.get_by_label(PROMPT)).to_be_visible()
    page.locator("#results").dispatch_event("drop", {"dataTransfer": transfer_of(page, photo)})
    expect(page.get_by_role("img", name="wall.png")).to_be_visible()
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_role("img", name="wall.png")).to_have_count(0)
    page.evaluate(
        "(transfer) => dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))",
        transfer_of(page, photo),
    )
    expect(page.get_by_role("img", name="wall.png")).to_be_visible()


def test_a_prompt_is_kept_out_of_the_files(open_page: OpenPage, url: str) -> None:
    page = open_page()
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Keep the prompt out of the files").check()
    order(page, "a secret kettle")
    finished(page, "a secret kettle", 1)
    image = httpx.get(f"{url}/jobs/{jobs(url)[0]['job_id']}").json()["images"][0]
    found = httpx.post(f"{url}/verify", files={"file": httpx.get(image["files"][0]["url"]).content}, timeout=60).json()
    assert found["private"] is True
    assert found["recipe"]["prompt"] == ""


def test_a_file_that_is_no_picture_or_too_large_is_refused_at_once(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    chooser = field(page, "image").locator("input[type=file]")
    (tmp_path / "notes.png").write_text("not a picture")
    chooser.set_input_files(tmp_path / "notes.png")
    expect(field(page, "image").get_by_role("alert")).to_contain_text("PNG, JPEG or WebP")
    (tmp_path / "huge.png").write_bytes(b"\x89PNG" + bytes(21 * 2**20))
    chooser.set_input_files(tmp_path / "huge.png")
    expect(field(page, "image").get_by_role("alert")).to_contain_text("huge.png has 21 MB")


def able(**changes: object) -> Any:
    """A handler that answers GET /models as the studio does, but for what its first model can do."""

    def handle(route: Route) -> None:
        models = route.fetch().json()
        models["models"][0]["capabilities"].update(changes)
        route.fulfill(json=models)

    return handle


def test_what_a_model_takes_is_offered_and_sent_with_what_it_counts(open_page: OpenPage, photo: Path) -> None:
    page = open_page("/app/nowhere")
    page.route("**/models", able(controls=["canny", "depth"], image_prompt=True, modes=["edit"], references=2))
    page.get_by_role("link", name="Create").first.click()
    expect(field(page, "image")).to_have_count(0)
    for name in ("references", "controls", "image_prompts"):
        field(page, name).locator("input[type=file]").set_input_files(photo)
    page.get_by_label("Kind of guide 1").select_option("depth")
    page.get_by_label("How much guide 1 counts").fill("0.6")
    page.get_by_label("How much picture prompt 1 counts").fill("0.5")
    sent: list[dict[str, Any]] = []
    page.on("request", lambda one: sent.append(one.post_data_json or {}) if "/generate" in one.url else None)
    order(page, "a wall with a window")
    expect(page.get_by_role("alert").first).to_be_visible()
    (control,) = sent[-1]["controls"]
    assert (control["kind"], control["scale"], control["start"], control["end"]) == ("depth", 0.6, 0, 1)
    assert sent[-1]["image_prompts"][0]["scale"] == 0.5
    assert sent[-1]["references"][0].startswith("pic_")
    page.unroute_all(behavior="wait")
