"""Every screen for everybody: axe finds nothing in any state and theme, and nothing is asked of another host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, Trouble
from tests.browser.learned import make_dataset, train

pytestmark = pytest.mark.browser

SCREENS = (
    "/",
    "/app/jobs/{job}",
    "/app/work",
    "/app/images/{asset}",
    "/app/compare?ids={asset},{second}",
    "/app/collections",
    "/app/collections/{collection}",
    "/app/batches",
    "/app/batches/new",
    "/app/batches/{batch}",
    "/app/judge",
    "/app/experiments",
    "/app/training",
    "/app/training/new?dataset=kestrel",
    "/app/training/runs/{training}",
    "/app/training/runs/{training}?tab=judge",
    "/app/training/datasets",
    "/app/training/datasets/new",
    "/app/training/datasets/kestrel",
    "/app/library",
    "/app/library/brand-kits/harbour",
    "/app/library/brand-kits/harbour/edit",
    "/app/library/asset-types/icon/edit",
    "/app/library/add/loras",
    "/app/library/models",
    "/app/operations",
    "/app/operations/people",
    "/app/operations/spaces",
    "/app/operations/quotas?subject=user&id=ana",
    "/app/operations/licences",
    "/app/operations/audit",
    "/app/me",
    "/app/spaces",
    "/device",
    "/shared/{link}",
    "/app/nowhere",
    "/app/verify",
    "/app/images/{asset}/replays",
    "/app/me/webhooks",
    "/app/me/webhooks/{webhook}",
)
STATES = ("full", "refused", "forbidden", "slow")
THEMES = ("light", "dark")
_SAYS = {
    "refused": (500, {"error": {"code": "internal", "message": "The studio could not do that."}}),
    "forbidden": (403, {"error": {"code": "forbidden", "message": "this needs the role admin: an admin can give it"}}),
}
_ALWAYS = re.compile(r"/(static/|mark\.svg|auth/issuers|me$|events|app|device$|$)")


@pytest.fixture(scope="module")
def known(url: str, generator: object) -> dict[str, str]:
    """One of each thing that an address may name."""
    with httpx.Client(base_url=url, timeout=60) as web:
        job = web.post("/generate", json={"prompt": "a red <b>bicycle</b>", "asset_type": "icon", "num_variations": 2})
        batch = web.post("/batches", json={"prompts": ["a kettle"], "name": "kettles"}).json()["batch_id"]
        job_id = job.json()["job_id"]
        events = web.get(f"/jobs/{job_id}/events")  # until it ends
        assert "job.complete" in events.text
        asset, second = (image["asset_id"] for image in web.get(f"/jobs/{job_id}").json()["images"])
        collection = web.post("/collections", json={"name": "Spring"}).json()["id"]
        web.post(f"/collections/{collection}/items", json={"asset_ids": [asset]})
        hook = {"url": "https://1.1.1.1/atelier", "events": ["webhook.disabled"], "description": "the shop"}
        webhook = web.post("/webhooks", json=hook).json()["id"]
        link = web.post(f"/collections/{collection}/links", json={"days": 1}).json()["url"].rpartition("/")[2]
    make_dataset(url, "kestrel")
    return {
        "job": job_id,
        "training": train(url, "kestrel", "kestrel"),
        "asset": asset,
        "second": second,
        "collection": collection,
        "batch": batch,
        "link": link,
        "webhook": webhook,
    }


def table() -> Iterator[object]:
    """Screens x states x themes. In the gate each is seen once: with something on it, or in another state, by turns."""
    for place, screen in enumerate(SCREENS):
        often = (STATES[0 if place % 2 else 1 + place // 2 % 3], THEMES[place // 2 % 2])
        for state in STATES:
            for theme in THEMES:
                marks = [] if (state, theme) == often else [pytest.mark.long]
                yield pytest.param(screen, state, theme, marks=marks, id=f"{screen}-{state}-{theme}")


@pytest.mark.parametrize(("screen", "state", "theme"), list(table()))
def test_no_screen_shuts_anybody_out(
    open_page: OpenPage, known: dict[str, str], trouble: Trouble, url: str, screen: str, state: str, theme: str
) -> None:
    page = open_page("/app/nowhere", color_scheme=theme)
    page.context.route(re.compile(re.escape(url)), lambda route: answer(route, state))
    page.goto(url + screen.format(**known))
    settle(page, state)
    assert violations(page) == []
    assert trouble.hosts == {url}
    assert page.title() != "Atelier", "a screen says in the tab what it is"


def answer(route: Route, state: str) -> None:
    """What the API says in this state; the app itself, and who is signed in, come as ever."""
    path = re.sub(r"^https?://[^/]+|\?.*$", "", route.request.url)
    if state == "full" or _ALWAYS.match(path) or route.request.resource_type == "document":
        route.fallback()
    elif state == "slow":
        pass  # and never answers
    else:
        status, body = _SAYS[state]
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


def settle(page: Page, state: str) -> None:
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if state == "full":
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
