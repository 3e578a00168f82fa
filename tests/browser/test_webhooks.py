"""A program elsewhere is told of pictures: added, tested, looked after and removed in the app; a receiver hears it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import expect
from standardwebhooks.webhooks import Webhook

from configs.webhooks import WebhookConfig
from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_verify import draw
from tests.clients.held import HeldGenerator
from tests.router.webhooks.receivers import Receiver, receiving, say
from tests.studio import running_studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, generator: HeldGenerator) -> Iterator[str]:
    local = WebhookConfig(allow=("127.0.0.1:*",))
    with running_studio(tmp_path_factory.mktemp("studio"), generator, webhooks=local) as url:
        yield url


def test_a_program_is_told_and_looked_after(open_page: OpenPage, url: str, trouble: Trouble, shots: Path) -> None:
    gone = False

    def answer(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
        say(handler, 410 if gone else 204, b"moved away" if gone else b"")

    with receiving(answer) as receiver:
        page = open_page("/app/me")
        page.get_by_role("link", name="Look after your webhooks").click()
        expect(page.get_by_role("heading", name="No webhook yet")).to_be_visible()
        page.get_by_role("button", name="New webhook").click()
        form = page.get_by_role("dialog", name="New webhook")
        form.get_by_label("Address").fill("https://10.0.0.1/hook")
        form.get_by_label("Name", exact=True).fill("the shop")
        form.get_by_role("button", name="Add it").click()
        expect(form.get_by_role("alert")).to_be_visible()  # a private address that nobody allows
        form.get_by_label("Address").fill(receiver.url)
        form.get_by_role("button", name="Add it").click()
        shown = page.get_by_role("dialog", name="The secret of the webhook")
        secret = shown.get_by_label("Secret", exact=True).input_value()
        shown.get_by_role("button", name="I have it").click()
        expect(page.get_by_role("heading", level=1, name="the shop")).to_be_visible()
        assert secret not in page.content()

        page.get_by_role("button", name="Send a test").click()
        told = page.get_by_role("region", name="What it was told")
        expect(told.get_by_text("webhook.test", exact=True)).to_be_visible()
        heard = receiver.until(1, seconds=60)[0]
        assert Webhook(secret).verify(heard.body, dict(heard.headers))["type"] == "webhook.test"
        expect(told.get_by_role("listitem").get_by_text("Delivered")).to_be_visible()

        gone = True
        draw(url)
        receiver.until(2, seconds=60)
        page.reload()
        expect(page.get_by_text("Turned off: it answered that it is gone (410)")).to_be_visible()
        told.get_by_text("1 attempt").first.click()
        expect(told).to_contain_text("answered 410")
        expect(told).to_contain_text("moved away")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == []
            page.screenshot(path=shots / f"webhook-{theme}.png", full_page=True)

        gone = False
        page.get_by_role("button", name="Turn on").click()
        told.get_by_role("button", name=re.compile("^Send again job.complete")).click()
        receiver.until(3, seconds=60)
        expect(told.get_by_text("Delivered").nth(2)).to_be_visible()  # one of the choices, and two of the list

        page.get_by_role("button", name="New secret").click()
        page.get_by_role("dialog").get_by_role("button", name="New secret").click()
        assert shown.get_by_label("Secret", exact=True).input_value() != secret
        shown.get_by_role("button", name="I have it").click()
        expect(page.get_by_text("The secret before signs, too, until")).to_be_visible()

        page.get_by_role("button", name="Remove", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_role("heading", name="No webhook yet")).to_be_visible()
    refused = [one for one in trouble.complaints if "422" in one]
    assert trouble.complaints == refused, "the browser tells of the address that was refused, and of nothing else"
