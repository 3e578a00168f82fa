"""Blind votes by keyboard and by thumb, and what is done with experiments, comparisons and prompt sets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect

from router.api.app import create_app
from router.studio import Studio
from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, Trouble
from tests.router.experiments.ballots.samples import ARMS, Gallery, a_phase
from tests.studio import painted_studio, serving

pytestmark = pytest.mark.browser

SITTING = 5


async def prepare(studio: Studio) -> None:
    """Experiments that have drawn already, one for each test that votes."""
    gallery = Gallery(studio)
    await studio.store.open()
    for id in ("keys", "thumbs", "away", "kept"):
        phase = a_phase(id, sitting=SITTING, checks=0)
        await gallery.begin(phase)
        await gallery.draw(phase, [f"prompt {number}" for number in range(12)])
    screens = a_phase("screens", ARMS, screen=4, checks=0)
    await gallery.begin(screens)
    await gallery.draw(screens, [f"prompt {number}" for number in range(4)])
    await gallery.begin(a_phase("empty"))
    await studio.store.close()


@pytest.fixture(scope="module")
def booth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("booth")
    with ThreadPoolExecutor(1) as threads:  # this one has Playwright's event loop
        threads.submit(asyncio.run, prepare(painted_studio(folder))).result()
    with serving(create_app(painted_studio(folder))) as url:
        yield url


def shown(page: Page) -> str:
    """The prompt of the ballot that is shown, once its pictures are."""
    expect(page.get_by_alt_text("Picture A")).to_be_visible()
    return page.get_by_role("heading", level=1).inner_text()


def press(page: Page, key: str) -> None:
    """Answer the ballot that is shown, having looked at it."""
    place = page.get_by_text(re.compile(rf"^\d of {SITTING}$"))
    before = place.inner_text()
    page.wait_for_timeout(300)  # who answers faster has not looked: it is no vote
    page.keyboard.press(key)
    if before != f"{SITTING} of {SITTING}":
        expect(place).not_to_have_text(before)


def test_a_sitting_by_keyboard_alone_ends_with_what_was_what(open_page: OpenPage, booth: str, trouble: Trouble) -> None:
    page = open_page("/app/judge", studio=booth)
    page.get_by_role("link", name="Vote on keys").focus()
    page.keyboard.press("Enter")
    first = shown(page)
    press(page, "a")
    assert shown(page) != first
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    for key in ("b", "t", "n", "ArrowLeft", "ArrowRight"):
        shown(page)
        press(page, key)
    reveal = page.get_by_role("button", name="Show what was what")
    expect(reveal).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What was what")).to_be_visible()
    answers = page.get_by_role("list").filter(has=page.get_by_text(first, exact=True))
    expect(answers.get_by_role("listitem").filter(has_text="prompt")).to_have_count(SITTING)
    expect(page.get_by_text("Ties: 1. Neither: 1. Skipped: 0.")).to_be_visible()
    assert violations(page) == []
    counted = httpx.get(f"{booth}/experiments/keys/results").json()
    assert (counted["votes"], counted["raters"]) == (SITTING, 1)
    assert trouble.complaints == []


def test_votes_that_could_not_be_sent_are_sent_once_the_studio_is_back(open_page: OpenPage, booth: str) -> None:
    page = open_page("/app/judge/away", studio=booth)
    shown(page)
    lost: list[str] = []

    def lose(route: Route, request: Request) -> None:
        lost.append(request.url)
        route.abort()

    page.route("**/ballots/*/vote", lose)
    press(page, "a")
    shown(page)
    press(page, "b")
    expect(page.get_by_text("Your 2 votes are kept here and sent again.")).to_be_visible()
    assert len({*lost}) == 1, "one after the other"
    page.unroute("**/ballots/*/vote")
    expect(page.get_by_text("kept here and sent again")).to_have_count(0)
    page.get_by_role("button", name="End").click()
    page.get_by_role("button", name="Show what was what").click()
    expect(page.get_by_text("2 answers on away")).to_be_visible()


def test_votes_survive_a_reload(open_page: OpenPage, booth: str) -> None:
    page = open_page("/app/judge/kept", studio=booth)
    shown(page)
    page.route("**/ballots/*/vote", lambda route: route.abort())
    press(page, "a")
    expect(page.get_by_text("Your vote is kept here and sent again.")).to_be_visible()
    page.unroute("**/ballots/*/vote")
    with page.expect_response(lambda answer: answer.url.endswith("/vote")) as told:
        page.reload()
    assert told.value.json()["choice"] == "left"


def test_a_thumb_votes_on_a_phone(open_page: OpenPage, booth: str, shots: Path) -> None:
    page = open_page("/app/judge/thumbs", width=390, height=844, studio=booth, has_touch=True, color_scheme="dark")
    first = shown(page)
    page.screenshot(path=shots / "judge-390.png")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for name in ("A is better", "B is better", "Both are as good", "Neither is good"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844
    assert violations(page) == []
    page.wait_for_timeout(300)
    page.get_by_role("button", name="B is better").tap()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    page.get_by_role("button", name="Undo: B").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)


def test_a_screen_of_four_is_answered_by_its_letters(open_page: OpenPage, booth: str) -> None:
    page = open_page("/app/judge/screens", studio=booth)
    expect(page.get_by_alt_text("Picture D")).to_be_visible()
    page.wait_for_timeout(300)
    page.keyboard.press("d")
    expect(page.get_by_text("2 of 40")).to_be_visible()
    expect(page.get_by_role("button", name="Undo: D")).to_be_visible()


def test_why_there_is_nothing_to_judge_is_said(open_page: OpenPage, booth: str) -> None:
    page = open_page("/app/judge/empty", studio=booth)
    expect(page.get_by_text("Nothing can be compared yet")).to_be_visible()
    page.get_by_role("link", name="Back to Judge").click()
    expect(page.get_by_role("heading", name="Judge")).to_be_visible()


def test_an_experiment_is_made_started_paused_and_decided(
    open_page: OpenPage, booth: str, trouble: Trouble, shots: Path
) -> None:
    page = open_page("/app/experiments/new", studio=booth)
    page.get_by_role("button", name="Add the experiment").click()
    expect(page.get_by_text("Give it a name.")).to_be_visible()
    expect(page.get_by_text("Change something: a model, a LoRA, steps or guidance.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Six steps <b>")
    page.get_by_label("Name of this way").fill("six")
    page.get_by_label("Steps").fill("6")
    page.get_by_label("Icon", exact=True).check()
    page.get_by_role("button", name="Add the experiment").click()
    expect(page.get_by_role("heading", name="Six steps <b>")).to_be_visible()
    expect(page.get_by_role("cell", name="6 steps at standard")).to_be_visible()
    for action, reason, said in (
        ("Start", "are six enough?", "Running"),
        ("Pause", "lunch", "Paused"),
        ("Resume", "", "Running"),
    ):
        page.get_by_role("button", name=action, exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill(reason)
        dialog.get_by_role("button", name=action, exact=True).click()
        expect(page.locator("#content").get_by_text(said, exact=True)).to_be_visible()
    page.get_by_role("tab", name="Results").click()
    expect(page.get_by_text("No votes yet", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Stop and decide").click()
    page.get_by_label("What was decided").select_option("prefer:six")
    page.get_by_role("dialog").get_by_role("button", name="Stop and decide").click()
    expect(page.get_by_text("Decided for six")).to_be_visible()
    page.get_by_role("tab", name="Log").click()
    expect(page.get_by_text("are six enough?")).to_be_visible()
    page.get_by_role("button", name="Promote").click()
    promote = page.get_by_role("dialog")
    promote.get_by_label("Reason").fill("as good in half the time")
    promote.get_by_role("button", name="Promote").click()
    expect(page.get_by_label("Messages").get_by_text("The canary has begun")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("experiments/keys", "experiments/keys?tab=arms", "champions"):
        page.goto(f"{booth}/app/{path}")
        expect(page.get_by_role("table").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{booth}/app/champions?type=icon&quality=standard")
    page.get_by_role("button", name="Let it draw for 25 %").click()
    page.get_by_role("dialog", name="Let it draw for 25 %").get_by_role("button", name="Let it draw").click()
    expect(page.get_by_text("draws for 25 % of the people", exact=True)).to_be_visible()
    page.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog", name="Roll back").get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("On its way in")).to_have_count(0)
    page.screenshot(path=shots / "judge-champions.png")
    assert trouble.complaints == []


def test_ways_are_compared_blind_and_named_once_all_are_judged(open_page: OpenPage, booth: str) -> None:
    page = open_page("/app/compare-ways/new", studio=booth)
    page.get_by_label("Prompt", exact=True).fill("a red fox 🦊 مرحبا")
    page.get_by_label("Name of this way").fill("few")
    page.get_by_label("Steps").fill("4")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="A is best")).to_be_visible()
    expect(page.get_by_text("few")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.get_by_text("Who was best")).to_be_visible()
    expect(page.get_by_text("few").first).to_be_visible()
    assert violations(page) == []


def test_rows_of_a_prompt_set_that_are_wrong_are_named_by_line(open_page: OpenPage, booth: str) -> None:
    page = open_page("/app/prompt-sets", studio=booth)
    page.get_by_role("button", name="Upload a CSV file").click()
    page.get_by_label("Name").fill("Animals")
    rows = page.get_by_label("Or paste rows here")
    rows.fill("prompt,asset_type\na fox,nothing\na crow,icon")
    page.get_by_role("button", name="Take them in").click()
    wrong = page.get_by_role("row").filter(has_text="'nothing' is not known")
    expect(wrong.get_by_role("cell", name="2", exact=True)).to_be_visible()
    rows.fill("prompt,asset_type\na fox,icon\na crow,icon")
    page.get_by_role("button", name="Take them in").click()
    page.get_by_role("link", name="Animals").click()
    expect(page.get_by_text("2 prompts")).to_be_visible()
