"""Collections and their links over HTTP: what somebody sees who has not signed in, and what they never do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.router.calls import submit, wait


@pytest.fixture(scope="module")
def pictures(api: httpx.Client) -> list[dict[str, Any]]:
    images: list[dict[str, Any]] = wait(api, submit(api, prompt="a secret lamp", num_variations=2))["images"]
    return images


def collected(api: httpx.Client, *pictures: dict[str, Any]) -> str:
    id: str = api.post("/collections", json={"name": "Spring", "notes": "for you"}).json()["id"]
    if pictures:
        body = {"asset_ids": [one["asset_id"] for one in pictures]}
        assert api.post(f"/collections/{id}/items", json=body).status_code == 200
    return id


def test_a_link_shows_a_collection_and_nothing_of_how_it_was_made(
    api: httpx.Client, pictures: list[dict[str, Any]]
) -> None:
    id = collected(api, pictures[0])
    path = f"/collections/{id}/items/{pictures[0]['asset_id']}"
    assert api.patch(path, json={"note": "the first"}).status_code == 204
    made = api.post(f"/collections/{id}/links", json={"days": 3}).json()
    shown = httpx.get(made["url"])
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "private, no-store")
    body = shown.json()
    assert (body["name"], body["notes"], [one["note"] for one in body["images"]]) == (
        "Spring",
        "for you",
        ["the first"],
    )
    assert "secret lamp" not in shown.text
    assert "dev" not in shown.text
    file = next(one for one in body["images"][0]["files"] if one["media_type"] == "image/png")
    content = httpx.get(file["url"])
    assert (content.status_code, len(content.content)) == (200, file["size_bytes"])
    other = file["url"].replace(pictures[0]["asset_id"], pictures[1]["asset_id"])
    assert httpx.get(other).status_code == 404
    assert api.delete(f"/links/{made['id']}").status_code == 204
    for url in (made["url"], file["url"]):
        gone = httpx.get(url)
        assert (gone.status_code, gone.json()["error"]["code"]) == (410, "expired")
    assert [one["state"] for one in api.get(f"/collections/{id}/links").json()["links"]] == ["revoked"]


def test_what_was_deleted_is_shared_no_more(api: httpx.Client, pictures: list[dict[str, Any]]) -> None:
    id = collected(api, pictures[1])
    link = api.post(f"/collections/{id}/links", json={}).json()
    picture = api.post(f"/images/{pictures[1]['asset_id']}/links", json={}).json()
    assert httpx.get(picture["url"]).json()["images"][0]["width"] == pictures[1]["width"]
    api.delete(f"/images/{pictures[1]['asset_id']}")
    assert httpx.get(link["url"]).json()["images"] == []
    assert httpx.get(picture["url"]).status_code == 410
    api.post(f"/images/{pictures[1]['asset_id']}/restore")
    assert len(httpx.get(link["url"]).json()["images"]) == 1
    api.delete(f"/collections/{id}")
    assert httpx.get(link["url"]).status_code == 410


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": ""}, "must not be empty"),
        ({"name": "\n"}, "not of the right form"),
        ({"name": "x" * 201}, "at most 200"),
        ({}, "'name' is missing"),
        ({"name": "a", "pictures": []}, "is not a field"),
    ],
)
def test_a_collection_that_cannot_be_is_refused_in_a_sentence(
    api: httpx.Client, body: dict[str, Any], said: str
) -> None:
    answer = api.post("/collections", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]


def test_links_last_ninety_days_at_most(api: httpx.Client) -> None:
    answer = api.post(f"/collections/{collected(api)}/links", json={"days": 91})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "days")


def test_the_order_is_that_of_the_last_call(api: httpx.Client, pictures: list[dict[str, Any]]) -> None:
    id = collected(api, *pictures)
    ids = [one["asset_id"] for one in pictures]
    api.post(f"/collections/{id}/items", json={"asset_ids": [ids[1]], "after": ""})
    shown = api.get(f"/collections/{id}").json()
    assert [one["image"]["asset_id"] for one in shown["items"]] == ids[::-1]
    assert api.get("/images", params={"collection": id}).json()["images"]
    assert api.delete(f"/collections/{id}/items/{ids[0]}").status_code == 204
    assert api.delete(f"/collections/{id}/items/{ids[0]}").status_code == 404
