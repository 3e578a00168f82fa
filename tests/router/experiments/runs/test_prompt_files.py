"""A prompt set from a CSV file: one more version of its entry, or every line that is wrong."""

from __future__ import annotations

import httpx
import pytest

CSV = {"content-type": "text/csv"}


def send(api: httpx.Client, id: str, file: str | bytes) -> httpx.Response:
    return api.post(f"/prompt-sets/{id}", content=file, headers=CSV)


def test_a_file_is_a_version_and_the_next_one_is_higher(api: httpx.Client) -> None:
    first = send(api, "icons", "\ufeffPrompt;Asset Type;Seed\na red bicycle;icon;7\na house;product_illustration;\n")
    assert first.status_code == 201, first.text
    assert (first.json()["version"], first.json()["marks"]) == ("1.0.0", ["live"])
    assert first.json()["body"]["prompts"] == [
        {"prompt": "a red bicycle", "seed": 7},
        {"prompt": "a house", "asset_type": "product_illustration"},
    ]
    assert send(api, "icons", "prompt\na cup\n").json()["version"] == "1.0.1"
    again = send(api, "icons", "prompt\r\na cup\r\n")
    assert (again.status_code, again.json()["version"]) == (200, "1.0.1")
    known = api.get("/library/prompt-sets/icons").json()
    assert (known["version"], known["body"]["prompts"]) == ("1.0.1", [{"prompt": "a cup"}])


@pytest.mark.parametrize(
    ("file", "line", "field"),
    [
        ("prompt,seed\na cup,1\na hat,many\n", 3, "seed"),
        ("prompt,asset_type\na cup,gone\n", 2, "asset_type"),
        ("prompt,model\na cup,mini\n", 2, "model"),
        ("asset_type,prompt\nicon,\n", 2, "prompt"),
        ("prompt,seed\na cup,-1\n", 2, "seed"),
        ("name\na cup\n", 1, "name"),
    ],
)
def test_a_line_that_is_wrong_is_named(api: httpx.Client, file: str, line: int, field: str) -> None:
    answer = send(api, "wrong", file)
    assert answer.status_code == 422
    (row,) = answer.json()["error"]["rows"]
    assert (row["line"], row["field"]) == (line, field)
    assert api.get("/library/prompt-sets/wrong").status_code == 404


def test_what_is_no_such_file_is_refused(api: httpx.Client) -> None:
    assert send(api, "none", b"").status_code == 422
    assert send(api, "none", "prompt\n" + "a cup\n" * 2001).json()["error"]["message"].startswith("2,001 prompts")
    assert api.post("/prompt-sets/none", json={"prompts": []}).json()["error"]["field"] == "file"
    assert send(api, "No Id", "prompt\na cup\n").json()["error"]["field"] == "id"
    large = send(api, "none", b"prompt\n" + b"a" * (16 * 2**20))
    assert large.status_code == 413
