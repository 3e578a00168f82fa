"""Datasets over HTTP: from a zip file or picks, changed in versions, checked, and what bad input is answered."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw

from configs.datasets import DatasetConfig
from configs.service import Limits
from router.api.app import create_app
from router.datasets.rights import as_known_now
from router.people.principal import Principal, Role
from router.studio import Studio
from tests.router.calls import submit, wait
from tests.router.people.doors import TableDoor, showing
from tests.studio import painted_studio, serving

Files = Mapping[str, bytes]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return painted_studio(tmp_path)


@pytest.fixture
def api(studio: Studio) -> Iterator[httpx.Client]:
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def picture(number: int, side: int = 60, format: str = "PNG", mode: str = "RGB") -> bytes:
    """Each another one."""
    image = Image.new("RGB", (side, side), ((37 * number) % 256, (91 * number) % 256, 200))
    place = number % 7 * side // 8
    ImageDraw.Draw(image).ellipse((place, place // 2, place + side // 3, side - 4), fill=(255, 240, 90))
    file = io.BytesIO()
    image.convert(mode).save(file, format)
    return file.getvalue()


def zipped(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def some(count: int = 6) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for number in range(count):
        files[f"set/{number:02d}.png"] = picture(number)
        files[f"set/{number:02d}.txt"] = f"a yellow egg on colour {number}, kestrel style".encode()
    return files


def send(api: httpx.Client, files: Files, id: str = "kestrel", **form: str) -> httpx.Response:
    said = {"trigger": "kestrel", "right": "own"} | form
    return api.post(f"/datasets/{id}/zip", data=said, files={"file": ("set.zip", zipped(files))})


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]


def settled(api: httpx.Client, id: str, **params: Any) -> Any:
    while True:
        answer = api.get(f"/datasets/{id}/preflight", params={"wait": 10, **params})
        assert answer.status_code in (200, 202), answer.text
        if answer.status_code == 200:
            return answer.json()


def upload(api: httpx.Client, number: int, **form: str) -> str:
    id: str = api.post("/pictures", data=form, files={"file": ("a.png", picture(number))}).json()["picture_id"]
    return id


def test_a_zip_with_captions_beside_its_pictures_becomes_a_dataset(api: httpx.Client) -> None:
    answer = send(api, {**some(), "__MACOSX/set/._00.png": b"junk", "set/.DS_Store": b"junk"}, name="Kestrel")
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["id"], body["version"], body["name"], body["marks"]) == ("kestrel", "1.0.0", "Kestrel", ["live"])
    assert [one["name"] for one in body["pictures"]] == [f"{number:02d}.png" for number in range(6)]
    assert body["pictures"][3]["caption"] == "a yellow egg on colour 3, kestrel style"
    assert {one["right"] for one in body["pictures"]} == {"own"}
    assert (body["licence"]["product"], body["left_out"]) == ("allowed", [])
    assert api.get(answer.headers["location"]).json()["sha256"] == body["sha256"]
    assert api.get(body["pictures"][0]["url"]).status_code == 200
    (summary,) = api.get("/datasets").json()["datasets"]
    assert (summary["id"], summary["pictures"], summary["captioned"]) == ("kestrel", 6, 6)
    assert api.get("/library/datasets/kestrel").json()["sha256"] == body["sha256"]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("captions.csv", 'file_name,caption,right,source\n00.png,"an egg, yellow",bought,Eggs Inc\n'),
        ("captions.csv", "image;text;right;source\nset/00.png;an egg, yellow;bought;Eggs Inc\n"),
        (
            "metadata.jsonl",
            '{"file_name": "00.png", "text": "an egg, yellow", "right": "bought", "source": "Eggs Inc"}\n',
        ),
    ],
)
def test_captions_and_rights_come_from_a_table(api: httpx.Client, name: str, table: str) -> None:
    files = {"set/00.png": picture(0), "set/01.png": picture(1), name: table.encode()}
    first, second = send(api, files).json()["pictures"]
    assert (first["caption"], first["right"], first["source"]) == ("an egg, yellow", "bought", "Eggs Inc")
    assert (second["caption"], second["right"]) == ("", "own")


def test_what_cannot_be_taken_is_left_out_with_the_reason(api: httpx.Client) -> None:
    files = {
        **some(5),
        "set/broken.png": picture(9)[:200],
        "set/clip.mp4": b"\x00\x00\x00\x18ftypisom" + bytes(64),
        "set/notes.docx": b"PK\x03\x04rest",
        "set/lost.txt": b"a caption of a picture that is not here",
    }
    body = send(api, files).json()
    reasons = {one["file"]: one["reason"] for one in body["left_out"]}
    assert len(body["pictures"]) == 5
    assert reasons.keys() == {"broken.png", "clip.mp4", "notes.docx", "lost.txt"}
    assert "breaks off" in reasons["broken.png"]
    assert "video" in reasons["clip.mp4"]
    assert "no picture of this name" in reasons["lost.txt"]


def test_pictures_in_cmyk_are_taken_in_srgb(api: httpx.Client) -> None:
    files = {f"{number}.jpg": picture(number, format="JPEG", mode="CMYK") for number in range(5)}
    body = send(api, files).json()
    shown = Image.open(io.BytesIO(api.get(body["pictures"][0]["url"]).content))
    assert shown.mode == "RGB"


def test_what_is_no_zip_of_pictures_is_refused(api: httpx.Client) -> None:
    answer = api.post("/datasets/kestrel/zip", files={"file": ("a.zip", b"no zip file at all")})
    assert refusal(answer) == (
        422,
        "the file is no zip file, or broke off on its way: pack the folder of pictures anew",
    )
    cut = zipped(some())[:-40]
    assert api.post("/datasets/kestrel/zip", files={"file": ("a.zip", cut)}).status_code == 422
    assert "there is no picture" in refusal(send(api, {"a.txt": b"words"}))[1]
    status, said = refusal(send(api, {"clip.mp4": b"\x00\x00\x00\x18ftypisom" + bytes(64)}))
    assert status == 422
    assert "clip.mp4" in said
    assert api.get("/datasets").json()["datasets"] == []


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    studio = painted_studio(tmp_path, limits=Limits(max_dataset_bytes=2**20, max_picture_bytes=2**18))
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        status, said = refusal(send(api, {f"{number}.png": bytes(2**20) for number in range(50)}))
        assert (status, "unpacks to more than 1 MiB" in said) == (413, True)
        body = send(api, {**some(5), "huge.png": bytes(2**19)}).json()
        assert [one["file"] for one in body["left_out"]] == ["huge.png"]


def test_too_many_pictures_are_refused_before_one_is_unpacked(tmp_path: Path) -> None:
    studio = painted_studio(tmp_path, limits=Limits(max_dataset_pictures=20))
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        status, said = refusal(send(api, {f"{number}.png": b"x" for number in range(21)}))
        assert (status, "may have 20 pictures" in said) == (413, True)
        assert api.get("/pictures").json()["pictures"] == []


def test_a_name_that_is_taken_is_said_before_anything_is_taken_in(api: httpx.Client) -> None:
    assert send(api, some(5)).status_code == 201
    kept = len(api.get("/pictures").json()["pictures"])
    status, said = refusal(send(api, some(6)))
    assert (status, "already" in said) == (409, True)
    assert len(api.get("/pictures").json()["pictures"]) == kept


@pytest.mark.parametrize(
    ("form", "field"),
    [({"id": "No Id"}, "id"), ({"asset_type": "poster"}, "asset_type"), ({"right": "mine"}, "right")],
)
def test_fields_that_cannot_be_are_named(api: httpx.Client, form: dict[str, str], field: str) -> None:
    answer = send(api, some(5), **form)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert api.get("/pictures").json()["pictures"] == []


def test_picks_of_uploads_and_drawings_bring_their_rights(api: httpx.Client) -> None:
    job = submit(api, prompt="an egg", quality="draft", num_variations=1)
    wait(api, job)
    picks = [
        {"picture": upload(api, 1, right="bought", source="Eggs Inc"), "caption": "an egg"},
        {"picture": upload(api, 2), "caption": "another egg"},
        {"picture": f"{job}/0", "caption": "a drawn egg"},
        {"picture": upload(api, 3), "right": "generated", "source": "flux-1-dev"},
    ]
    answer = api.post("/datasets", json={"id": "eggs", "pictures": picks})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert [one["right"] for one in body["pictures"]] == ["bought", "unknown", "generated", "generated"]
    assert body["pictures"][0]["source"] == "Eggs Inc"
    assert "apache-2.0" in body["pictures"][2]["licences"]
    assert "flux-1-dev-non-commercial" in body["pictures"][3]["licences"]
    assert body["licence"]["product"] == "refused"
    assert {part["part"] for part in body["licence"]["parts"]} == {"training data"}
    again = api.post("/datasets", json={"id": "eggs", "pictures": picks})
    assert (again.status_code, again.json()["version"]) == (200, "1.0.0")
    drawn = body["pictures"][2]["picture"]
    whitewashed = api.patch("/datasets/eggs", json={"rights": [{"right": "own", "pictures": [drawn]}]})
    assert (whitewashed.status_code, "was drawn by" in refusal(whitewashed)[1]) == (422, True)


def test_a_picture_that_is_not_there_is_named(api: httpx.Client) -> None:
    answer = api.post("/datasets", json={"id": "eggs", "pictures": [{"picture": "pic_nothing"}]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "missing_asset")


def test_captions_written_in_place_are_a_new_version_and_the_old_one_stays(api: httpx.Client) -> None:
    before = send(api, some()).json()
    first = before["pictures"][0]["picture"]
    said = {"version": "1.0.0", "captions": [{"picture": first, "caption": "an egg of gold, kestrel style"}]}
    after = api.patch("/datasets/kestrel", json=said).json()
    assert (after["version"], after["marks"]) == ("1.0.1", ["live"])
    assert after["pictures"][0]["caption"] == "an egg of gold, kestrel style"
    kept = api.get("/datasets/kestrel", params={"version": "1.0.0"}).json()
    assert (kept["sha256"], kept["pictures"]) == (before["sha256"], before["pictures"])
    stale = api.patch("/datasets/kestrel", json={**said, "captions": [{"picture": first, "caption": "other"}]})
    assert (stale.status_code, "at 1.0.1 by now" in refusal(stale)[1]) == (409, True)
    same = api.patch("/datasets/kestrel", json={"captions": said["captions"]})
    assert (same.status_code, same.json()["version"]) == (200, "1.0.1")
    replaced = api.patch("/datasets/kestrel", json={"find": "yellow", "replacement": "golden"}).json()
    assert replaced["version"] == "1.0.2"
    assert all("yellow" not in one["caption"] for one in replaced["pictures"])


def test_pictures_go_and_come_and_words_on_rights_lift_the_verdict(api: httpx.Client) -> None:
    before = send(api, some(), right="unknown").json()
    assert before["licence"]["product"] == "refused"
    gone = before["pictures"][0]["picture"]
    changes = {"remove": [gone], "add": [{"picture": upload(api, 40)}], "rights": [{"right": "own"}]}
    after = api.patch("/datasets/kestrel", json=changes).json()
    assert after["licence"]["product"] == "allowed"
    assert gone not in {one["picture"] for one in after["pictures"]}
    assert len(after["pictures"]) == 6
    strange = api.patch("/datasets/kestrel", json={"remove": [gone]})
    assert (strange.status_code, strange.json()["error"]["field"]) == (422, "remove")


def test_a_word_that_is_said_later_counts_for_the_version_that_was_used(api: httpx.Client) -> None:
    def stored(version: str) -> DatasetConfig:
        body = api.get("/library/datasets/kestrel", params={"version": version}).json()["body"]
        return DatasetConfig.model_validate({**body, "version": version})

    send(api, some(), right="unknown")
    api.patch("/datasets/kestrel", json={"rights": [{"right": "own"}]})
    assert stored("1.0.0").licences == ("unknown",)
    assert as_known_now(stored("1.0.0"), stored("1.0.1")).licences == ("own",)


def test_a_preflight_refuses_what_cannot_work_and_names_pictures(api: httpx.Client) -> None:
    files = some(4) | {"set/00.txt": b"a yellow egg", "set/copy.png": picture(1), "set/copy.txt": b"an egg, kestrel"}
    body = send(api, files, right="unknown").json()
    report = settled(api, "kestrel")
    assert report["refused"]
    found = {one["code"]: one for one in report["findings"]}
    assert found.keys() >= {"too_few", "too_small", "copies", "trigger_missing", "right_unknown"}
    assert found["trigger_missing"]["pictures"] == [body["pictures"][0]["picture"]]
    assert [one["severity"] for one in report["findings"]] == sorted(
        (one["severity"] for one in report["findings"]), key=["error", "warning", "hint"].index
    )
    assert report["score"]["total"] <= 40
    assert report["cost"]["steps"] > 0
    assert report["cost"]["seconds"] > 0
    twice = settled(api, "kestrel", steps=200, batch=4)["cost"]["seconds"]
    assert settled(api, "kestrel", steps=400, batch=4)["cost"]["seconds"] > 1.9 * twice


def test_a_preflight_says_how_far_it_is(api: httpx.Client) -> None:
    send(api, some())
    begun = api.get("/datasets/kestrel/preflight", params={"wait": 0})
    assert (begun.status_code, begun.headers["retry-after"], begun.json()["total"]) == (202, "1", 6)
    assert settled(api, "kestrel")["looked_at"] == 6


def test_files_of_a_dataset_outlast_their_pictures(studio: Studio, api: httpx.Client) -> None:
    body = send(api, some()).json()
    for one in body["pictures"]:
        assert api.delete(f"/pictures/{one['picture']}").status_code == 204
    asyncio.run(studio.uploads.sweep(0))
    assert "unreadable" not in {one["code"] for one in settled(api, "kestrel")["findings"]}


def test_a_file_that_is_lost_is_an_error_with_its_picture(studio: Studio, api: httpx.Client) -> None:
    body = send(api, some()).json()
    lost = api.get("/library/datasets/kestrel").json()["body"]["pictures"][2]["sha256"]
    studio.blobs.remove(lost)
    (found,) = [one for one in settled(api, "kestrel")["findings"] if one["code"] == "unreadable"]
    assert found["pictures"] == [body["pictures"][2]["picture"]]


def test_captions_are_suggested_and_not_written(api: httpx.Client) -> None:
    files = {"red-bicycle_02.png": picture(1), "0001.png": picture(2), "c.png": picture(3), "c.txt": b"a cup"}
    send(api, files)
    told = api.post("/datasets/kestrel/captions", json={"by": "draft"}).json()
    assert [(one["caption"], one["by"]) for one in told["captions"]] == [("a red bicycle, kestrel", "draft")]
    assert len(told["nothing_for"]) == 1
    assert api.get("/datasets/kestrel").json()["version"] == "1.0.0"
    api.patch("/datasets/kestrel", json={"captions": told["captions"]})
    assert "captions_unread" in {one["code"] for one in settled(api, "kestrel")["findings"]}


def test_pictures_come_with_a_dataset_alone(api: httpx.Client) -> None:
    """Else somebody could have others' files learned from, by their hash."""
    body = {"name": "Taken", "pictures": [{"picture": "pic_1", "sha256": "0" * 64, "width": 1, "height": 1}]}
    answer = api.post("/library/datasets", json={"id": "taken", "body": body})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "body.pictures")


def test_designers_make_datasets_and_evaluators_look_at_them(tmp_path: Path) -> None:
    people = [Principal("des", "Des", frozenset({Role.DESIGNER})), Principal("eva", "Eva", frozenset({Role.EVALUATOR}))]
    app = create_app(painted_studio(tmp_path), door=TableDoor(*people))
    with serving(app) as url, httpx.Client(base_url=url, timeout=60) as api:
        for who, status in (("eva", 403), ("des", 201)):
            files = {"file": ("set.zip", zipped(some()))}
            assert api.post("/datasets/kestrel/zip", files=files, headers=showing(who)).status_code == status
        assert api.get("/datasets/kestrel", headers=showing("eva")).status_code == 200
        assert api.patch("/datasets/kestrel", json={}, headers=showing("eva")).status_code == 403


def test_a_large_body_of_picks_is_taken(api: httpx.Client) -> None:
    picks = [{"picture": upload(api, number), "caption": "an egg " * 250} for number in range(5)]
    said = {"id": "eggs", "description": "words " * 700, "pictures": picks, "notes": "x" * 2000}
    assert (
        api.post(
            "/datasets", content=json.dumps(said) + " " * 70_000, headers={"content-type": "application/json"}
        ).status_code
        == 201
    )
