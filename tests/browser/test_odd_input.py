"""What people bring that nobody thought of: other scripts, markup, broken files, two tabs, clocks that are wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_create import PROMPT, card, field, finished, order

pytestmark = pytest.mark.browser

WORDS = {
    "markup": "<img src=x onerror=\"document.title='taken'\"><b>a lamp</b> & 'more'",
    "right to left": "مصباح أحمر على طاولة",
    "emoji": "a lamp 💡 with a 👩🏽‍🎨 beside it",
    "no spaces": "a" * 400,
}


def wider_than_its_window(page: Page) -> bool:
    found: bool = page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return found


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_words_are_words_wherever_they_are_shown(open_page: OpenPage, trouble: Trouble, words: str) -> None:
    page = open_page(width=390, height=844)
    order(page, words)
    finished(page, words, 1)
    assert not wider_than_its_window(page)
    card(page, words).get_by_role("link", name=re.compile("picture 1 of")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    assert not wider_than_its_window(page)
    assert page.title().startswith(words[:80]), "markup is text in the tab, too"
    assert trouble.complaints == []


def test_a_broken_picture_is_refused_at_its_field_and_a_moving_one_stands_still(
    open_page: OpenPage, tmp_path: Path
) -> None:
    Image.effect_noise((400, 400), 80).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "broken.png").write_bytes(whole[: len(whole) // 2])
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    page = open_page()
    start = field(page, "image")
    start.locator("input[type=file]").set_input_files(tmp_path / "broken.png")
    expect(start.get_by_role("alert")).to_be_visible()
    start.locator("input[type=file]").set_input_files(tmp_path / "moving.gif")
    expect(start.get_by_role("alert")).to_have_count(0)
    expect(start.locator("img")).to_have_count(1)


def test_what_is_ordered_in_one_tab_comes_in_the_other(open_page: OpenPage) -> None:
    one, other = open_page(), open_page()
    order(one, "a lamp for two tabs")
    finished(other, "a lamp for two tabs", 1)


@pytest.mark.parametrize("hours", [-3, 26])
def test_a_clock_that_is_wrong_keeps_nothing_from_working(open_page: OpenPage, hours: int) -> None:
    page = open_page()
    page.add_init_script(f"const now = Date.now; Date.now = () => now() + {hours} * 3_600_000;")
    page.reload()
    prompt = f"a lamp {hours} hours away"
    order(page, prompt)
    finished(page, prompt, 1)
    expect(card(page, prompt).get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_label(PROMPT)).to_have_value(prompt)
