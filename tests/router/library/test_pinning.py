"""A request that names a version is planned with it, whichever is live, and its job says so."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.catalogue import add_lora, copy_configs
from tests.studio import running_studio


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    root = copy_configs(tmp_path_factory.mktemp("configs"))
    add_lora(root, "stamps")
    with (
        running_studio(tmp_path_factory.mktemp("studio"), root=root) as url,
        httpx.Client(base_url=url, timeout=60) as api,
    ):
        body = api.get("/library/asset-types/icon").json()["body"] | {"prompt_template": "{subject}, as a stamp"}
        body.pop("id")
        sent = {"id": "icon", "version": "1.1.0", "body": body, "mark": "live"}
        assert api.post("/library/asset-types", json=sent).status_code == 201
        yield api


def plan(api: httpx.Client, **said: object) -> httpx.Response:
    return api.post("/generate", json={"prompt": "a red bicycle", "dry_run": True, **said})


@pytest.mark.parametrize(("name", "version", "stamp"), [("icon", "1.1.0", True), ("icon@1.0.0", "1.0.0", False)])
def test_the_named_version_is_planned_with(api: httpx.Client, name: str, version: str, stamp: bool) -> None:
    planned = plan(api, asset_type=name).json()["plan"]
    assert planned["asset_type"] == "icon"
    assert ("stamp" in planned["stages"][0]["full_prompt"]) == stamp
    (pin,) = planned["entries"]
    shown = api.get(f"/asset-types/{name}").json()
    assert (pin["version"], pin["sha256"]) == (version, shown["sha256"])
    assert shown["version"] == version


@pytest.mark.parametrize("name", ["icon@7.0.0", "icon@candidate"])
def test_a_version_that_is_not_there_is_named_with_those_that_are(api: httpx.Client, name: str) -> None:
    refused = plan(api, asset_type=name)
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert error["field"] == "asset_type"
    assert name.partition("@")[2] in error["message"]
    assert "1.0.0" in error["message"]
    assert api.get(f"/asset-types/{name}").status_code == 422


def test_an_asset_type_that_is_not_there_is_unknown_in_any_version(api: httpx.Client) -> None:
    for name in ("stamp", "stamp@1.0.0"):
        assert plan(api, asset_type=name).json()["error"]["field"] == "asset_type"
        assert api.get(f"/asset-types/{name}").status_code == 404


def test_a_job_keeps_the_version_that_it_was_ordered_with(api: httpx.Client) -> None:
    job = api.post("/generate", json={"prompt": "a red bicycle", "asset_type": "icon@1.0.0"}).json()["job_id"]
    assert api.get(f"/jobs/{job}").json()["asset_type"] == "icon"


@pytest.fixture(scope="module")
def lora(api: httpx.Client) -> str:
    """A LoRA at 1.1.0, which had another trigger word before."""
    body = api.get("/library/loras/stamps").json()["body"]
    body.pop("id")
    later = {"id": "stamps", "version": "1.1.0", "body": body | {"trigger_words": ["stamped"]}, "mark": "live"}
    assert api.post("/library/loras", json=later).status_code == 201
    return "stamps"


@pytest.mark.parametrize(("version", "stamped"), [("", True), ("@1.1.0", True), ("@1.0.0", False)])
def test_a_lora_is_drawn_with_in_the_version_that_is_named(
    api: httpx.Client, lora: str, version: str, stamped: bool
) -> None:
    planned = plan(api, asset_type="icon@1.0.0", loras=[{"id": f"{lora}{version}"}]).json()["plan"]
    (used,) = planned["stages"][0]["loras"]
    assert (used["lora"], used["version"]) == (lora, "1.1.0" if stamped else "1.0.0")
    assert ("stamped" in planned["stages"][0]["full_prompt"]) == stamped
    assert {"kind": "loras", "id": lora, "version": used["version"]}.items() <= planned["entries"][-1].items()


def test_a_version_that_replicas_began_without_is_in_the_file_store(api: httpx.Client, lora: str) -> None:
    named = {"id": f"{lora}@1.1.0", "strength": 1.0}
    job = api.post("/generate", json={"prompt": "a red bicycle", "loras": [named]}).json()["job_id"]
    assert "job.complete" in api.get(f"/jobs/{job}/events").text
    assert api.get(f"/jobs/{job}").json()["loras"] == [{"id": lora, "version": "1.1.0", "strength": 1.0}]


def test_a_lora_version_that_is_not_there_is_named_with_those_that_are(api: httpx.Client, lora: str) -> None:
    error = plan(api, loras=[{"id": f"{lora}@7.0.0"}]).json()["error"]
    assert error["field"] == "loras"
    assert "7.0.0" in error["message"]
    assert "1.0.0" in error["message"]


@pytest.mark.parametrize(
    ("name", "version"),
    [("stamps@1.0.0", "1.0.0"), ("Stamps@1.1.0", "1.1.0"), ("stamps@1.0.0.safetensors", "1.0.0"), ("stamps", "1.1.0")],
)
def test_a_prompt_names_a_lora_in_a_version(api: httpx.Client, lora: str, name: str, version: str) -> None:
    said = f"a red bicycle <lora:{name}:0.8>"
    planned = plan(api, prompt=said).json()["plan"]
    (used,) = planned["stages"][0]["loras"]
    assert (used["lora"], used["version"], used["strength"]) == (lora, version, 0.8)
    assert ("stamped" in planned["stages"][0]["full_prompt"]) == (version == "1.1.0")
    assert planned["prompt"] == said
    (used,) = plan(api, prompt=said, loras=[{"id": f"{lora}@1.1.0", "strength": 0.5}]).json()["plan"]["stages"][0][
        "loras"
    ]
    assert (used["version"], used["strength"]) == ("1.1.0", 0.5), "what the request says beside counts"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a mug <lora:stamps@7.0.0:0.8>", "stamps has no version '7.0.0'; it has live, 1.1.0, 1.0.0"),
        ("a mug <lora:ghost@1.0.0>", "'ghost@1.0.0', which is not here; known are"),
        ("a mug <lora:stamps@1.0.0> <lora:stamps@1.1.0>", "twice"),
    ],
)
def test_a_version_that_a_prompt_cannot_have_is_refused_in_words(
    api: httpx.Client, lora: str, prompt: str, words: str
) -> None:
    refused = plan(api, prompt=prompt)
    assert refused.status_code == 422
    assert words in refused.json()["error"]["message"]


def test_rows_of_a_batch_have_versions_in_their_prompts(api: httpx.Client, lora: str) -> None:
    rows = [{"prompt": f"a mug <lora:stamps@{version}:0.5>"} for version in ("1.0.0", "1.1.0")]
    batch = api.post("/batches", json={"rows": rows}).raise_for_status().json()["batch_id"]
    jobs = api.get("/jobs", params={"batch": batch}).json()["jobs"]
    assert sorted(job["loras"][0]["version"] for job in jobs) == ["1.0.0", "1.1.0"]


def test_one_lora_in_two_versions_is_there_twice(api: httpx.Client, lora: str) -> None:
    refused = plan(api, loras=[{"id": f"{lora}@1.0.0"}, {"id": f"{lora}@1.1.0"}])
    assert refused.status_code == 422
    assert "twice" in refused.json()["error"]["message"]


def test_rows_of_a_batch_are_drawn_in_the_versions_that_they_name(api: httpx.Client, lora: str) -> None:
    rows = [{"prompt": "a red bicycle", "loras": [{"id": f"{lora}@{version}"}]} for version in ("1.0.0", "1.1.0")]
    rows.append({"prompt": "a red bicycle", "lora": f"{lora}@1.0.0@0.5"})
    asked = {"rows": rows, "asset_types": ["icon@1.0.0"]}
    batch = api.post("/batches", json=asked).raise_for_status().json()["batch_id"]
    jobs = api.get("/jobs", params={"batch": batch}).json()["jobs"]
    used = sorted((job["loras"][0]["version"], job["loras"][0]["strength"]) for job in jobs)
    assert used == [("1.0.0", 0.5), ("1.0.0", 1.0), ("1.1.0", 1.0)]
    gone = api.post("/batches", json={"rows": [{"prompt": "a jug", "lora": f"{lora}@7.0.0"}]})
    assert (gone.status_code, "1.1.0" in gone.text) == (422, True)
