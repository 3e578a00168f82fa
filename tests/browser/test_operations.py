"""What operators look after in the app: what runs, roles, quotas, grants, and the audit that tells of it."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Trouble

pytestmark = pytest.mark.browser


def go(page: Page, part: str) -> None:
    page.get_by_role("navigation", name="Parts of operations").get_by_role("link", name=part).click()


def test_an_operator_sees_what_runs(open_page: OpenPage, trouble: Trouble) -> None:
    page = open_page("/app/operations")
    expect(page.get_by_text("Database: can be reached")).to_be_visible()
    expect(page.get_by_role("region", name="Work")).to_contain_text("mini")
    expect(page.get_by_role("region", name="Deployments")).to_contain_text("finisher")
    expect(
        page.get_by_role("region", name="The last day").get_by_text(re.compile("24 h ago|last 24 hours")).first
    ).to_be_visible()
    assert trouble.complaints == []


def test_what_an_operator_changes_stands_in_the_audit(open_page: OpenPage, url: str, trouble: Trouble) -> None:
    page = open_page("/app/operations/licences")
    page.get_by_role("button", name="Record a grant").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Licence", exact=True).select_option(label="FLUX.1 [dev] Non-Commercial License")
    dialog.get_by_label("Contract").fill("PO <b>7</b>")
    dialog.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("region", name="Bought licences")).to_contain_text("PO <b>7</b>")

    go(page, "Quotas")
    page.get_by_label("Id").fill("ana")
    page.get_by_role("button", name="Look up").click()
    limit = page.get_by_role("radiogroup", name="Pictures a day")
    limit.get_by_text("Limit", exact=True).click()
    page.get_by_label("Limit: Pictures a day").fill("25")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("0 of 25")).to_be_visible()
    assert httpx.get(f"{url}/quotas/user/ana").json()["set"]["pictures_per_day"] == 25

    go(page, "Audit")
    expect(page.get_by_text("A bought licence was recorded")).to_be_visible()
    page.get_by_label("What", exact=True).select_option(label="Quotas")
    expect(page).to_have_url(re.compile("action=quota"))
    expect(page.get_by_text("A quota was set")).to_be_visible()
    expect(page.get_by_text("A bought licence was recorded")).to_be_hidden()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export as JSON lines").click()
    assert "quota.set" in saved.value.path().read_text()

    go(page, "Licences")
    page.get_by_role("region", name="Bought licences").get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("region", name="Bought licences")).to_contain_text("Revoked")
    assert trouble.complaints == []


def test_a_space_gets_members_and_defaults_and_is_archived(open_page: OpenPage, url: str, trouble: Trouble) -> None:
    page = open_page("/app/operations/spaces")
    page.get_by_role("button", name="New space").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Growth <team>")
    dialog.get_by_label("Id").fill("growth")
    dialog.get_by_role("button", name="New space").click()
    page.get_by_text("Growth <team>", exact=True).click()
    page.get_by_label("Brand kit").select_option(label="Harbour")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The defaults are kept.").first).to_be_visible()
    assert httpx.get(f"{url}/spaces/growth").json()["defaults"]["brand_kit"] == "harbour"
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Archive")).to_be_visible()
    assert httpx.get(f"{url}/spaces/growth").json()["archived_at"] is None
    assert trouble.complaints == []


def test_roles_are_given_and_a_refusal_is_told_in_the_words_of_the_studio(open_page: OpenPage, url: str) -> None:
    page = open_page("/app/operations/people")
    developer = page.get_by_role("listitem", name="Developer")
    developer.get_by_role("button", name="Change roles").click()
    page.get_by_label("Evaluator").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(developer).to_contain_text("Evaluator")
    people = httpx.get(f"{url}/people").json()["people"]
    assert people[0]["given_roles"] == ["evaluator"]
    said = {"error": {"code": "conflict", "message": "the last admin stays one"}}
    page.route("**/people/dev", lambda route: route.fulfill(status=409, json=said))
    developer.get_by_role("button", name="Shut out").click()
    page.get_by_role("dialog").get_by_role("button", name="Shut out").click()
    expect(page.get_by_role("alert")).to_contain_text("the last admin stays one")
