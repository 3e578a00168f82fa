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


def test_analytics_count_jobs_and_pictures_of_today(api: httpx.Client) -> None:
    before = api.get("/analytics").json()
    image = drawn(api, prompt="counted once", num_variations=2)
    assert api.put(f"/images/{image['asset_id']}/favourite").status_code == 204
    after = api.get("/analytics").json()
    told = ("pictures", "jobs", "kept")
    assert [after[name] - before[name] for name in told] == [2, 1, 1]
    assert after["time_saved"]["minutes"] - before["time_saved"]["minutes"] == 20.0
    assert "an estimate" in after["time_saved"]["how"]
    assert after["days"][-1]["pictures"] >= 2
    assert api.get("/analytics", params={"of": "all"}).json()["jobs"] >= after["jobs"]


@pytest.mark.parametrize("query", [{"from": "2026-02-01", "to": "2026-01-01"}, {"from": "1999-01-01"}])
def test_analytics_of_days_that_cannot_be_are_refused(api: httpx.Client, query: dict[str, str]) -> None:
    answer = api.get("/analytics", params=query)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "from")


def test_favourites_tags_and_deletion_over_http(api: httpx.Client) -> None:
    image = drawn(api, prompt="a walrus")
    path = f"/images/{image['asset_id']}"
    assert api.put(f"{path}/tags", json={"tags": ["Sea", "ice"]}).json() == {"tags": ["ice", "sea"]}
    assert api.put(f"{path}/favourite").status_code == 204
    (found_again,) = found(api, q="walrus", tag="sea", favourite="true")
    assert (found_again["tags"], found_again["favourite"]) == (["ice", "sea"], True)
    bad = api.put(f"{path}/tags", json={"tags": ["a\u0007b"]})
    assert (bad.status_code, bad.json()["error"]["field"]) == (422, "tags")
    assert api.delete(path).status_code == 204
    assert found(api, q="walrus") == []
    assert httpx.get(image["url"]).status_code == 404
    assert image["asset_id"] in [one["asset_id"] for one in found(api, deleted="true")]
    assert api.post(f"{path}/restore").json()["prompt"] == "a walrus"
    assert httpx.get(image["url"]).status_code == 200


@pytest.mark.parametrize("path", ["/images?to=0", "/history?from=0.5", "/images/facets?to=20261130", "/analytics?to=0"])
def test_a_number_is_no_day(api: httpx.Client, path: str) -> None:
    refused = api.get(path)
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].endswith("must be a day, as in 2026-11-30")


def test_what_is_found_by_a_name_of_its_own_takes_no_more_methods_than_its_own(api: httpx.Client) -> None:
    assert api.options("/images/facets").headers["allow"] == "GET, HEAD, OPTIONS"
    assert api.options("/images/pic_1").headers["allow"] == "GET, HEAD, DELETE, OPTIONS"
