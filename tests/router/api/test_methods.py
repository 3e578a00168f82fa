"""HEAD, OPTIONS and `Allow` on every path that there is, by walking the API's own document."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from router.api.openapi import DOCUMENT as FILE
from tests.router.calls import submit, wait
from tests.router.pictures.test_pictures import encoded, photo

pytestmark = pytest.mark.slow

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
METHODS = {path: {method.upper() for method in operations} for path, operations in DOCUMENT["paths"].items()}
HIDDEN = {path: {"GET"} for path in ("/", "/docs", "/redoc", "/openapi.json", "/app/work")}
ALL = {**METHODS, **HIDDEN}


@pytest.fixture(scope="module")
def places(api: httpx.Client) -> dict[str, str]:
    """What stands for the parts of paths."""
    job = wait(api, submit(api, quality="draft"))
    picture = api.post("/pictures", files={"file": encoded(photo())}).json()["picture_id"]
    order = {"prompts": ["a lamp"], "asset_types": ["icon"], "qualities": ["draft"]}
    batch = api.post("/batches", json=order).json()["batch_id"]
    wait(api, api.get("/jobs", params={"batch": batch}).json()["jobs"][0]["job_id"])
    made = {"job_id": job["job_id"], "asset_id": job["images"][0]["asset_id"], "batch_id": batch}
    entries = {
        "deployment": "mini",
        "model": "mini",
        "kind": "asset-types",
        "id": "icon",
        "name": "icon",
        "kit_id": "atelier",
    }
    # Whose GET says that there is none: what HEAD and the methods answer is the same.
    absent = dict.fromkeys(
        ("experiment_id", "run_id", "rater", "comparison_id", "ballot_id", "principal_id"), "nothing"
    )
    absent |= {"prompt": "0", "letter": "a", "place": "0", "asset_type": "icon", "quality": "draft"}
    absent |= dict.fromkeys(("key_id", "device_id", "person_id", "principal_id"), "nothing")
    absent |= dict.fromkeys(("collection_id", "link_id", "grant_id", "token", "training_id", "sha256"), "nothing")
    absent |= dict.fromkeys(("webhook_id", "delivery_id"), "nothing")
    absent |= {"subject": "user", "rendition": "png"}
    asked = api.post("/auth/device", json={"client": "a test", "code_challenge": "c" * 43})
    made |= {"user_code": asked.json()["user_code"]}
    return {"picture_id": picture, "index": "0", "format": "png"} | made | entries | absent


@pytest.mark.parametrize("path", ALL)
def test_every_path_answers_every_method_as_http_has_it(api: httpx.Client, places: dict[str, str], path: str) -> None:
    url, methods = path.format(**places), ALL[path]
    allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    options = api.options(url)
    assert (options.status_code, options.content) == (204, b"")
    assert set(options.headers["allow"].split(", ")) == allowed
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"} - allowed:
        answer = api.request(method, url)
        assert answer.status_code == 405, method
        assert set(answer.headers["allow"].split(", ")) == allowed
        if method == "HEAD":
            continue
        message = answer.json()["error"]["message"]
        assert message == f"{method} is nothing that {url} takes: the header Allow names what it does"


@pytest.mark.parametrize("path", [path for path, methods in ALL.items() if "GET" in methods])
def test_head_has_the_headers_of_get_and_no_body(api: httpx.Client, places: dict[str, str], path: str) -> None:
    url = path.format(**places) + ("?seconds=0" if path == "/events" else "")  # which goes on for ten minutes
    head, got = api.head(url), api.get(url)
    assert (head.status_code, head.content) == (got.status_code, b"")
    differ = {"date", "transfer-encoding", "x-request-id"}
    assert {name: value for name, value in head.headers.items() if name not in differ} == {
        name: value for name, value in got.headers.items() if name not in differ
    }


def test_head_of_a_stream_ends_though_the_stream_does_not(api: httpx.Client) -> None:
    job_id = submit(api, num_inference_steps=100, num_variations=8)
    head = api.head(f"/jobs/{job_id}/events", timeout=60)
    assert head.headers["content-type"].startswith("text/event-stream")
    api.delete(f"/jobs/{job_id}")


@pytest.mark.parametrize("path", ["/nothing", "/jobs/nothing/at/all", "/static/nothing"])
def test_where_nothing_is_no_method_helps(api: httpx.Client, path: str) -> None:
    assert {api.request(method, path).status_code for method in ("GET", "HEAD", "POST")} <= {404, 405}
    assert api.get(path).json()["error"]["code"] == "not_found"
