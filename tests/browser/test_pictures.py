"""Beginning with a picture on the page: chosen, dropped, painted over, taken from the easel, sent with the order."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_page import finished, order
from tests.clients.held import HeldGenerator
from tests.studio import running_studio

pytestmark = pytest.mark.browser

BLUE = (40, 80, 200)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio of its own: these tests look at its newest job."""
    with running_studio(tmp_path_factory.mktemp("studio"), HeldGenerator()) as url:
        yield url


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "wall.png"
    Image.new("RGB", (600, 600), BLUE).save(path)
    return path


def newest(url: str) -> dict[str, Any]:
    job: dict[str, Any] = httpx.get(f"{url}/jobs").json()["jobs"][0]
    return job


def choose(page: Page, photo: Path) -> None:
    page.get_by_label("Choose a picture, drop or paste one").first.set_input_files(photo)
    expect(page.locator("#start-where")).to_have_text("All of it is redrawn.")


def paint_middle(page: Page) -> None:
    """A stroke through the middle of the picture, a fifth of it long."""
    page.get_by_role("button", name="Paint where").click()
    box = page.locator("#brush-canvas").bounding_box()
    assert box is not None
    x, y, step = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 10
    page.mouse.move(x - step, y)
    page.mouse.down()
    page.mouse.move(x + step, y, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#start-where")).to_contain_text("Only the painted")


def test_only_what_is_painted_over_is_redrawn(
    open_page: OpenPage, url: str, photo: Path, trouble: Trouble, tmp_path: Path
) -> None:
    page = open_page()
    choose(page, photo)
    expect(page.get_by_label("How much is redrawn")).to_have_value("75")
    paint_middle(page)
    expect(page.get_by_label("How much is redrawn")).to_have_value("100")
    order(page, "a window")
    finished(page, 1)
    (tmp_path / "after.png").write_bytes(httpx.get(newest(url)["images"][0]["url"]).content)
    with Image.open(tmp_path / "after.png") as after:
        pixels = after.convert("RGB")
    width, height = pixels.size
    corners = [pixels.getpixel((x, y)) for x in (2, width - 3) for y in (2, height - 3)]
    assert corners == [BLUE] * 4
    assert pixels.getpixel((width // 2, height // 2)) != BLUE
    data = pixels.tobytes()
    changed = sum(data[at : at + 3] != bytes(BLUE) for at in range(0, len(data), 3)) / (width * height)
    assert 0.02 < changed < 0.1
    assert [one["role"] for one in newest(url)["inputs"]] == ["image", "mask"]
    expect(page.get_by_role("list", name="Pictures that it began with").get_by_role("link")).to_have_count(2)
    assert trouble.complaints == []


def test_a_mask_can_be_painted_with_keys_and_taken_back(open_page: OpenPage, url: str, photo: Path) -> None:
    page = open_page()
    choose(page, photo)
    page.get_by_role("button", name="Paint where").press("Enter")
    sheet = page.get_by_role("application", name="The picture, to paint on")
    expect(sheet).to_be_focused()
    sheet.press("Space")
    expect(page.locator("#live")).to_have_text("1 % is painted")
    sheet.press("Shift+ArrowRight")
    expect(page.locator("#live")).to_have_text("2 % is painted")
    for _ in range(2):
        sheet.press("Control+z")
    expect(page.locator("#live")).to_have_text("0 % is painted")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Paint where")).to_be_focused()
    expect(page.locator("#start-where")).to_have_text("All of it is redrawn.")
    order(page, "a painted wall")
    finished(page, 1)
    assert [one["role"] for one in newest(url)["inputs"]] == ["image"]


def test_a_picture_of_the_easel_is_gone_on_from(open_page: OpenPage, url: str) -> None:
    page = open_page()
    order(page, "a lamp", pictures=2)
    finished(page, 2)
    first = newest(url)["job_id"]
    page.get_by_role("button", name="Edit this: begin with picture 2").click()
    expect(page.get_by_label("What should it show?")).to_be_focused()
    page.get_by_label("How much is redrawn").fill("40")
    order(page, "a green lamp")
    finished(page, 1)
    assert newest(url)["inputs"][0]["picture"] == f"{first}/1"


def test_more_of_a_job_and_more_like_a_picture_are_a_click_away(open_page: OpenPage, url: str) -> None:
    page = open_page()
    order(page, "a lamp", pictures=2)
    finished(page, 2)
    first = newest(url)["job_id"]
    page.get_by_role("button", name="More like this: like picture 2").click()
    finished(page, 4)
    like = newest(url)["job_id"]
    page.get_by_role("button", name="Generate 4 more").click()
    expect(page).not_to_have_url(re.compile(like))
    finished(page, 4)
    lineage = httpx.get(f"{url}/jobs/{newest(url)['job_id']}/lineage").json()["ancestors"]
    assert [(line["call"], line["parent"]) for line in lineage] == [("regenerate", like), ("like", f"{first}/1")]


def test_words_that_are_being_written_are_kept(open_page: OpenPage) -> None:
    page = open_page()
    order(page, "a lamp")
    finished(page, 1)
    page.get_by_label("What should it show?").fill("a lamp at night")
    page.get_by_role("button", name="Edit this").click()
    expect(page.get_by_label("What should it show?")).to_have_value("a lamp at night")


def test_the_pictures_of_a_job_can_be_used_again(open_page: OpenPage, url: str, photo: Path) -> None:
    page = open_page()
    choose(page, photo)
    paint_middle(page)
    order(page, "a window again")
    finished(page, 1)
    before = [one["picture"] for one in newest(url)["inputs"]]
    page.get_by_role("button", name="Remove the picture").click()
    page.get_by_role("button", name="Use these settings").click()
    expect(page.locator("#start-where")).to_have_text("Only the painted part is redrawn.")
    order(page, "another window")
    expect(page.get_by_role("heading", level=1)).to_have_text("another window")
    finished(page, 1)
    assert [one["picture"] for one in newest(url)["inputs"]] == before


def test_a_picture_is_dropped_anywhere_and_removed_again(open_page: OpenPage, url: str, photo: Path) -> None:
    page = open_page(bypass_csp=True)
    transfer = page.evaluate_handle(
        """(data) => {
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "wall.png", { type: "image/png" }));
          return transfer;
        }""",
        base64.b64encode(photo.read_bytes()).decode(),
    )
    page.locator("#work").dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.get_by_role("img", name="wall.png")).to_be_visible()
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator("#start-file")).to_be_focused()
    order(page, "no wall")
    finished(page, 1)
    assert newest(url)["inputs"] == []


def test_a_file_that_is_no_picture_is_refused_at_once(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    (tmp_path / "notes.png").write_text("not a picture")
    page.locator("#start-file").set_input_files(tmp_path / "notes.png")
    expect(page.locator("#image-error")).to_contain_text("PNG, JPEG or WebP")
    expect(page.locator("#start-chosen")).to_be_hidden()


def able(**changes: object) -> Any:
    """A handler that answers GET /models as the studio does, but for what its first model can do."""

    def handle(route: Route) -> None:
        models = route.fetch().json()
        models["models"][0]["capabilities"].update(changes)
        route.fulfill(json=models)

    return handle


def test_an_editing_model_takes_as_many_pictures_as_it_can(open_page: OpenPage, url: str, photo: Path) -> None:
    page = open_page()
    page.route("**/models", able(modes=["edit"], references=2))
    page.reload()
    page.locator("html[data-ready]").wait_for()
    expect(page.locator("#start")).to_be_hidden()
    chooser = page.locator("#references-file")
    chooser.set_input_files([photo, photo])
    expect(page.locator("#references-drop")).to_be_hidden()
    page.get_by_role("button", name="Remove picture to edit 1").click()
    with page.expect_request("**/generate") as sent:
        page.get_by_label("What should it show?").fill("a wall with a window")
    body = sent.value.post_data_json or {}
    assert [re.sub("_.*", "", name) for name in body["references"]] == ["pic"]
    assert "image" not in body


def test_guides_and_picture_prompts_are_sent_with_what_they_count(open_page: OpenPage, url: str, photo: Path) -> None:
    page = open_page()
    page.route("**/models", able(controls=["canny", "depth"], image_prompt=True))
    page.reload()
    page.locator("html[data-ready]").wait_for()
    page.locator("#controls-file").set_input_files(photo)
    page.get_by_label("Kind of guide 1").select_option("depth")
    page.get_by_label("How much guide 1 counts").fill("0.6")
    page.locator("#image_prompts-file").set_input_files(photo)
    page.get_by_label("How much picture prompt 1 counts").fill("0.5")
    bodies: list[dict[str, Any]] = []
    page.on("request", lambda one: bodies.append(one.post_data_json or {}) if "/generate" in one.url else None)
    order(page, "a wall with a window")
    expect(page.locator("#controls-error, #order-error").filter(visible=True)).to_have_count(1)
    (control,) = bodies[-1]["controls"]
    assert (control["kind"], control["scale"], control["start"], control["end"]) == ("depth", 0.6, 0, 1)
    assert bodies[-1]["image_prompts"][0]["scale"] == 0.5


def test_settings_are_used_again_with_what_was_said_of_each_picture(open_page: OpenPage, url: str, photo: Path) -> None:
    page = open_page()
    choose(page, photo)
    page.get_by_label("How much is redrawn").fill("40")
    order(page, "a wall")
    finished(page, 1)
    job = newest(url)
    assert job["strength"] == 0.4
    name = job["inputs"][0]["picture"]
    given = {"picture": name, "url": job["inputs"][0]["url"]}
    job["inputs"] += [
        {**given, "role": "control", "kind": "depth", "scale": 0.6, "start": 0.1, "end": 0.7},
        {**given, "role": "image_prompt", "scale": 0.5},
    ]
    page.route("**/models", able(controls=["canny", "depth"], image_prompt=True))
    page.route(f"**/jobs/{job['job_id']}", lambda route: route.fulfill(json=job))
    page.goto(f"{url}/?job={job['job_id']}")
    page.locator("html[data-ready]").wait_for()
    with page.expect_request("**/generate") as sent:
        page.get_by_role("button", name="Use these settings").click()
    expect(page.locator("#strength-shown")).to_have_text("40 %")
    expect(page.get_by_label("Kind of guide 1")).to_have_value("depth")
    body = sent.value.post_data_json or {}
    assert (body["image"], body["strength"]) == (name, 0.4)
    assert body["controls"] == [{"kind": "depth", "image": name, "scale": 0.6, "start": 0.1, "end": 0.7}]
    assert body["image_prompts"] == [{"image": name, "scale": 0.5}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_form_and_brush_fit_the_window(
    open_page: OpenPage, shots: Path, tmp_path: Path, scheme: str, width: int
) -> None:
    page = open_page(width=width, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    wide = tmp_path / "wide.jpg"
    Image.new("RGB", (1800, 700), BLUE).save(wide)
    choose(page, wide)
    expect(page.locator("#start-hint")).to_contain_text("left and right edges are cut off")
    page.get_by_role("button", name="Paint where").click()
    page.locator("#brush-canvas").click()
    page.screenshot(path=shots / f"brush-{scheme}-{width}.png")
    assert page.evaluate("document.getElementById('brush').scrollWidth <= innerWidth")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#start-where")).to_contain_text("Only the painted")
    page.screenshot(path=shots / f"start-{scheme}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == width
