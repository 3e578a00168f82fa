"""/images and /history over HTTP: what is shown, and what bad input is answered."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.router.calls import submit, wait


def drawn(api: httpx.Client, **wishes: Any) -> dict[str, Any]:
    image: dict[str, Any] = wait(api, submit(api, **wishes))["images"][0]
    return image


def found(api: httpx.Client, route: str = "/images", **query: Any) -> list[dict[str, Any]]:
    answer = api.get(route, params=query)
    assert answer.status_code == 200, answer.text
    images: list[dict[str, Any]] = answer.json()["images"]
    return images


def refused(api: httpx.Client, **query: Any) -> str:
    answer = api.get("/images", params=query)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert "\n" not in error["message"]
    return str(error["message"])


def test_a_picture_is_found_again_with_all_that_it_was_made_of(api: httpx.Client) -> None:
    image = drawn(api, prompt="a quetzal on a branch", seed=7, quality="draft")
    (again,) = found(api, q="quetzal")
    assert (again["asset_id"], again["kind"], again["index"]) == (image["asset_id"], "drawn", 0)
    assert (again["prompt"], again["asset_type"], again["quality"]) == ("a quetzal on a branch", "icon", "draft")
    assert (again["model"], again["seed"], again["url"]) == ("mini", 7, image["url"])
    assert again["files"] == image["files"]
    assert again["licence"] == image["licence"]
    assert again["favourite"] is False
    assert api.get(f"/images/{image['asset_id']}").json() == again


def test_the_colours_of_a_finished_picture_find_it(api: httpx.Client) -> None:
    drawn(api, prompt="colourful lamp")
    (lamp,) = found(api, q="colourful")
    white, *_ = found(api, q="colourful", colour="ffffff")
    assert white["asset_id"] == lamp["asset_id"]
    painted = next(colour for colour in lamp["colours"] if colour != "#ffffff")
    assert [one["asset_id"] for one in found(api, q="colourful", colour=painted)] == [lamp["asset_id"]]


def test_history_is_what_you_have_drawn_and_pages_through_it(api: httpx.Client) -> None:
    for number in range(3):
        drawn(api, prompt=f"pagoda {number}")
    first = api.get("/history", params={"q": "pagoda", "limit": 2}).json()
    rest = api.get("/history", params={"q": "pagoda", "limit": 2, "before": first["next"]}).json()
    assert [one["prompt"] for one in (*first["images"], *rest["images"])] == ["pagoda 2", "pagoda 1", "pagoda 0"]
    assert rest["next"] is None
    assert found(api, "/history", owner="somebody-else", q="pagoda") == []


def test_facets_count_what_a_search_finds(api: httpx.Client) -> None:
    drawn(api, prompt="zeppelin over a lake")
    counted = api.get("/images/facets", params={"q": "zeppelin"}).json()
    assert (counted["pictures"], counted["is_whole"]) == (1, True)
    assert counted["facets"]["asset_type"] == [{"value": "icon", "pictures": 1}]
    assert api.get("/images/facets").json()["pictures"] >= 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"q": '"" -- ( ) * :'}, "there is no word in it"),
        ({"q": "x " * 5000}, "at most 1000 characters"),
        ({"q": "x " * 400}, "at most 16"),
        ({"colour": "red"}, "six digits"),
        ({"before": "abc"}, "not of the right form"),
        ({"before": "12ab-000000000000"}, "begin again without `before`"),
        ({"from": "2026-12-01", "to": "2026-11-01"}, "it ends before it begins"),
        ({"deleted": "true", "q": "fox"}, "leave the other filters out"),
        ({"sort": "best"}, "'newest' or 'oldest'"),
        ({"from": "yesterday"}, "from"),
        ({"limit": "0"}, "1 or more"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(api: httpx.Client, query: dict[str, str], said: str) -> None:
    assert said in refused(api, **query)


def test_a_picture_that_is_not_there_is_not_found(api: httpx.Client) -> None:
    for id in ("pic_nothing", "pic_%00", "%E2%98%83"):
        assert api.get(f"/images/{id}").status_code == 404
