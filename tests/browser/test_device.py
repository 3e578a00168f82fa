"""The page where a person signs in with a real issuer, and lets a device in that shows a code."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from configs.sign_in import IssuerConfig, SignInConfig
from router.api.app import create_app
from router.people.signing_in.devices import challenge_of
from tests.browser.conftest import Trouble
from tests.oidc.server import OidcServer, running_oidc
from tests.studio import painted_studio, serving

pytestmark = pytest.mark.browser

VERIFIER = "v" * 43


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    with running_oidc() as server:
        server.set_page_claims({"aud": "studio", "sub": "sub-of-ana", "name": "Ana", "scope": "openid studio"})
        yield server


@pytest.fixture(scope="module")
def signed(oidc: OidcServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    issuer = IssuerConfig(issuer=oidc.plain, audience="studio", scope="studio", web_client="the-page")
    studio = painted_studio(tmp_path_factory.mktemp("device"), sign_in=SignInConfig(mode="oidc", issuers=(issuer,)))
    with serving(create_app(studio)) as url:
        yield url


@pytest.fixture
def page(browser: Browser, trouble: Trouble) -> Iterator[Page]:
    """One that has not been anywhere."""
    context = browser.new_context()
    page = context.new_page()
    trouble.listen(page)
    yield page
    context.close()


def begin(url: str) -> dict[str, str]:
    wish = {"client": "Figma <b>", "code_challenge": challenge_of(VERIFIER)}
    code: dict[str, str] = httpx.post(f"{url}/auth/device", json=wish).json()
    return code


def let_in(page: Page, url: str, code: dict[str, str]) -> None:
    expect(page.get_by_text("Figma <b> asks to be let in")).to_be_visible()
    page.get_by_role("button", name="Let it in").click()
    expect(page.get_by_role("main").get_by_role("status")).to_have_text("Figma <b> is let in. You can close this page.")
    proof = {"device_code": code["device_code"], "code_verifier": VERIFIER}
    tokens = httpx.post(f"{url}/auth/device/token", json=proof)
    assert tokens.status_code == 200, tokens.text


def test_a_person_signs_in_and_lets_a_device_in(page: Page, signed: str, oidc: OidcServer, trouble: Trouble) -> None:
    code = begin(signed)
    page.goto(code["verification_uri_complete"])
    page.get_by_role("button", name="Sign in at 127.0.0.1").click()
    let_in(page, signed, code)
    assert page.url == code["verification_uri_complete"], "nothing of the sign-in is left in the address"
    assert trouble.hosts == {signed, oidc.base}
    page.goto(f"{signed}/device")
    page.get_by_label("Code").fill("BBBB-BBBB")
    page.get_by_role("button", name="Find it").click()
    told = "No device shows this code, or not any more: look at it again"
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(told)


def test_without_sign_in_the_developer_lets_it_in(page: Page, url: str, trouble: Trouble) -> None:
    code = begin(url)
    page.goto(code["verification_uri_complete"])
    let_in(page, url, code)
    assert trouble.complaints == []
