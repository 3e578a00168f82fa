"""Ten thousand pictures scroll as ten do. `-s` prints what a frame costs; what is judged depends on no machine's speed:
how much is mounted, touched, laid out and asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import OpenPage
from tests.browser.many import studio_of

pytestmark = [pytest.mark.browser, pytest.mark.long]

PICTURES = 10_000
PAGE = 200
SECONDS = 3.0
SPEEDS = {"reading": 700, "flinging": 14_000}  # pixels a second
SPARE_ROWS = 4  # above and below the window, that are kept ready
_SCROLL = """([speed, seconds]) => new Promise((resolve) => {
  const grid = document.querySelector("[role=grid] > div");
  const touched = { rows: 0, most: 0, kept: {} };
  const watch = new MutationObserver((records) => {
    for (const one of records) {
      if (one.type === "childList" && one.target === grid) touched.rows += one.addedNodes.length;
      // React writes the address of a picture once more when it mounts it, and we that it has come.
      else if (one.type === "attributes" && one.target.tagName !== "IMG") {
        const what = `${one.target.tagName.toLowerCase()} ${one.attributeName}`;
        touched.kept[what] = (touched.kept[what] ?? 0) + 1;
      }
    }
    touched.most = Math.max(touched.most, grid.childElementCount);
  });
  watch.observe(grid, { subtree: true, childList: true, attributes: true });
  const gaps = [];
  let began = null, before = null, from = scrollY;
  const frame = (now) => {
    began ??= now;
    if (before !== null) gaps.push(now - before);
    before = now;
    if (now - began > seconds * 1000) {
      watch.disconnect();
      return resolve({ gaps, ...touched, pixels: scrollY - from });
    }
    scrollTo(0, from + (speed * (now - began)) / 1000);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""


@dataclass(frozen=True)
class Scroll:
    """What scrolling for a while took."""

    gaps: list[float]
    """Milliseconds between frames."""
    rows: int
    """That came in."""
    most: int
    """Rows mounted at once."""
    kept: dict[str, int]
    """Attributes written on what was there already, by element and name."""
    pixels: float
    thumbnails: int
    took: dict[str, float]
    """Of the page's thread, by what it did."""

    def told(self, name: str) -> str:
        gaps = sorted(self.gaps)
        slow = sum(gap > 20 for gap in gaps) / len(gaps)
        parts = {what: 1000 * self.took[f"{what}Duration"] / len(gaps) for what in ("Task", "Script", "Layout")}
        parts["Style"] = 1000 * self.took["RecalcStyleDuration"] / len(gaps)
        cost = ", ".join(f"{what.lower()} {took:.2f}" for what, took in parts.items())
        frames = f"frames {gaps[len(gaps) // 2]:.1f} ms, p95 {gaps[int(len(gaps) * 0.95)]:.1f}, {slow:.0%} over 20 ms"
        return f"\n{name:<9}{frames}; ms a frame: {cost}; {self.rows} rows came, {self.thumbnails} thumbnails asked for"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with studio_of(tmp_path_factory.mktemp("many"), PICTURES) as url:
        yield url


@pytest.fixture
def asked() -> list[str]:
    """Paths that the page has asked for."""
    return []


@pytest.fixture
def page(open_page: OpenPage, many: str, asked: list[str]) -> Page:
    """The library of work with all of it read, at its top."""
    page = open_page("/app/nowhere", studio=many)
    page.on("request", lambda request: asked.append(_path(request)))
    page.goto(f"{many}/app/work?whose=all")
    expect(page.get_by_role("gridcell").first).to_be_visible()
    _read_all(page)
    return page


def _path(request: Request) -> str:
    return "/" + request.url.split("/", 3)[3]


def _read_all(page: Page) -> None:
    """Scroll to the end until there is no more."""
    page.evaluate(
        """pictures => new Promise((resolve) => {
      const grid = document.querySelector("[role=grid]");
      const columns = Number(grid.ariaColCount);
      const on = () => {
        if (Number(grid.ariaRowCount) * columns >= pictures) { scrollTo(0, 0); return resolve(); }
        scrollTo(0, document.body.scrollHeight);
        setTimeout(on, 30);
      };
      on();
    })""",
        PICTURES,
    )
    expect(page.locator("[data-place='0']")).to_be_visible()


def _scroll(page: Page, asked: list[str], name: str) -> Scroll:
    protocol = page.context.new_cdp_session(page)
    protocol.send("Performance.enable")
    before, known = _metrics(protocol), len(asked)
    told = page.evaluate(_SCROLL, [SPEEDS[name], SECONDS])
    after = _metrics(protocol)
    thumbnails = sum("/thumbnail" in path for path in asked[known:])
    return Scroll(**told, thumbnails=thumbnails, took={one: after[one] - before[one] for one in after})


def _metrics(protocol: Any) -> dict[str, float]:
    return {one["name"]: one["value"] for one in protocol.send("Performance.getMetrics")["metrics"]}


def test_ten_thousand_pictures_scroll_as_ten_do(
    page: Page, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    pages = [path for path in asked if path.startswith("/images?") and f"limit={PAGE}" in path]
    assert len(pages) == len(set(pages)) == PICTURES // PAGE, "each page of them is asked for once"
    columns = int(page.get_by_role("grid").get_attribute("aria-colcount") or 0)
    for name in SPEEDS:
        scroll = _scroll(page, asked, name)
        with capsys.disabled():
            sys.stdout.write(scroll.told(name))
        _check(page, scroll, name)
        if name == "flinging":
            assert scroll.thumbnails < 0.5 * scroll.rows * columns, "pictures that nobody sees are not asked for"


def _check(page: Page, scroll: Scroll, name: str) -> None:
    """Nothing that depends on how fast the machine is."""
    row = page.get_by_role("row").first.evaluate("row => row.clientHeight")
    seen = page.viewport_size["height"] / row + 1 if page.viewport_size else 0
    assert scroll.most <= 2 * (seen + 2 * SPARE_ROWS), "rows that are far away are taken out"
    assert scroll.pixels > 0.9 * SPEEDS[name] * SECONDS, "the page went where it was scrolled to"
    assert sum(scroll.kept.values()) <= 4, f"what stays is left alone: {scroll.kept}"
    assert scroll.took["LayoutCount"] <= 2 * len(scroll.gaps) + 20, "no layout is asked for in the middle of a frame"
