"""The library over REST: versions, marks, differences and history; and planning with what is live, at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.catalogue import add_lora, copy_configs
from tests.router.storage.test_migration import connected
from tests.studio import running_studio


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_configs(tmp_path_factory.mktemp("configs"))
    add_lora(root, "icons", "trigger_words: [fluenticon]")
    return root


@pytest.fixture(scope="module")
def doors(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two front doors over one database."""
    folder = tmp_path_factory.mktemp("doors")
    with (
        running_studio(folder, root=root) as one,
        running_studio(folder, root=root) as other,
        httpx.Client(base_url=one, timeout=60) as first,
        httpx.Client(base_url=other, timeout=60) as second,
    ):
        yield first, second


@pytest.fixture
def api(doors: tuple[httpx.Client, httpx.Client]) -> httpx.Client:
    return doors[0]


def add(api: httpx.Client, version: str, id: str = "icon", kind: str = "asset-types", **changes: Any) -> httpx.Response:
    """A version of an entry: what is shown of it, changed."""
    body = api.get(f"/library/{kind}/{id}").json().get("body", {}) | changes
    mark = body.pop("mark", None)
    body.pop("id", None)
    sent = {"id": id, "version": version, "body": body, "notes": "tried", "mark": mark}
    return api.post(f"/library/{kind}", json=sent)


def newest(api: httpx.Client, id: str = "icon") -> tuple[int, int, int]:
    """Numbers of the highest version, to go on from."""
    found = {one["id"]: one["newest"] for one in api.get("/library/asset-types").json()["entries"]}
    major, minor, patch = map(int, found[id].split("."))
    return major, minor, patch


def after(api: httpx.Client, id: str = "icon") -> str:
    major, minor, _ = newest(api, id)
    return f"{major}.{minor + 1}.0"


def live(api: httpx.Client, id: str = "icon") -> dict[str, Any]:
    return next(one for one in api.get("/asset-types").json()["asset_types"] if one["id"] == id)


def test_what_the_files_have_is_there(api: httpx.Client) -> None:
    entries = api.get("/library/loras").json()["entries"]
    assert [(one["id"], one["newest"], one["marks"][0]["mark"], one["problem"]) for one in entries] == [
        ("icons", "1.0.0", "live", None)
    ]
    shown = api.get("/library/loras/icons").json()
    assert (shown["version"], shown["author"], shown["marks"]) == ("1.0.0", "configs", ["live"])
    assert shown["body"]["trigger_words"] == ["fluenticon"]
    assert "version" not in shown["body"]


def test_a_version_is_added_marked_and_planned_with_without_a_restart(api: httpx.Client) -> None:
    version = after(api)
    added = add(api, version, prompt_template="{subject}, as a stamp")
    assert added.status_code == 201
    assert httpx.get(f"{str(api.base_url).rstrip('/')}{added.headers['Location']}").json() == added.json()
    dry = {"prompt": "a cat", "dry_run": True}
    assert "stamp" not in api.post("/generate", json=dry).json()["plan"]["stages"][0]["full_prompt"]
    moved = api.post("/library/asset-types/icon/mark", json={"mark": "live", "version": version, "note": "nice"})
    assert moved.json()["marks"][0]["version"] == version
    plan = api.post("/generate", json=dry).json()["plan"]
    assert "stamp" in plan["stages"][0]["full_prompt"]
    (pin,) = plan["entries"]
    assert pin == {
        "kind": "asset-types",
        "id": "icon",
        "version": version,
        "sha256": added.json()["sha256"],
        "stored": False,
    }
    assert live(api)["version"] == version
    (move, *_) = api.get("/library/asset-types/icon/history").json()["moves"]
    assert (move["mark"], move["to_version"], move["by"], move["note"]) == ("live", version, "dev", "nice")


def test_another_front_door_sees_it_within_about_a_second(doors: tuple[httpx.Client, httpx.Client]) -> None:
    one, other = doors
    version = after(one, "logo_illustration")
    assert add(one, version, "logo_illustration", name="Emblem", mark="live").status_code == 201
    began = time.monotonic()
    while live(other, "logo_illustration")["version"] != version:
        assert time.monotonic() - began < 20, "it never saw it"
        time.sleep(0.05)
    assert live(other, "logo_illustration")["name"] == "Emblem"


def test_a_mark_goes_back_and_away_and_comes_again(api: httpx.Client) -> None:
    address = "/library/asset-types/premium_illustration/mark"
    version = after(api, "premium_illustration")
    add(api, version, "premium_illustration", name="Poster", mark="candidate")
    assert api.post(address, json={"mark": "live", "version": "candidate"}).status_code == 200
    assert live(api, "premium_illustration")["name"] == "Poster"
    api.post(address, json={"mark": "live", "version": "1.0.0", "note": "back"})
    assert live(api, "premium_illustration")["name"] == "Premium illustration"
    api.post(address, json={"mark": "live", "version": None})
    answer = api.post("/generate", json={"prompt": "x", "asset_type": "premium_illustration", "dry_run": True})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_name")
    api.post(address, json={"mark": "live", "version": "1.0.0"})
    assert live(api, "premium_illustration")["version"] == "1.0.0"


def test_the_same_again_is_200_and_other_content_is_409(api: httpx.Client) -> None:
    version = after(api)
    first = add(api, version, description="one")
    again = add(api, version, description="one")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = add(api, version, description="two")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "version_conflict")
    assert "(description)" in other.json()["error"]["message"]
    back = add(api, "0.9.0", description="two")
    assert back.status_code == 409
    assert "goes back behind" in back.json()["error"]["message"]


def test_a_difference_is_told_field_by_field(api: httpx.Client) -> None:
    version = after(api)
    add(api, version, name="Sign", formats=["png"])
    told = api.get("/library/asset-types/icon/diff", params={"from": "1.0.0", "to": version}).json()
    changes = {one["field"]: (one["change"], one["before"], one["after"]) for one in told["changes"]}
    assert changes["name"] == ("changed", "Icon", "Sign")
    assert changes["formats"] == ("changed", ["png", "webp"], ["png"])
    same = api.get("/library/asset-types/icon/diff", params={"from": "live", "to": "live"}).json()
    assert same["changes"] == []


def test_a_lora_may_change_its_words_and_not_its_weights(api: httpx.Client) -> None:
    added = add(api, "1.1.0", "icons", "loras", trigger_words=["newword"], mark="live")
    assert added.status_code == 201
    request = {"prompt": "x", "dry_run": True, "loras": [{"id": "icons"}]}
    plan = api.post("/generate", json=request).json()["plan"]
    assert plan["stages"][0]["full_prompt"].startswith("newword")
    used = plan["stages"][0]["loras"][0]
    assert (used["version"], used["entry"]) == ("1.1.0", added.json()["sha256"])
    assert plan["entries"][1]["stored"] is True
    for weights in ({"path": "/etc"}, {"sha256": "ab" * 32}):
        refused = add(api, "1.2.0", "icons", "loras", weights=weights)
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "body.weights")
    refused = add(api, "1.2.0", "icons", "loras", family="sdxl")
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "body.family")
    unlicensed = [{"part": "adapter", "licence": "mine"}, {"part": "training data", "licence": "apache-2.0"}]
    refused = add(api, "1.2.0", "icons", "loras", licence_parts=unlicensed)
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "body.licence_parts.0.licence")
    api.post("/library/loras/icons/mark", json={"mark": "live", "version": "1.0.0"})
    plan = api.post("/generate", json=request).json()["plan"]
    assert plan["stages"][0]["loras"][0]["entry"] == "", "as the replicas began with it"


WRONG: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "no id": ({"id": ""}, "id", ["small letters"]),
    "an id that is none": ({"id": "Icon!"}, "id", ["small letters"]),
    "no version": ({"version": "1.1"}, "version", ["'1.1' is not a version"]),
    "a version that is no text": ({"version": 1.1}, "version", ["must be text"]),
    "no body": ({"body": {}}, "body.name", ["missing"]),
    "a list as body": ({"body": []}, "body", []),
    "a field too many": ({"body": {"negative": "x"}}, "body.negative", ["prompt_template"]),
    "a wrong field": ({"body": {"default_size": "big"}}, "body.default_size", ["WIDTHxHEIGHT"]),
    "a template without a prompt": ({"body": {"prompt_template": "x"}}, "body", ["{subject} exactly once"]),
    "another id in the body": ({"body": {"id": "sign"}}, "body.id", ["'sign'"]),
    "a mark that there is not": ({"mark": "best"}, "mark", ["live and candidate"]),
    "a field beside": ({"colour": 1}, "colour", ["notes"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_added_names_the_field_and_leaves_nothing(api: httpx.Client, name: str) -> None:
    changes, field, said = WRONG[name]
    body = api.get("/library/asset-types/icon").json()["body"]
    inner = changes.get("body")
    sent = {"id": "icon", "version": after(api), "body": body} | changes
    if isinstance(inner, dict) and inner:
        sent["body"] = body | inner
    before = api.get("/library/asset-types/icon/versions").json()
    answer = api.post("/library/asset-types", json=sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert all(part in error["message"] for part in said)
    assert api.get("/library/asset-types/icon/versions").json() == before


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/library/brushes", 404, "it has asset-types, brand-kits, datasets, loras, prompt-sets, experiments"),
        ("GET", "/library/loras/nobody", 404, "no LoRA 'nobody'"),
        ("GET", "/library/asset-types/icon?version=9.9.9", 422, "no version '9.9.9'; it has live"),
        ("GET", "/library/asset-types/icon/diff?from=1.0.0&to=7.0.0", 422, "'7.0.0'"),
        ("GET", "/library/asset-types/icon/diff?from=1.0.0", 422, "missing"),
        ("GET", "/library/asset-types/nothing/history", 404, "no asset type"),
        ("GET", "/library/asset-types/%00/versions", 404, "no asset type"),
    ],
)
def test_what_is_not_there_is_named(api: httpx.Client, method: str, path: str, status: int, said: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"mark": "live", "version": "9.0.0"}, "version", "it has live"),
        ({"mark": "best", "version": "1.0.0"}, "mark", "marks are live and candidate"),
        ({"mark": "live"}, "version", "missing"),
    ],
)
def test_a_mark_is_not_moved_to_what_is_not_there(
    api: httpx.Client, sent: dict[str, Any], field: str, said: str
) -> None:
    before = api.get("/library/asset-types/icon/history").json()
    answer = api.post("/library/asset-types/icon/mark", json=sent)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert said in answer.json()["error"]["message"]
    assert api.get("/library/asset-types/icon/history").json() == before


@pytest.mark.parametrize("poison", ["{", "7", "", '{"name": 7}'])
def test_one_that_is_damaged_in_the_database_hides_no_other(tmp_path: Path, root: Path, poison: str) -> None:
    with running_studio(tmp_path, root=root) as url, httpx.Client(base_url=url, timeout=60) as api:
        with connected(f"sqlite:///{tmp_path / 'state/jobs.db'}") as connection:
            connection.execute(text("UPDATE library_entries SET body = :body WHERE id = 'icon'"), {"body": poison})
        listed = {one["id"]: one["name"] for one in api.get("/library/asset-types").json()["entries"]}
        assert listed["icon"] == "icon"
        assert listed["logo_illustration"] != "logo_illustration"
        assert [one["version"] for one in api.get("/library/asset-types/icon/versions").json()["versions"]] == ["1.0.0"]
        for path in ("icon", "icon/diff?from=live&to=1.0.0"):
            told = api.get(f"/library/asset-types/{path}")
            assert told.status_code == (200 if "name" in poison else 422), told.text
            assert ("icon 1.0.0 is damaged in the database" in told.text) == (told.status_code == 422)
