"""The page where a proxy serves the studio below a path of another site."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Trouble
from tests.browser.test_page import finished, order
from tests.proxy import proxied

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("tells_prefix", [True, False], ids=["told", "told nothing"])
def test_a_picture_is_ordered_drawn_and_found_again(
    open_page: OpenPage, url: str, trouble: Trouble, tells_prefix: bool
) -> None:
    with proxied(url, "/design/atelier", tells_prefix=tells_prefix) as outside:
        page = open_page(studio=outside)
        order(page, "a lamp behind a proxy")
        finished(page, 1)
        expect(page).to_have_url(re.compile(re.escape(outside) + r"/\?job=\w+"))
        page.reload()
        finished(page, 1)
        page.get_by_role("link", name="Atelier").click()
        page.get_by_role("region", name="Recent").get_by_role("link", name=re.compile("behind a proxy")).first.click()
        finished(page, 1)
        if tells_prefix:  # the docs are not made of relative links, as the page is
            page.get_by_role("link", name="API").click()
            expect(page.get_by_text("/generate").first).to_be_visible()
        assert trouble.complaints == []
        assert trouble.hosts == {"/".join(outside.split("/")[:3])}
