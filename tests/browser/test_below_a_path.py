"""The app where a proxy serves the studio below a path of another site."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_create import finished
from tests.proxy import proxied

pytestmark = pytest.mark.browser


def test_a_picture_is_ordered_drawn_and_found_again(open_page: OpenPage, url: str, trouble: Trouble) -> None:
    with proxied(url, "/design/atelier", tells_prefix=True) as outside:
        page = open_page(studio=outside)
        prompt = page.get_by_role("textbox", name="What should it show?")
        prompt.fill("a lamp behind a proxy")
        prompt.press("Control+Enter")
        finished(page, "a lamp behind a proxy", 4)
        page.get_by_role("link", name="Work").click()
        expect(page).to_have_url(re.compile(re.escape(outside) + "/app/work"))
        page.reload()
        expect(page.get_by_role("heading", level=1, name="Work")).to_be_visible()
        page.get_by_role("link", name="API").click()  # which is not made of relative links, as the app is
        expect(page.locator("[data-path='/generate']")).to_be_visible()
        assert trouble.hosts == {"/".join(outside.split("/")[:3])}
