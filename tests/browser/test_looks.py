"""Screens look as they did, to the eye. `ATELIER_LOOKS=keep` keeps how they look now: look at each, then commit it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.scenes import SCENES, Scene, prepare, show
from tests.deployments.stages.goldens import measure_distance

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "looks"
SIZE = {"width": 1280, "height": 800}
COLOUR, STRUCTURE = 0.1, 0.03
"""How far a screen may be: another release of Chromium draws edges of letters otherwise, and no more than that."""
_STILL = (
    "time, progress, [role=progressbar], [data-moving] { visibility: hidden !important }"
    " * { caret-color: transparent !important }"
)


@pytest.fixture(scope="module")
def known(url: str) -> dict[str, str]:
    with httpx.Client(base_url=url, timeout=120) as web:
        return prepare(web)


@pytest.fixture
def still(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_init_script(
        f"addEventListener('DOMContentLoaded', () => {{ const s = new CSSStyleSheet(); s.replaceSync(`{_STILL}`);"
        " document.adoptedStyleSheets.push(s); });"
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scene", SCENES, ids=[one.name for one in SCENES])
def test_a_screen_looks_as_it_did(still: Page, url: str, known: dict[str, str], scene: Scene, shots: Path) -> None:
    show(still, url, scene, known)
    if scene.is_shuffled:
        still.evaluate("() => { for (const image of document.images) image.style.visibility = 'hidden'; }")
    now = Image.open(io.BytesIO(still.screenshot())).convert("RGB")
    kept = FOLDER / f"{scene.name}.webp"
    if os.environ.get("ATELIER_LOOKS") == "keep":
        FOLDER.mkdir(exist_ok=True)
        now.save(kept, quality=90, method=6)
    now.save(shots / f"{scene.name}.png")
    distance = measure_distance(now, Image.open(kept).convert("RGB"))
    told = f"it is {distance.colour} in colour and {distance.structure} in structure from {kept.name}"
    assert distance.colour <= COLOUR, told
    assert distance.structure <= STRUCTURE, told
