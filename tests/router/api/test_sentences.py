"""Refusals speak of fields in plain words, whatever a value is: nobody meets those of the library that reads them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from configs.frozen import Frozen
from router.api.schemas import GenerateBody
from router.api.sentences import SENTENCES
from router.job_request import ControlRequest, ImagePromptRequest, LoraRequest

VALUES: list[Any] = [
    None,
    True,
    "",
    " ",
    "x",
    "x" * 5000,
    0,
    -1,
    0.5,
    1e300,
    10**30,
    [],
    [1],
    ["x"] * 40,
    {},
    {"x": 1},
    [None],
    [[]],
]
PYTHON = re.compile(
    r"[Ii]nput should|valid (dict|int|str|list|tuple)|NoneType|ValueError|[a-z]_parsing|(int|string|float|dict)_type"
    r"|dictionary|tuple|integer|string|unable to parse|\bNone\b"
)

PARTS: dict[str, type[Frozen]] = {"loras": LoraRequest, "controls": ControlRequest, "image_prompts": ImagePromptRequest}


def bodies() -> list[dict[str, Any]]:
    """Every field of an order, and of its parts, with every value."""
    found = [{"prompt": "x", name: value} for name in GenerateBody.model_fields for value in VALUES]
    for name, part in PARTS.items():
        usual = {field: "x" for field, info in part.model_fields.items() if info.is_required()}
        found += [{"prompt": "x", name: [{**usual, field: value}]} for field in part.model_fields for value in VALUES]
    return found


@pytest.mark.slow
def test_no_refusal_has_the_words_of_a_library(api: httpx.Client) -> None:
    refused = 0
    for body in bodies():
        answer = api.post("/generate", json={"dry_run": True, **body})
        if answer.status_code == 422:
            refused += 1
            message = answer.json()["error"]["message"]
            assert not PYTHON.search(message), (body, message)
            assert "is not what this field takes" not in message, f"no row for what is wrong with {body}"
    assert refused > 300


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_row_is_a_plain_sentence(kind: str) -> None:
    assert not PYTHON.search(SENTENCES[kind])


@pytest.mark.parametrize("said", [None, "application/x-www-form-urlencoded", "text/plain", "application/octet-stream"])
def test_json_without_its_header_is_told_which_to_send(api: httpx.Client, said: str | None) -> None:
    headers = {} if said is None else {"Content-Type": said}
    answer = api.post("/generate", content=b'{"prompt": "a red bicycle"}', headers=headers)
    assert answer.status_code == 422
    assert "Content-Type: application/json" in answer.json()["error"]["message"]


UNREADABLE = {
    b'{"prompt": "\xff"}': "no text in UTF-8, from byte 13 on",
    '{"prompt": "später"}'.encode("latin-1"): "no text in UTF-8, from byte 15 on",
    b'{"prompt": "\xc3"}': "no text in UTF-8, from byte 13 on",
    b'{"seed": ' + b"9" * 5000 + b"}": "too many digits",
    b'{"prompt": "x", "unknown": [-' + b"1" * 9000 + b"]}": "too many digits",
    b"[" * 60000: "nested too deep",
    b'{"prompt":' * 6000: "nested too deep",
}


@pytest.mark.parametrize("body", UNREADABLE, ids=lambda body: repr(body[:20]))
@pytest.mark.parametrize("key", [None, "k"])
def test_a_body_that_no_reader_of_json_gets_through_is_told_why(
    api: httpx.Client, body: bytes, key: str | None
) -> None:
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    answer = api.post("/generate", content=body, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "invalid_json")
    assert UNREADABLE[body] in error["message"]
    assert not PYTHON.search(error["message"])


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        ({}, "this came as nothing known"),
        ({"content": b"\x89PNG", "headers": {"Content-Type": "image/png"}}, "this came as image/png"),
        ({"json": {"file": "photo.png"}}, "this came as application/json"),
        ({"data": {"file": "photo.png"}}, "this came as application/x-www-form-urlencoded"),
        ({"files": {"file": (None, "photo.png")}}, "in this one there is none"),
        ({"files": {"picture": ("photo.png", b"\x89PNG")}}, "in this one there is none"),
    ],
)
def test_whoever_sends_no_file_to_pictures_is_told_how(api: httpx.Client, request_: dict[str, Any], what: str) -> None:
    answer = api.post("/pictures", **request_)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (422, "invalid_request", "file")
    assert "multipart/form-data" in error["message"]
    assert "curl -F file=@photo.png" in error["message"]
    assert error["message"].endswith(what)


@pytest.mark.parametrize("body", [b"", b"{", b"{'prompt': 'x'}", b'{"prompt": }', b"nonsense", b'{"prompt": "x"} more'])
def test_what_is_no_json_is_told_where(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/generate", content=body, headers={"Content-Type": "application/json"})
    message = answer.json()["error"]["message"]
    assert answer.status_code == 422
    assert re.search(r"at character \d+$|the body is missing", message), message
