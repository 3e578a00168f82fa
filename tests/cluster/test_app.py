"""The app in a real browser, before the real studio with mini: what a designer does from the first words to a file, and
a front door that dies in the middle of it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.cluster.conftest import Cluster
from tests.cluster.test_cluster import replica_pid

pytestmark = pytest.mark.cluster

PROMPT = "What should it show?"
PATIENCE_MS = 120_000  # with other tests on the same two cores


@pytest.fixture
def page(cluster: Cluster) -> Iterator[Page]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(base_url=str(cluster.api.base_url))
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/")
        yield page
        browser.close()


def card(page: Page, prompt: str) -> Locator:
    return page.get_by_role("article", name=prompt, exact=True).first


def finished(page: Page, prompt: str, pictures: int) -> None:
    expect(card(page, prompt).get_by_role("link", name=re.compile(r", picture \d of"))).to_have_count(pictures)


def order(page: Page, prompt: str) -> None:
    page.get_by_label(PROMPT).fill(prompt)
    page.get_by_role("radio", name="Draft", exact=True).press("Space")
    page.get_by_label(PROMPT).press("Control+Enter")


def test_from_the_first_words_to_a_finished_file(page: Page, cluster: Cluster) -> None:
    prompt = "a red umbrella"
    order(page, prompt)
    finished(page, prompt, 4)
    first = card(page, prompt)
    first.get_by_role("button", name="Favourite").first.click()
    first.get_by_role("button", name="More like picture 2").click()
    page.get_by_role("button", name="Draw four").click()
    expect(page.get_by_role("article", name=prompt, exact=True)).to_have_count(2)
    finished(page, prompt, 4)
    card(page, prompt).get_by_role("button", name="More for picture 1").click()
    page.get_by_role("menuitem", name="Finish this").click()
    page.get_by_role("button", name="Finish it").click()
    expect(page.get_by_role("article", name=prompt, exact=True)).to_have_count(3)
    finished(page, prompt, 1)
    with page.expect_download() as download:
        card(page, prompt).get_by_role("button", name="Download picture 1").click()
        page.get_by_role("button", name=re.compile("png", re.IGNORECASE)).first.click()
    with Image.open(download.value.path()) as picture:
        assert picture.format == "PNG"
        assert picture.width >= 512, "finished at a better quality than the drafts, which have 128 pixels"
        assert prompt in str(picture.info), "it carries its recipe"
    found = cluster.api.get("/images", params={"favourite": True}).json()["images"]
    assert prompt in {image["prompt"] for image in found}


def test_a_front_door_that_dies_in_the_middle_is_not_the_end(page: Page, cluster: Cluster) -> None:
    prompt = "a yellow umbrella"
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Steps").fill("60")
    order(page, prompt)
    expect(card(page, prompt).get_by_role("progressbar").first).to_be_visible()
    os.kill(replica_pid(cluster, "front-door"), signal.SIGKILL)
    finished(page, prompt, 4)
    expect(card(page, prompt).get_by_role("button", name="Cancel")).to_have_count(0)
