"""A request that names a version is planned with it, whichever is live, and its job says so."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.catalogue import copy_configs
from tests.studio import running_studio


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    root = copy_configs(tmp_path_factory.mktemp("configs"))
    with (
        running_studio(tmp_path_factory.mktemp("studio"), root=root) as url,
        httpx.Client(base_url=url, timeout=20) as api,
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
