"""Who one is in the app: a key that is shown once, and what is let in."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Trouble

pytestmark = pytest.mark.browser


def known(url: str) -> dict[str, object]:
    """The one key of the developer, as the studio tells of it."""
    (key,) = httpx.get(f"{url}/me/keys").json()["keys"]
    return dict(key)


def test_a_key_is_shown_once_and_revoked(open_page: OpenPage, url: str, trouble: Trouble) -> None:
    page = open_page("/app/me")
    expect(page.get_by_role("region", name="Account")).to_contain_text("Developer")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name", exact=True).fill("<i>nightly</i> ليلي")
    page.get_by_label("Draw, upload, compare").check()
    page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog", name="Your new key")
    key = shown.get_by_label("Key", exact=True).input_value()
    assert key
    assert known(url)["scopes"] == ["images:read", "images:write"]
    shown.get_by_role("button", name="I have it").click()

    keys = page.get_by_role("region", name="API keys")
    expect(keys).to_contain_text("<i>nightly</i>")
    assert key not in page.content()
    page.reload()
    expect(keys).to_contain_text("<i>nightly</i>")
    assert key not in page.content()

    keys.get_by_role("button", name=re.compile("Revoke")).click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(keys).to_contain_text("1 key that counts no more")
    assert known(url)["revoked_at"] is not None
    assert trouble.complaints == []


def test_the_theme_is_kept(open_page: OpenPage) -> None:
    page = open_page("/app/me")
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html[data-theme=dark]")).to_be_attached()
    page.reload()
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
