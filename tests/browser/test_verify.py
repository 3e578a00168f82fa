"""Any file is looked at in the app: the studio's own, changed ones, those of others, and what is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_create import PROMPT, transfer_of
from tests.catalogue import load_installation
from tests.clients.held import HeldGenerator
from tests.studio import SIGNED, running_studio

pytestmark = pytest.mark.browser

CHOOSE = re.compile("^Drop a file here")
ORDER = {"prompt": "a red bicycle", "asset_type": "icon", "quality": "draft", "seed": 7, "formats": ["png"]}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, generator: HeldGenerator) -> Iterator[str]:
    """Signs its files, and looks at small ones."""
    limits = load_installation("local").profile.limits.model_copy(update={"max_picture_bytes": 100_000})
    with running_studio(tmp_path_factory.mktemp("studio"), generator, credentials=SIGNED, limits=limits) as url:
        yield url


def draw(url: str, **wishes: object) -> tuple[str, bytes]:
    """The id of a picture, and its file."""
    with httpx.Client(base_url=url, timeout=60) as web:
        job = web.post("/generate", json=ORDER | wishes).raise_for_status().json()["job_id"]
        assert "job.complete" in web.get(f"/jobs/{job}/events").text
        (image,) = web.get(f"/jobs/{job}").json()["images"]
        return image["asset_id"], web.get(image["files"][0]["url"]).content


@pytest.fixture(scope="module")
def own(url: str) -> tuple[str, bytes]:
    return draw(url)


def payload(name: str, file: bytes, kind: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": file}


def look(page: Page, name: str, file: bytes, kind: str = "image/png") -> Locator:
    """Choose a file; the place where it is said what it is."""
    page.get_by_label(CHOOSE).set_input_files(payload(name, file, kind))
    return page.get_by_role("region", name="What it is")


def test_a_file_of_the_studio_is_told_in_plain_words_by_keys_alone_and_drawn_again(
    open_page: OpenPage, url: str, own: tuple[str, bytes], trouble: Trouble, shots: Path
) -> None:
    asset, file = own
    page = open_page("/app/work")
    # Heard from the start: a browser that is told only just before the key may open its own dialog.
    page.on("filechooser", lambda chooser: chooser.set_files(payload("bicycle.png", file)))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("v")
    expect(page.get_by_role("heading", level=1, name="Verify")).to_be_visible()
    page.get_by_label(CHOOSE).focus()
    expect(page.get_by_label(CHOOSE)).to_be_focused()
    page.keyboard.press("Space")
    found = page.get_by_role("region", name="What it is")
    expect(found.get_by_role("heading", name="Made by AI")).to_be_visible()
    expect(found).to_contain_text("Unchanged since it was signed")
    expect(found).to_contain_text("Untrusted issuer")
    expect(found).to_contain_text("in a product")
    expect(found.get_by_role("img", name="The file bicycle.png")).to_be_visible()
    expect(found.locator("[tabindex='-1']")).to_be_focused()  # who listens goes on there
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert violations(page) == []
        page.screenshot(path=shots / f"verify-{theme}.png", full_page=True)
    expect(found.get_by_role("link", name=re.compile("Open the picture"))).to_have_attribute(
        "href", re.compile(f"/app/images/{asset}$")
    )
    found.get_by_role("button", name="Draw it again").click()
    expect(page.get_by_label(PROMPT)).to_have_value("a red bicycle")
    assert trouble.complaints == []


def test_a_changed_file_is_dropped_and_is_said_to_be_changed(
    open_page: OpenPage, own: tuple[str, bytes], tmp_path: Path
) -> None:
    changed = bytearray(own[1])
    changed[-100] ^= 1
    (tmp_path / "wall.png").write_bytes(changed)
    page = open_page("/app/verify", bypass_csp=True)
    transfer = transfer_of(page, tmp_path / "wall.png")
    page.get_by_role("heading", level=1).dispatch_event("drop", {"dataTransfer": transfer})
    found = page.get_by_role("region", name="What it is")
    expect(found.get_by_role("heading", name="It says that AI made it")).to_be_visible()
    expect(found).to_contain_text("Changed after it was signed")
    expect(found).to_contain_text("its pixels or texts are not those that were signed")


def test_a_file_of_others_is_pasted_and_what_it_says_is_not_taken_for_true(open_page: OpenPage, tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("parameters", "a castle\nSteps: 20, Sampler: Euler")
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "wall.png", pnginfo=info)
    page = open_page("/app/verify", bypass_csp=True)
    expect(page.get_by_text("The studio looks at it and keeps nothing")).to_be_visible()
    page.evaluate(
        "(transfer) => dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))",
        transfer_of(page, tmp_path / "wall.png"),
    )
    found = page.get_by_role("region", name="What it is")
    expect(found.get_by_role("heading", name="It does not say how it was made")).to_be_visible()
    expect(found).to_contain_text("Not signed")
    expect(found).to_contain_text("The file says nothing of it")
    found.get_by_text("What another program says of how it made it").click()
    expect(found).to_contain_text("Steps: 20, Sampler: Euler")
    expect(found.get_by_role("button", name="Draw it again")).to_have_count(0)


def test_a_private_picture_keeps_its_words_out_of_the_file(open_page: OpenPage, url: str) -> None:
    _, file = draw(url, private=True, prompt="a secret bicycle")
    page = open_page("/app/verify")
    found = look(page, "private.png", file)
    expect(found).to_contain_text("Its prompt was kept out of the file")
    expect(found).not_to_contain_text("secret")
    expect(found.get_by_role("button", name="Draw it again")).to_have_count(0)


def test_what_cannot_be_looked_at_is_refused_at_its_place(
    open_page: OpenPage, url: str, own: tuple[str, bytes]
) -> None:
    page = open_page("/app/verify")
    refused = page.get_by_role("alert")
    look(page, "notes.txt", b"hello", "text/plain")
    expect(refused).to_contain_text("notes.txt is no file that can say where it comes from")
    look(page, "empty.png", b"")
    expect(refused).to_contain_text("the file is empty")
    look(page, "huge.png", own[1] + bytes(200_000))
    expect(refused).to_contain_text(re.compile("huge.png has .* kB; files of up to 98 kB are looked at"))
    expect(page.get_by_role("region", name="What it is")).to_have_count(0)
    page.route("**/verify", lambda route: route.abort())
    look(page, "bicycle.png", own[1])
    expect(refused).to_contain_text("The studio does not answer")
    page.unroute("**/verify")
    refused.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Made by AI")).to_be_visible()
    expect(refused).to_have_count(0)
