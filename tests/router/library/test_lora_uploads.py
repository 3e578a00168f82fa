"""`POST /loras`: looked at, stored, and planned with at once; what is refused leaves nothing."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from configs.service import Limits
from deployments.messages import LoraFile, LoraReport
from tests.catalogue import copy_configs
from tests.router.storage.test_migration import connected
from tests.studio import PaintedExaminer, running_studio

LICENCES = ["adapter=apache-2.0", "training data=apache-2.0"]


def safetensors(values: int = 8, said: str = "") -> bytes:
    """A file that looks like one LoRA layer; `said` is what the painted examiner makes of it."""
    header = json.dumps(
        {"__metadata__": {"said": said}, "x": {"dtype": "F32", "shape": [values], "data_offsets": [0, 4 * values]}}
    )
    return struct.pack("<Q", len(header)) + header.encode() + bytes(4 * values)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[httpx.Client]:
    root = copy_configs(folder)
    with (
        running_studio(folder, root=root, limits=Limits(max_lora_bytes=3 * 2**20)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def send(api: httpx.Client, data: bytes, id: str, licence: list[str] | None = None, **fields: Any) -> httpx.Response:
    form = {"id": id, "licence": LICENCES if licence is None else licence, **fields}
    return api.post("/loras", data=form, files={"file": ("style.safetensors", data)})


def blobs(folder: Path) -> set[str]:
    return {path.name for path in (folder / "state/blobs").rglob("*") if path.is_file() and "probe" not in str(path)}


def entries(api: httpx.Client) -> list[str]:
    return [one["id"] for one in api.get("/library/loras").json()["entries"]]


def test_a_lora_is_taken_in_with_its_report_and_can_be_drawn_with_at_once(api: httpx.Client, folder: Path) -> None:
    answer = send(api, safetensors(), "style", trigger_words=["stylish"], strength="0.7", notes="first", name="Style")
    assert answer.status_code == 201
    added = answer.json()
    assert (added["report"]["family"], added["report"]["trials"][0]["model"]) == ("flux", "mini")
    body = added["entry"]["body"]
    assert (body["default_strength"], body["trigger_words"], body["models"]) == (0.7, ["stylish"], ["mini"])
    assert body["weights"]["sha256"] in blobs(folder)
    assert added["entry"]["sha256"] in blobs(folder), "replicas find the entry by its hash"
    assert (folder / f"state/blobs/sha256/{added['entry']['sha256'][:2]}/{added['entry']['sha256']}").read_bytes()
    (listed,) = [one for one in api.get("/loras").json()["loras"] if one["id"] == "style"]
    assert (listed["name"], listed["version"], listed["models"]) == ("Style", "1.0.0", ["mini"])
    plan = api.post("/generate", json={"prompt": "a cat", "dry_run": True, "loras": [{"id": "style"}]}).json()["plan"]
    base = plan["stages"][0]
    assert base["loras"] == [{"lora": "style", "strength": 0.7, "version": "1.0.0", "entry": added["entry"]["sha256"]}]
    assert base["full_prompt"].startswith("stylish")


def test_the_same_again_is_the_same_entry_and_is_not_looked_at(api: httpx.Client) -> None:
    first = send(api, safetensors(9), "again")
    looked = len(PaintedExaminer.asked)
    second = send(api, safetensors(9), "again")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["entry"] == first.json()["entry"]
    assert "here already" in second.json()["notes"][0]
    assert len(PaintedExaminer.asked) == looked


def test_a_repeat_moves_no_mark_and_says_so(api: httpx.Client) -> None:
    send(api, safetensors(32), "twice", mark="candidate")
    again = send(api, safetensors(32), "twice").json()
    assert again["entry"]["marks"] == ["candidate"]
    assert "atelier library mark loras twice live 1.0.0" in again["notes"][1]
    assert len(send(api, safetensors(32), "twice", mark="candidate").json()["notes"]) == 1
    assert len(send(api, safetensors(32), "twice", mark="none").json()["notes"]) == 1


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(b"x" * file.stat().st_size)])
def test_the_same_again_restores_what_the_file_store_has_lost(
    api: httpx.Client, folder: Path, damage: Callable[[Path], object]
) -> None:
    """As the sentence about a file that is damaged or gone advises."""
    entry = send(api, safetensors(30), "lost").json()["entry"]
    files = [folder / f"state/blobs/sha256/{one[:2]}/{one}" for one in (entry["sha256"], _weights(entry))]
    whole = [file.read_bytes() for file in files]
    for file in files:
        damage(file)
    assert send(api, safetensors(30), "lost").status_code == 200
    assert [file.read_bytes() for file in files] == whole


def test_what_is_damaged_in_the_database_spoils_no_file(api: httpx.Client, folder: Path) -> None:
    sha256 = send(api, safetensors(33), "spoilt").json()["entry"]["sha256"]
    with connected(f"sqlite:///{folder / 'state/jobs.db'}") as connection:
        damage = text("UPDATE library_entries SET body = replace(body, 'mini', 'maxi') WHERE id = 'spoilt'")
        connection.execute(damage)
    send(api, safetensors(33), "spoilt", model=["mini"])
    stored = (folder / f"state/blobs/sha256/{sha256[:2]}/{sha256}").read_bytes()
    assert hashlib.sha256(stored).hexdigest() == sha256


def test_a_file_that_is_swept_while_it_is_looked_at_is_stored_again(
    api: httpx.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica may take longer to start than a file lies that no entry names."""
    look = PaintedExaminer.examine

    async def look_for_long(self: PaintedExaminer, lora: LoraFile) -> LoraReport:
        report = await look(self, lora)
        (folder / f"state/blobs/sha256/{lora.sha256[:2]}/{lora.sha256}").unlink()
        return report

    monkeypatch.setattr(PaintedExaminer, "examine", look_for_long)
    entry = send(api, safetensors(31), "slow").json()["entry"]
    assert _weights(entry) in blobs(folder)


def _weights(entry: dict[str, Any]) -> str:
    return str(entry["body"]["weights"]["sha256"])


@pytest.mark.parametrize("mark", ["none", "candidate", "live", ""])
def test_the_mark_is_the_one_that_was_wished(api: httpx.Client, mark: str) -> None:
    """An empty field of a form is one that is absent."""
    id = f"marked-{mark}"
    added = send(api, safetensors(20), id, mark=mark)
    marks = {"none": []}.get(mark, [mark or "live"])
    assert added.json()["entry"]["marks"] == marks
    assert (id in [one["id"] for one in api.get("/loras").json()["loras"]]) == ("live" in marks)
    assert api.get(added.headers["Location"]).json() == added.json()["entry"]


def test_the_same_file_under_another_id_says_so(api: httpx.Client) -> None:
    send(api, safetensors(10), "one")
    added = send(api, safetensors(10), "two")
    assert added.status_code == 201
    assert added.json()["notes"] == ["the same file is here as one 1.0.0"]


def test_other_content_needs_a_higher_version(api: httpx.Client) -> None:
    send(api, safetensors(11), "brand")
    looked = len(PaintedExaminer.asked)
    others: list[tuple[bytes, dict[str, Any]]] = [
        (safetensors(12), {}),
        (safetensors(11), {"strength": "0.5"}),
        (safetensors(12), {"version": "0.9.0"}),
    ]
    for data, fields in others:
        refused = send(api, data, "brand", **fields)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "version_conflict")
        assert "1.0.1" in refused.json()["error"]["message"]
    assert len(PaintedExaminer.asked) == looked, "known before anything is stored or loaded"
    added = send(api, safetensors(12), "brand", version="1.1.0", mark="candidate")
    assert added.status_code == 201
    plan = {"prompt": "x", "dry_run": True, "loras": [{"id": "brand"}]}
    used = api.post("/generate", json=plan).json()["plan"]["stages"][0]["loras"][0]
    assert used["version"] == "1.0.0"
    api.post("/library/loras/brand/mark", json={"mark": "live", "version": "candidate"})
    used = api.post("/generate", json=plan).json()["plan"]["stages"][0]["loras"][0]
    assert (used["version"], used["entry"]) == ("1.1.0", added.json()["entry"]["sha256"])


REFUSED: dict[str, tuple[bytes, dict[str, Any], int, str, list[str]]] = {
    "of another model": (safetensors(said="none of its layers is here"), {}, 422, "loras", ["none of its layers"]),
    "empty": (b"", {}, 422, "file", ["is empty"]),
    "a pickle": (b"\x80\x02}q\x00" + bytes(100), {}, 422, "file", ["pickle"]),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), {}, 422, "file", ["PNG"]),
    "a web page": (b"<!DOCTYPE html><html>", {}, 422, "file", ["web page"]),
    "a GGUF": (b"GGUF" + bytes(100), {}, 422, "file", ["GGUF"]),
    "cut in its header": (safetensors()[:20], {}, 422, "file", ["safetensors"]),
    "noise": (bytes(range(256)) * 4, {}, 422, "file", ["safetensors"]),
    "too large": (safetensors(800_000), {}, 413, "file", ["3,145,728 bytes at most"]),
    "without licences": (safetensors(), {"licence": []}, 422, "licence", ["adapter", "training data", "apache-2.0"]),
    "without what it learned from": (safetensors(), {"licence": LICENCES[:1]}, 422, "licence", ["of training data"]),
    "with a licence that nobody knows": (
        safetensors(), {"licence": ["adapter=mine", LICENCES[1]]}, 422, "licence", ["'mine' is not known"]
    ),
    "with a licence that is none": (safetensors(), {"licence": ["mine"]}, 422, "licence", ["PART=ID"]),
    "with two licences for a part": (
        safetensors(), {"licence": ["adapter=mit", *LICENCES]}, 422, "licence", ["'adapter' is given twice"]
    ),
    "with a part that is not to be seen": (
        safetensors(), {"licence": [*LICENCES, "\x1b[31m=mit"]}, 422, "licence", ["PART=ID"]
    ),
    "with a model that is none": (safetensors(), {"model": ["mini", "maxi"]}, 422, "model", ["'maxi' is not known"]),
    "with a model that cannot be": (safetensors(), {"model": ["Maxi!"]}, 422, "model", ["right form"]),
    "with a field that is none": (safetensors(), {"models": ["mini"]}, 422, "models", ["is not a field", "model"]),
    "with an id that is none": (safetensors(), {"id": "My Style"}, 422, "id", ["small letters"]),
    "with a version that is none": (safetensors(), {"version": "2"}, 422, "version", ["'2' is not a version"]),
    "with a strength that is none": (safetensors(), {"strength": "9"}, 422, "strength", ["or less"]),
    "with a strength that is no number": (safetensors(), {"strength": "strong"}, 422, "strength", ["number"]),
    "with a mark that is none": (safetensors(), {"mark": "best"}, 422, "mark", ["live and candidate"]),
    "with a family that is none": (safetensors(), {"family": "oils"}, 422, "family", ["'oils' is not known"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_names_why_and_leaves_no_entry(api: httpx.Client, name: str) -> None:
    data, fields, status, field, said = REFUSED[name]
    before, looked = entries(api), len(PaintedExaminer.asked)
    answer = send(api, data, **{"id": "refused", **fields})
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (status, field), error
    assert all(part in error["message"] for part in said), error["message"]
    assert entries(api) == before
    assert len(PaintedExaminer.asked) == looked + (name == "of another model")


def test_a_form_without_a_file_says_how_to_send_one(api: httpx.Client) -> None:
    answer = api.post("/loras", data={"id": "x"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "file")
    assert "the LoRA as its file 'file'" in answer.json()["error"]["message"]


def test_one_that_says_that_it_is_too_large_is_refused_before_it_is_read(api: httpx.Client) -> None:
    """3 GB: the studio answers before a byte of it has come."""
    with socket.create_connection((api.base_url.host, api.base_url.port or 80), timeout=10) as connection:
        head = "POST /loras HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        connection.sendall(f"{head}Content-Length: {3 * 10**9}\r\n\r\n".encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert "bytes at most" in answer


def test_one_that_does_not_say_so_is_read_no_further_than_the_limit(api: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.safetensors"\r\n\r\n'
        for _ in range(200):
            yield bytes(2**20)

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    try:
        answer = httpx.post(api.base_url.join("/loras"), content=endless(), headers=kind, timeout=30)
    except httpx.WriteError:
        return  # it hung up first
    assert answer.status_code == 413


def test_a_sender_who_leaves_half_way_leaves_nothing(api: httpx.Client, folder: Path) -> None:
    before, there = blobs(folder), entries(api)
    with socket.create_connection((api.base_url.host, api.base_url.port or 80), timeout=10) as connection:
        form = b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\nleaver\r\n--b\r\n'
        form += b'Content-Disposition: form-data; name="file"; filename="x.safetensors"\r\n\r\n' + safetensors()
        head = "POST /loras HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        connection.sendall(f"{head}Content-Length: {2 * 10**6}\r\n\r\n".encode() + form)
        time.sleep(0.2)
    time.sleep(0.3)
    assert (blobs(folder), entries(api)) == (before, there)
