"""A real Chromium, the machine's own, and pages that record what went wrong in them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.clients.held import HeldGenerator
from tests.painted_trainer import PaintedTrainer
from tests.studio import running_studio

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The machine's own browser."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("no Chromium on this machine; tests/install-servers.sh installs it")
    return program


OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the whole session: Playwright keeps this thread's event loop, and later tests could start none."""
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def generator() -> HeldGenerator:
    return HeldGenerator()


@pytest.fixture(scope="module")
def trainer() -> PaintedTrainer:
    return PaintedTrainer()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, generator: HeldGenerator, trainer: PaintedTrainer) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio"), generator, whole_icons=True, trainer=trainer) as url:
        yield url


@pytest.fixture
def brake(generator: HeldGenerator) -> Iterator[HeldGenerator]:
    """Hold the generator until the test lets it go on (`brake.held = False`), or ends."""
    generator.held = True
    yield generator
    generator.held = False


class Trouble:
    """What a page complained about, and whom it asked."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.hosts: set[str] = set()

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _request(self, request: Request) -> None:
        if request.url.startswith("http"):
            self.hosts.add("/".join(request.url.split("/")[:3]))


@pytest.fixture
def trouble() -> Trouble:
    return Trouble()


@pytest.fixture
def open_page(browser: Browser, url: str, trouble: Trouble) -> Iterator[OpenPage]:
    """Open the studio's page, ready for use; keywords are those of a browser context."""
    contexts = []

    def open_page(path: str = "/", width: int = 1280, height: int = 900, studio: str = url, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        trouble.listen(page)
        page.goto(studio + path)
        page.get_by_role("main").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where a test may leave screenshots: ATELIER_SHOTS, or a folder that goes away."""
    folder = Path(os.environ.get("ATELIER_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
