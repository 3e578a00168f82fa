"""A picture that is for reference only is not to be had for a product, by no route that gives bytes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from router.api.handing import HANDED_OUT
from tests.router.calls import until
from tests.router.licences.samples import CONDITIONAL, REFERENCE_ONLY, draw, licensed_studio, photo, upload

JSON = {"application/json"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with licensed_studio(tmp_path_factory.mktemp("strict"), REFERENCE_ONLY, default_use="reference") as client:
        yield client


@pytest.fixture(scope="module")
def conditional(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with licensed_studio(tmp_path_factory.mktemp("some"), CONDITIONAL) as client:
        yield client


@pytest.fixture(scope="module")
def paths(api: httpx.Client) -> dict[str, str]:
    """A path of each route that hands out pictures, for one that is for reference only."""
    job = draw(api)
    batch = api.post("/batches", json={"prompts": ["a lamp", "a chair"], "qualities": ["draft"]}).json()["batch_id"]
    until(lambda: api.get(f"/batches/{batch}").json()["status"] == "complete")
    arms = [{"id": "today", "overlay": {}}, {"id": "short", "overlay": {"steps": {"draft": 2}}}]
    accepted = api.post("/compare", json={"prompt": "a cup", "arms": arms, "quality": "draft", "seeds": 1})
    comparison = accepted.json()["comparison_id"]
    until(lambda: api.get(f"/batches/{comparison}").json()["status"] == "complete")
    asset = job["images"][0]["asset_id"]
    shared = api.post(f"/images/{asset}/links", json={}).json()["url"]
    shown = api.get(shared).json()["images"][0]["files"][0]["url"]
    return {
        "GET /shared/{token}/{asset_id}/{rendition}": shown,
        "GET /jobs/{job_id}/images/{index}.{format}": f"/jobs/{job['job_id']}/images/0.png",
        "GET /jobs/{job_id}/grid": f"/jobs/{job['job_id']}/grid",
        "GET /pictures/{picture_id}": f"/pictures/{job['images'][0]['asset_id']}",
        "GET /images/{asset_id}/thumbnail": f"/images/{asset}/thumbnail",
        "GET /batches/{batch_id}/sheet": f"/batches/{batch}/sheet",
        "GET /batches/{batch_id}/zip": f"/batches/{batch}/zip",
        "GET /compare/{comparison_id}/sheet": f"/compare/{comparison}/sheet",
        "GET /compare/{comparison_id}/pictures/{prompt}/{letter}/{place}": f"/compare/{comparison}/pictures/0/A/0",
        "GET /ballots/{ballot_id}/{place}": "/ballots/ballot_1/left",
        "GET /trainings/{training_id}/pictures/{sha256}": "/trainings/train_1/pictures/none",
    }


def routes_with_bytes(api: httpx.Client) -> set[str]:
    """Those that answer with anything but JSON, as the application itself describes them."""
    found = set()
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            answer = operation["responses"].get("200")  # others have no body, or say what was begun
            if answer is not None and set(answer.get("content", {"bytes": {}})) - JSON:
                found.add(f"{method.upper()} {path}")
    return found


def test_every_route_that_gives_bytes_says_what_it_hands_out(api: httpx.Client) -> None:
    assert routes_with_bytes(api) == HANDED_OUT.keys(), "say in router/api/handing.py what a new route hands out"


@pytest.mark.parametrize("route", [route for route, what in HANDED_OUT.items() if what in ("gated", "judged")])
def test_for_a_product_it_is_refused_by_every_route(api: httpx.Client, paths: dict[str, str], route: str) -> None:
    refused = api.get(paths[route], params={"use": "product"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "licence_restricted"), refused.text
    if HANDED_OUT[route] == "gated":
        assert "FLUX.1 [dev] Non-Commercial License" in refused.json()["error"]["parts"][0]
        assert "POST /licences/grants" in refused.json()["error"]["message"]
        shown = api.get(paths[route], params={"use": "reference"})
        assert shown.status_code == 200, shown.text
        assert shown.content


def test_an_etag_opens_nothing(api: httpx.Client, paths: dict[str, str]) -> None:
    path = paths["GET /jobs/{job_id}/images/{index}.{format}"]
    tag = api.get(path).headers["etag"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert api.get(path, params={"use": "product"}, headers={"If-None-Match": tag}).status_code == 403


def test_a_use_that_there_is_not_is_refused_in_words(api: httpx.Client, paths: dict[str, str]) -> None:
    answer = api.get(paths["GET /pictures/{picture_id}"], params={"use": "resale"})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "use"


def test_a_zip_has_all_or_says_what_it_leaves_out(api: httpx.Client, paths: dict[str, str]) -> None:
    path = paths["GET /batches/{batch_id}/zip"]
    refused = api.get(path, params={"use": "product"}).json()["error"]
    assert len(refused["pictures"]) == 2
    answer = api.get(path, params={"use": "product", "leave_out": "true"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["manifest.csv", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["pictures"] == []
    assert [one["use"] for one in manifest["left_out"]] == ["product", "product"]
    assert "Non-Commercial" in manifest["left_out"][0]["refused"][0]


def test_a_licence_that_was_bought_lifts_it_from_then_on_until_it_is_revoked(
    api: httpx.Client, paths: dict[str, str]
) -> None:
    path = paths["GET /pictures/{picture_id}"]
    grant = record(api, licence=REFERENCE_ONLY, purposes=["internal", "product"])
    assert grant["state"] == "active"
    assert api.get(path, params={"use": "product"}).status_code == 200
    job = api.get("/jobs").json()["jobs"][-1]
    assert (job["licence"]["product"], job["licence"]["accepted"]["product"]) == ("allowed", "refused")
    assert job["licence"]["notice"]["label"] == "Commercial OK"
    revoked = api.delete(f"/licences/grants/{grant['grant_id']}").json()
    assert (revoked["state"], revoked["revoked_by"]) == ("revoked", "dev")
    assert api.get(path, params={"use": "product"}).status_code == 403
    assert api.get("/licences/grants").json()["grants"][0]["state"] == "revoked"
    assert api.delete("/licences/grants/grant_none").status_code == 404


def test_a_picture_and_a_comparison_tell_what_holds_now_and_events_what_did(
    api: httpx.Client, paths: dict[str, str]
) -> None:
    picture = paths["GET /pictures/{picture_id}"].replace("/pictures/", "/images/")
    comparison = paths["GET /compare/{comparison_id}/sheet"].removesuffix("/sheet")

    def told() -> list[dict[str, Any]]:
        (side, *_) = api.get(comparison).json()["prompts"][0]["sides"]
        return [api.get(picture).json()["licence"], side["pictures"][0]["licence"]]

    assert [one["product"] for one in told()] == ["refused", "refused"]
    grant = record(api, licence=REFERENCE_ONLY, purposes=["internal", "product"])
    try:
        for licence in told():
            assert (licence["product"], licence["accepted"]["product"]) == ("allowed", "refused")
        job_id = api.get(picture).json()["job_id"]
        events = [line for line in api.get(f"/jobs/{job_id}/events").text.splitlines() if "job.image" in line]
        (drawn,) = [json.loads(line.removeprefix("data: ")) for line in events if line.startswith("data: ")]
        assert drawn["payload"]["image"]["licence"]["product"] == "refused"
    finally:
        api.delete(f"/licences/grants/{grant['grant_id']}")


def test_an_upload_tells_what_was_last_said_of_it(api: httpx.Client) -> None:
    id = upload(api, photo((3, 60, 200)), right="own")["picture_id"]
    assert api.get(f"/images/{id}").json()["licence"]["product"] == "allowed"
    api.patch(f"/pictures/{id}", json={"right": "unknown"})
    assert api.get(f"/images/{id}").json()["licence"]["product"] == "refused"


@pytest.mark.parametrize(
    "wish",
    [
        {"since": (datetime.now(UTC) + timedelta(days=1)).isoformat()},  # starts tomorrow
        {"space": "another"},
        {"component": "mini-x4", "licence": None},  # the network that enlarges it
        {"purposes": ["internal"]},
    ],
)
def test_a_grant_that_is_not_for_this_lifts_nothing(
    api: httpx.Client, paths: dict[str, str], wish: dict[str, Any]
) -> None:
    grant = record(api, **{"licence": REFERENCE_ONLY, "purposes": ["product"], **wish})
    assert api.get(paths["GET /pictures/{picture_id}"], params={"use": "product"}).status_code == 403
    api.delete(f"/licences/grants/{grant['grant_id']}")


def test_of_two_grants_either_lifts_it(api: httpx.Client, paths: dict[str, str]) -> None:
    first, second = record(api, licence=REFERENCE_ONLY), record(api, component="mini")
    path = paths["GET /pictures/{picture_id}"]
    api.delete(f"/licences/grants/{first['grant_id']}")
    assert api.get(path, params={"use": "product"}).status_code == 200
    api.delete(f"/licences/grants/{second['grant_id']}")
    assert api.get(path, params={"use": "product"}).status_code == 403


@pytest.mark.parametrize(
    ("wish", "field", "words"),
    [
        ({"licence": "gpl-9"}, "licence", "no licence that is known here"),
        ({"component": "nothing"}, "component", "no model, LoRA or network of this studio"),
        ({"component": "mini", "licence": "llama-3.1-community"}, "licence", "no part of mini"),
        ({}, "licence", "say what was bought"),
        ({"licence": "mit", "until": "2020-01-01T00:00:00Z"}, "until", "has ended already"),
        (
            {"licence": "mit", "since": "2031-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"},
            "until",
            "ends before it begins",
        ),
        ({"licence": "mit", "reference": "  "}, "reference", "which contract"),
        ({"licence": "mit", "purposes": []}, "purposes", "purposes"),
        ({"licence": "mit", "since": "2030-01-01T00:00:00"}, "since", "since"),
    ],
)
def test_a_grant_that_could_lift_nothing_is_refused_in_words(
    api: httpx.Client, wish: dict[str, Any], field: str, words: str
) -> None:
    answer = api.post("/licences/grants", json={"reference": "PO 1", **wish})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == field
    assert words in answer.json()["error"]["message"]


def test_a_condition_is_acknowledged_for_a_purpose_before_the_picture_is_had(conditional: httpx.Client) -> None:
    job = draw(conditional)
    picture = f"/pictures/{job['images'][0]['asset_id']}"
    refused = conditional.get(picture, params={"use": "product"})
    assert refused.status_code == 403
    text = refused.json()["error"]["acknowledge"]
    assert "Stability AI Community License" in text
    wrong = conditional.post(f"/jobs/{job['job_id']}/acknowledge", json={"purpose": "product", "text": "whatever"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "state_conflict")
    done = conditional.post(f"/jobs/{job['job_id']}/acknowledge", json={"purpose": "product", "text": text})
    assert (done.status_code, done.json()["text"], done.json()["principal"]) == (201, text, "dev")
    assert conditional.get(picture, params={"use": "product"}).status_code == 200
    assert conditional.get(picture).status_code == 403, "internal use was not acknowledged"
    other = draw(conditional, prompt="another")["images"][0]["asset_id"]
    assert conditional.get(f"/pictures/{other}", params={"use": "product"}).status_code == 403
    assert conditional.post(f"/images/{other}/acknowledge", json={"purpose": "product"}).status_code == 201
    assert conditional.get(f"/pictures/{other}", params={"use": "product"}).status_code == 200
    nothing = conditional.post(f"/images/{other}/acknowledge", json={"purpose": "reference"})
    assert nothing.status_code == 409


def test_what_is_refused_cannot_be_acknowledged_away(api: httpx.Client, paths: dict[str, str]) -> None:
    asset = paths["GET /pictures/{picture_id}"].rpartition("/")[2]
    answer = api.post(f"/images/{asset}/acknowledge", json={"purpose": "product"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "licence_restricted")


def test_all_licences_are_listed_with_who_uses_them(api: httpx.Client) -> None:
    licences = {one["id"]: one for one in api.get("/licences").json()["licences"]}
    used = licences["apache-2.0"]["used_by"]
    assert {"kind": "upscaler", "component": "mini-x4", "part": "network"}.items() <= used[-1].items() or any(
        one["component"] == "mini-x4" for one in used
    )
    assert licences["flux-1-dev-non-commercial"]["notice"] == "Reference only"
    assert licences["mit"]["source"].startswith("https://")


def test_an_upload_of_unknown_right_is_for_the_studio_until_one_word_says_more(api: httpx.Client) -> None:
    picture = upload(api, photo())
    assert (picture["right"], picture["notes"]) == ("unknown", [])
    path = f"/pictures/{picture['picture_id']}"
    assert api.get(path, params={"use": "internal"}).status_code == 200
    refused = api.get(path, params={"use": "product"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "licence_restricted")
    said = api.patch(path, json={"right": "own", "source": "our photographer"})
    assert (said.json()["right"], said.json()["source"]) == ("own", "our photographer")
    assert api.get(path, params={"use": "product"}).status_code == 200
    api.patch(path, json={"right": "bought"})
    assert "acknowledge" in api.get(path, params={"use": "product"}).json()["error"]
    assert api.patch("/pictures/pic_none", json={"right": "own"}).status_code == 404
    assert api.patch(path, json={"right": "stolen"}).json()["error"]["field"] == "right"
    assert upload(api, photo((9, 9, 9)), right="own")["right"] == "own"


def record(api: httpx.Client, **wish: Any) -> dict[str, Any]:
    answer = api.post("/licences/grants", json={"reference": "PO 2026-17", **wish})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body
