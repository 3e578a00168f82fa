"""Every kind of bad input through the REST API: refused by name before anything is queued, and the server lives on."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

BAD_BODIES: list[tuple[object, int, str, str | None]] = [
    ({"prompt": "x", "model": "dalle"}, 422, "unknown_name", "model"),
    ({"prompt": "x", "asset_type": "poster"}, 422, "unknown_name", "asset_type"),
    ({"prompt": "x", "quality": "best"}, 422, "unknown_name", "quality"),
    ({"prompt": "x", "colour": "red"}, 422, "invalid_request", "colour"),
    ({}, 422, "invalid_request", "prompt"),
    ({"prompt": ""}, 422, "invalid_request", "prompt"),
    ({"prompt": "   "}, 422, "invalid_request", "prompt"),
    ({"prompt": 7}, 422, "invalid_request", "prompt"),
    ({"prompt": "x" * 3000}, 422, "invalid_request", "prompt"),
    ({"prompt": "x" * 100_000}, 413, "too_large", None),
    ({"prompt": "x", "size": "0x0"}, 422, "unknown_name", "size"),
    ({"prompt": "x", "size": "1000000x1000000"}, 422, "unknown_name", "size"),
    ({"prompt": "x", "num_variations": 0}, 422, "invalid_request", "num_variations"),
    ({"prompt": "x", "num_variations": 1000}, 422, "invalid_request", "num_variations"),
    ({"prompt": "x", "seed": -1}, 422, "invalid_request", "seed"),
    ({"prompt": "x", "seed": 2**32}, 422, "invalid_request", "seed"),
    ({"prompt": "x", "num_inference_steps": 10**6}, 422, "invalid_request", "num_inference_steps"),
    ({"prompt": "x", "formats": ["gif"]}, 422, "invalid_request", "formats.0"),
    ({"prompt": "x", "formats": []}, 422, "invalid_request", "formats"),
    ({"prompt": "x", "loras": [{"id": "nobody"}]}, 422, "unknown_name", "loras"),
    ({"prompt": "x", "loras": [{"id": "../../etc/passwd"}]}, 422, "unknown_name", "loras"),
    ({"prompt": "x", "loras": [{"id": "x" * 97}]}, 422, "invalid_request", "loras.0.id"),
    ({"prompt": "x", "loras": [{"id": "x", "strength": 2.1}]}, 422, "invalid_request", "loras.0.strength"),
    ({"prompt": "x", "loras": [{"id": "x", "strength": "much"}]}, 422, "invalid_request", "loras.0.strength"),
    ({"prompt": "x", "loras": [{"id": "x", "path": "/x"}]}, 422, "invalid_request", "loras.0.path"),
    ({"prompt": "x", "loras": [{"strength": 1}]}, 422, "invalid_request", "loras.0.id"),
    ({"prompt": "x", "loras": "x"}, 422, "invalid_request", "loras"),
    ({"prompt": "x", "loras": [{"id": "x"}] * 5}, 422, "invalid_request", "loras"),
    ({"prompt": "x", "deadline_seconds": 0}, 422, "invalid_request", "deadline_seconds"),
    ({"prompt": "x", "deadline_seconds": -3}, 422, "invalid_request", "deadline_seconds"),
    (["prompt"], 422, "invalid_request", None),
]


@pytest.mark.parametrize(("body", "status", "code", "field"), BAD_BODIES)
def test_bad_input_is_named_and_the_server_lives_on(
    api: httpx.Client, body: object, status: int, code: str, field: str | None
) -> None:
    answer = api.post("/generate", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("field")) == (status, code, field)
    assert error["message"]
    assert "Traceback" not in answer.text
    assert api.get("/healthz").status_code == 200


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_the_model_cannot_do_is_refused_before_anything_is_queued(api: httpx.Client, dry_run: bool) -> None:
    before = len(api.get("/jobs", params={"limit": 200}).json()["jobs"])
    answer = api.post("/generate", json={"prompt": "x", "negative_prompt": "blurry", "dry_run": dry_run})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (422, "unsupported_capability", "negative_prompt")
    assert error["message"].startswith("mini takes no negative prompt: it reads guidance as a number")
    assert len(api.get("/jobs", params={"limit": 200}).json()["jobs"]) == before


@pytest.mark.parametrize("content", [b"", b"{", b"not json", b'{"prompt": }', b"\xff\xfe"])
def test_malformed_json_is_said_to_be_that(api: httpx.Client, content: bytes) -> None:
    answer = api.post("/generate", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in ("invalid_json", "invalid_request")
    assert "JSON" in answer.json()["error"]["message"]


def test_a_body_without_a_length_is_cut_off_at_the_limit(api: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 1024

    assert api.post("/generate", content=endless()).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/jobs/nope", 404),
        ("GET", "/jobs/nope/images", 404),
        ("GET", "/jobs/nope/images/0.png", 404),
        ("GET", "/jobs/nope/events", 404),
        ("DELETE", "/jobs/nope", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/static/../router/api/app.py", 404),
        ("PUT", "/generate", 405),
        ("GET", "/jobs?limit=0", 422),
    ],
)
def test_what_is_not_there_is_said_in_the_error_body(api: httpx.Client, method: str, path: str, status: int) -> None:
    answer = api.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
