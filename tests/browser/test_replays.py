"""A picture is drawn again in the app, and is told apart from the one before where it came out otherwise."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from deployments.messages import Done, GenerateRequest, Told
from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_verify import draw
from tests.clients.held import HeldGenerator
from tests.studio import SIGNED, running_studio

pytestmark = pytest.mark.browser


class DriftingGenerator(HeldGenerator):
    """Draws a shade darker once it has `drifted`, as a machine may after a change that nobody has written down."""

    drifted = False

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Told, None]:
        async for message in super().generate(request):
            if isinstance(message, Done) and self.drifted:
                assert message.picture is not None
                darker = bytes(max(0, value - 2) for value in message.picture.rgb)
                message = replace(message, picture=replace(message.picture, rgb=darker))
            yield message


@pytest.fixture(scope="module")
def generator() -> DriftingGenerator:
    return DriftingGenerator()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, generator: DriftingGenerator) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio"), generator, credentials=SIGNED) as url:
        yield url


def test_a_picture_is_drawn_again_and_compared(
    open_page: OpenPage, url: str, generator: DriftingGenerator, trouble: Trouble, shots: Path
) -> None:
    asset, _ = draw(url)
    page = open_page(f"/app/images/{asset}")
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.get_by_text("Signed: made by AI. Issuer is not on a public trust list.")).to_be_visible()
    page.screenshot(path=shots / "credentials-light.png")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.get_by_role("dialog").get_by_role("link", name="Draw again and compare").click()
    expect(page.get_by_role("heading", name="It was not drawn again yet")).to_be_visible()

    generator.held = True
    page.get_by_role("button", name="Draw it again").click()
    expect(page.get_by_role("progressbar", name="Drawing it again")).to_be_visible()
    generator.held = False
    pair = page.get_by_role("region", name="The picture, and the same drawn again")
    expect(pair).to_contain_text("Identical")
    expect(pair).to_contain_text("Every pixel is the same, and so are its files, to the byte.")

    generator.drifted = True
    page.get_by_role("button", name="Draw it again").click()
    expect(pair).to_contain_text("Not identical")
    expect(pair).to_contain_text(re.compile(r"PSNR 4\d\.\d dB"))
    expect(pair).to_contain_text(re.compile(r"At most 2 of 255 apart, in \d+\.\d+ % of the pixels."))
    expect(pair).to_contain_text("Nothing that the recipes say")
    earlier = page.get_by_role("link", name=re.compile("^Show the one of"))
    expect(earlier).to_have_count(2)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert violations(page) == []
        page.screenshot(path=shots / f"replays-{theme}.png", full_page=True)
    earlier.last.click()
    expect(pair).to_contain_text("Every pixel is the same")
    assert trouble.complaints == []
