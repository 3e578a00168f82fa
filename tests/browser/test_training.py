"""Datasets and trainings in the app: pictures become a set, a set becomes a LoRA, and the LoRA goes into use."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, Trouble
from tests.browser.learned import SETTINGS, SUBJECTS, make_dataset, picture, train
from tests.painted_trainer import PaintedTrainer

pytestmark = pytest.mark.browser


def dropped(name: str, content: bytes, kind: str) -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


def caption_of(page: Page, name: str) -> Any:
    return page.get_by_role("textbox", name=f"Caption of {name}.png")


def test_pictures_are_dropped_described_and_put_right_by_keys(open_page: OpenPage, url: str, trouble: Trouble) -> None:
    page = open_page("/app/training/datasets")
    page.get_by_role("link", name="New dataset").first.click()
    files = [dropped(f"{subject}.png", picture(number), "image/png") for number, subject in enumerate(SUBJECTS)]
    files += [dropped(f"{subject}.txt", f"a {subject}, osprey".encode(), "text/plain") for subject in SUBJECTS[:6]]
    page.get_by_label("Drop pictures here, or choose them").set_input_files(files)
    expect(page.get_by_text("8 pictures, 6 captions")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Osprey <b>icons</b>")
    expect(page.get_by_label("Id", exact=True)).to_have_value("osprey-b-icons-b")
    page.get_by_label("Id", exact=True).fill("osprey")
    page.get_by_label("Trigger word").fill("osprey")
    page.get_by_role("radio", name="Unknown").check(force=True)
    page.get_by_role("button", name="Make the dataset").click()

    expect(page.get_by_role("heading", level=1, name="Osprey <b>icons</b>")).to_be_visible()
    findings = page.get_by_role("region", name="Before you train")
    expect(findings.get_by_text("Must be mended")).to_be_visible()
    expect(findings.get_by_role("img", name="Score")).to_be_visible()
    page.get_by_text("No caption", exact=True).click()
    first, second = caption_of(page, "clock"), caption_of(page, "leaf")
    first.fill("a clock, osprey")
    first.press("Enter")
    expect(page.get_by_role("region", name="1 change, not saved yet")).to_be_visible()
    page.get_by_text("All", exact=True).first.click()
    caption_of(page, "lamp").press("Enter")
    expect(second).to_be_focused()
    second.fill("a leaf that nobody keeps")
    second.press("Escape")
    expect(second).to_have_value("")
    second.fill("a leaf, osprey")
    second.press("Enter")

    page.get_by_role("checkbox", name="Select mug.png").check()
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_role("button", name="Right and source").click()
    page.get_by_role("dialog").get_by_role("radio", name="Ours").check(force=True)
    page.get_by_role("dialog").get_by_label("Source").fill("the spring shoot")
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    page.reload()
    expect(page.get_by_role("region", name="changes, not saved yet")).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Version 1.0.1 is saved.").first).to_be_visible()
    saved = httpx.get(f"{url}/datasets/osprey", params={"version": "1.0.1"}).json()
    assert {one["right"] for one in saved["pictures"]} == {"own"}
    assert {one["source"] for one in saved["pictures"]} == {"the spring shoot"}
    assert all(one["caption"] for one in saved["pictures"])
    expect(findings.get_by_text("Must be mended")).to_have_count(0)
    page.get_by_label("Version", exact=True).select_option("1.0.0")
    expect(page.get_by_text("There is a newer version")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Select mug.png")).to_have_count(0)
    assert trouble.complaints == []


def test_a_zip_file_becomes_a_dataset_and_what_is_left_out_is_said(open_page: OpenPage, url: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, subject in enumerate(SUBJECTS):
            archive.writestr(f"{subject}.png", picture(number))
            archive.writestr(f"{subject}.txt", f"a {subject}, heron")
        archive.writestr("notes.pdf", b"%PDF")
    page = open_page("/app/training/datasets/new")
    page.get_by_text("A zip file", exact=True).click()
    chosen = dropped("heron.zip", file.getvalue(), "application/zip")
    page.get_by_label("Drop a zip file here, or choose one").set_input_files(chosen)
    expect(page.get_by_label("Id", exact=True)).to_have_value("heron")
    page.get_by_role("button", name="Make the dataset").click()
    expect(page.get_by_text("1 file was left out: notes.pdf").first).to_be_visible()
    assert len(httpx.get(f"{url}/datasets/heron").json()["pictures"]) == len(SUBJECTS)


@pytest.fixture
def brake(trainer: PaintedTrainer) -> Iterator[PaintedTrainer]:
    """Hold the trainer after ten steps until the test lets it go on (`brake.stuck_at = None`), or ends."""
    trainer.stuck_at = 10
    yield trainer
    trainer.stuck_at = None


def test_a_training_is_priced_begun_watched_and_ends_as_a_candidate(
    open_page: OpenPage, url: str, trouble: Trouble, brake: PaintedTrainer
) -> None:
    make_dataset(url, "watched", name="Watched")
    page = open_page("/app/training/datasets/watched")
    page.get_by_role("link", name="Train a LoRA").click()
    estimate = page.get_by_role("region", name="What it will take")
    expect(estimate.get_by_text("Commercial OK")).to_be_visible()
    page.get_by_text("All settings").click()
    page.get_by_label("Steps", exact=True).fill("20")
    page.get_by_label("Checkpoint every").fill("10")
    page.get_by_label("Samples every").fill("10")
    page.get_by_label("Prompts of samples").fill("a bell, kestrel style\na fox")
    page.get_by_label("Rank", exact=True).fill("four")
    expect(page.get_by_text("Write a number.")).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=False).last).to_be_disabled()
    page.get_by_label("Rank", exact=True).fill("4")
    expect(estimate.get_by_text("20", exact=True)).to_be_visible()
    page.get_by_role("button", name="Train", exact=False).last.click()

    expect(page.get_by_role("heading", level=1, name="watched")).to_be_visible()
    expect(page.get_by_text("step 10 of 20")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the training")).to_be_visible()
    expect(page.get_by_role("img", name="Loss by step; at step 10")).to_be_visible()
    expect(page.get_by_role("img", name="Sample 2 after step 10: a fox")).to_be_visible()
    brake.stuck_at = None
    expect(page.get_by_text("step 20 of 20")).to_be_visible()
    expect(page.get_by_role("region", name="Into use").get_by_text("watched 1.0.0 is in the library")).to_be_visible()
    assert trouble.complaints == []


def test_one_is_canceled_and_keeps_what_it_has(open_page: OpenPage, url: str, brake: PaintedTrainer) -> None:
    make_dataset(url, "stopped")
    order = {"dataset": "stopped", "lora": "stopped", "settings": SETTINGS}
    (begun,) = httpx.post(f"{url}/trainings", json=order, timeout=60).json()["trainings"]
    page = open_page(f"/app/training/runs/{begun['job_id']}")
    expect(page.get_by_text("step 10 of 20")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Canceled", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take into the library").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Take into the library").click()
    expect(page.get_by_text("stopped 1.0.0 is in the library, as a candidate.").first).to_be_visible()


def test_the_judge_says_why_and_the_lora_goes_into_use_and_back(
    open_page: OpenPage, url: str, trouble: Trouble
) -> None:
    make_dataset(url, "kestrel")
    job = train(url, "kestrel", "kestrel")
    page = open_page(f"/app/training/runs/{job}?tab=judge")
    table = page.get_by_role("region", name="Checkpoints and what was measured")
    expect(table.get_by_role("row", name="10 Recommended")).to_contain_text("passes")
    expect(table.get_by_text("Draws pictures of the set where other subjects are asked for")).to_be_visible()
    expect(page.get_by_role("img", name="Pictures of kestrel at each checkpoint")).to_be_visible()
    assert violations(page) == []

    use = page.get_by_role("region", name="Into use")
    use.get_by_role("link", name="Compare in an experiment").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("kestrel")
    expect(page.get_by_label("LoRA", exact=False).first).to_have_value("kestrel")
    expect(page.get_by_label("Version", exact=True)).to_have_value("1.0.0")
    page.go_back()
    use.get_by_role("button", name="Make it live").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it live").click()
    expect(use.get_by_text("1.0.0 is live.")).to_be_visible()
    use.get_by_role("button", name="Use it for an asset type").click()
    page.get_by_role("dialog").get_by_label("Asset type").select_option("icon")
    page.get_by_role("dialog").get_by_role("button", name="Use it for an asset type").click()
    expect(page.get_by_text("is live, and brings it.").first).to_be_visible()
    types = httpx.get(f"{url}/library/asset-types/icon").json()
    assert types["body"]["families"]["flux"]["loras"] == [{"id": "kestrel", "strength": 0.8}]

    use.get_by_role("link", name="Versions of the LoRA").click()
    expect(page.get_by_role("tab", name="Versions")).to_have_attribute("aria-selected", "true")
    page.go_back()
    use.get_by_role("button", name="Draw with it").click()
    expect(page.get_by_text("kestrel", exact=False).first).to_be_visible()
    assert trouble.complaints == []


def test_pictures_of_one_s_work_become_a_dataset(open_page: OpenPage, url: str) -> None:
    with httpx.Client(base_url=url, timeout=60) as web:
        job = web.post("/generate", json={"prompt": "a fox", "num_variations": 2, "quality": "draft"}).json()["job_id"]
        assert "job.complete" in web.get(f"/jobs/{job}/events").text
    page = open_page("/app/work")
    page.locator("[data-place='0']").focus()
    for key in ("x", "ArrowRight", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Dataset", exact=True).click()
    expect(page.get_by_text("pictures of the studio")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("drawn")
    page.get_by_role("button", name="Make the dataset").click()
    expect(page.get_by_role("heading", level=1, name="drawn")).to_be_visible()
    rights = {one["right"] for one in httpx.get(f"{url}/datasets/drawn").json()["pictures"]}
    assert "generated" in rights


def test_it_can_be_used_on_a_phone(open_page: OpenPage, url: str) -> None:
    make_dataset(url, "phone")
    job = train(url, "phone", "phone")
    for path in ("/app/training", "/app/training/datasets/phone", f"/app/training/runs/{job}?tab=judge"):
        page = open_page(path, width=390, height=844, has_touch=True)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
