"""People sign in with a real issuer, on any page, and lose nothing when their sign-in ends."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import httpx
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


def claims(person: str) -> dict[str, str]:
    return {"aud": "studio", "sub": f"sub-of-{person}", "name": person.title(), "scope": "openid studio"}


def known(oidc: OidcServer, studio: str, person: str) -> httpx.Client:
    """A person with a token of the issuer, as a program has it."""
    token = oidc.sign("plain", {**claims(person), "exp": int(time.time()) + 3600})
    return httpx.Client(base_url=studio, timeout=60, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    with running_oidc() as server:
        server.set_page_claims(claims("ana"))
        yield server


@pytest.fixture(scope="module")
def signed(oidc: OidcServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    said = {"issuer": oidc.plain, "audience": "studio", "scope": "studio", "web_client": "the-page"}
    issuer = IssuerConfig.model_validate({**said, "admins": ["sub-of-boss"]})
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


def test_two_people_of_a_team_put_one_collection_together(browser: Browser, signed: str, oidc: OidcServer) -> None:
    boss, ana, ben = (known(oidc, signed, person) for person in ("boss", "ana", "ben"))
    boss.post("/spaces", json={"id": "fashion", "name": "Fashion"}).raise_for_status()
    for member_of in (ana, ben):
        member = f"/spaces/fashion/members/{member_of.get('/me').json()['id']}"
        boss.put(member, json={"role": "member"}).raise_for_status()
    ana.headers["X-Atelier-Space"] = "fashion"
    job = ana.post("/generate", json={"prompt": "a coat of Ana's", "quality": "draft", "num_variations": 1}).json()
    assert "job.complete" in ana.get(f"/jobs/{job['job_id']}/events").text
    asset = ana.get(f"/jobs/{job['job_id']}").json()["images"][0]["asset_id"]
    collection = ana.post("/collections", json={"name": "Coats"}).json()["id"]
    pages = {}
    for person, path in (("ana", f"/app/images/{asset}"), ("ben", f"/app/collections/{collection}")):
        oidc.set_page_claims(claims(person))
        pages[person] = browser.new_context().new_page()
        pages[person].goto(signed + path)
        pages[person].get_by_role("button", name=SIGN_IN).click()
        expect(pages[person].get_by_role("button", name=SIGN_IN)).to_have_count(0)
        expect(pages[person].get_by_role("heading", level=1)).to_be_visible()  # signed in, and as nobody else
    pages["ana"].get_by_role("button", name="Collect").click()
    pages["ana"].get_by_role("listitem").filter(has_text="Coats").get_by_role("button").click()
    collected = pages["ben"].get_by_role("list", name="Pictures of the collection").get_by_role("link")
    expect(collected).to_have_count(1)
    for page in pages.values():
        page.context.close()
    oidc.set_page_claims(claims("ana"))


def refuse(route: Route) -> None:
    """As the studio does once a token has ended."""
    error = {"error": {"code": "unauthorized", "message": "your sign-in has ended: sign in again"}}
    route.fulfill(status=401, content_type="application/json", body=json.dumps(error))
