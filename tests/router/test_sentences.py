"""Refusals speak of fields in plain words, whatever a value is: nobody meets those of the library that reads them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from configs.frozen import Frozen
from router.api.schemas import GenerateBody
from router.api.sentences import SENTENCES
from router.wish import ControlWish, ImagePromptWish, LoraWish

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

PARTS: dict[str, type[Frozen]] = {"loras": LoraWish, "controls": ControlWish, "image_prompts": ImagePromptWish}


def bodies() -> list[dict[str, Any]]:
    """Every field of an order, and of its parts, with every value."""
    found = [{"prompt": "x", name: value} for name in GenerateBody.model_fields for value in VALUES]
    for name, part in PARTS.items():
        usual = {field: "x" for field, info in part.model_fields.items() if info.is_required()}
        found += [{"prompt": "x", name: [{**usual, field: value}]} for field in part.model_fields for value in VALUES]
    return found


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
