"""People sign in with a real issuer, on any page, and lose nothing when their sign-in ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from configs.sign_in import IssuerConfig, SignInConfig
from router.api.app import create_app
from tests.browser.conftest import Trouble
from tests.oidc.server import OidcServer, running_oidc
from tests.studio import painted_studio, serving

pytestmark = pytest.mark.browser

PROMPT = "What should it show?"
SIGN_IN = "Sign in at 127.0.0.1"


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    with running_oidc() as server:
        server.set_page_claims({"aud": "studio", "sub": "sub-of-ana", "name": "Ana", "scope": "openid studio"})
        yield server


@pytest.fixture(scope="module")
def signed(oidc: OidcServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    issuer = IssuerConfig(issuer=oidc.plain, audience="studio", scope="studio", web_client="the-page")
    studio = painted_studio(tmp_path_factory.mktemp("signed"), sign_in=SignInConfig(mode="oidc", issuers=(issuer,)))
    with serving(create_app(studio)) as url:
        yield url


@pytest.fixture
def page(browser: Browser, trouble: Trouble) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    trouble.listen(page)
    yield page
    context.close()


def order(page: Page, prompt: str) -> None:
    page.get_by_label(PROMPT).fill(prompt)
    page.get_by_label(PROMPT).press("Control+Enter")


def test_nothing_is_shown_before_somebody_signs_in_and_all_of_it_after(
    page: Page, signed: str, oidc: OidcServer, trouble: Trouble
) -> None:
    page.goto(signed)
    page.get_by_role("button", name=SIGN_IN).click()
    order(page, "a lamp of Ana's")
    drawn = page.get_by_role("article", name="a lamp of Ana's", exact=True).locator("img")
    expect(drawn).to_have_count(4)
    blob = re.compile("^blob:")  # fetched with the token, which an <img> cannot send
    expect(drawn.first).to_have_attribute("src", blob)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download picture 1").click()
        page.get_by_role("button", name=re.compile("png", re.IGNORECASE)).first.click()
    with Image.open(download.value.path()) as picture:
        assert picture.format == "PNG"
    page.goto(f"{signed}/app/me")
    expect(page.get_by_role("main").get_by_text("Ana", exact=True).first).to_be_visible()
    assert trouble.hosts == {signed, oidc.base}


def test_a_deep_link_is_where_one_is_after_signing_in(page: Page, signed: str) -> None:
    page.goto(f"{signed}/app/work?favourite=true")
    page.get_by_role("button", name=SIGN_IN).click()
    expect(page.get_by_role("heading", level=1, name="Work")).to_be_visible()
    expect(page).to_have_url(f"{signed}/app/work?favourite=true")


def test_a_sign_in_that_ends_in_the_middle_loses_no_words(page: Page, signed: str) -> None:
    page.goto(signed)
    page.get_by_role("button", name=SIGN_IN).click()
    page.get_by_label(PROMPT).fill("words that took an hour")
    page.route("**/generate", refuse)
    page.get_by_label(PROMPT).press("Control+Enter")
    ended = page.get_by_role("dialog", name="Your sign-in has ended")
    expect(ended).to_be_visible()
    page.unroute("**/generate")
    ended.get_by_role("button", name=SIGN_IN).click()
    expect(page.get_by_label(PROMPT)).to_have_value("words that took an hour")
    page.get_by_label(PROMPT).press("Control+Enter")
    expect(page.get_by_role("article", name="words that took an hour", exact=True).locator("img")).to_have_count(4)


def refuse(route: Route) -> None:
    """As the studio does once a token has ended."""
    error = {"error": {"code": "unauthorized", "message": "your sign-in has ended: sign in again"}}
    route.fulfill(status=401, content_type="application/json", body=json.dumps(error))
