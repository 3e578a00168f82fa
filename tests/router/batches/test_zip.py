"""A batch as one zip file: what is in it, under which names, and what is said of one that is not finished."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deployments.stages.recipe import read_recipe
from router.batches.naming import slug
from tests.router.batches.test_orders import ended
from tests.studio import PaintedGenerator, running_studio

FILE = 'prompt,quality,formats,num_variations\n"A red bicycle, in the rain!",draft,png; svg,2\n=1+1,draft,png,1\n'
FILE += "poison,draft,png,1\n"


@pytest.fixture(scope="module")
def painter() -> PaintedGenerator:
    return PaintedGenerator(step_seconds=0.001)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, painter: PaintedGenerator) -> Iterator[httpx.Client]:
    with (
        running_studio(tmp_path_factory.mktemp("zips"), painter, whole_icons=True) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def batch(api: httpx.Client) -> dict[str, Any]:
    accepted = api.post("/batches", content=FILE, headers={"Content-Type": "text/csv"}, params={"name": "Ümläut 1"})
    assert accepted.status_code == 202, accepted.text
    return ended(api, accepted.headers["location"])


@pytest.fixture(scope="module")
def archive(api: httpx.Client, batch: dict[str, Any]) -> zipfile.ZipFile:
    answer = api.get(f"/batches/{batch['batch_id']}/zip")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''%C3%BCml%C3%A4ut-1.zip")
    found = zipfile.ZipFile(io.BytesIO(answer.content))
    assert found.testzip() is None
    return found


def test_files_are_named_by_line_and_prompt(archive: zipfile.ZipFile) -> None:
    assert archive.namelist() == [
        "0002-a-red-bicycle-in-the-rain-icon.png",
        "0002-a-red-bicycle-in-the-rain-icon.svg",
        "0002-a-red-bicycle-in-the-rain-icon-2.png",
        "0002-a-red-bicycle-in-the-rain-icon-2.svg",
        "0003-1-1-icon.png",
        "manifest.json",
        "manifest.csv",
    ]


def test_the_manifest_says_how_each_was_made_and_what_it_may_be_used_for(
    archive: zipfile.ZipFile, batch: dict[str, Any]
) -> None:
    manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["batch_id"], manifest["asked"]) == (batch["batch_id"], {"name": "Ümläut 1"})
    assert [one["line"] for one in manifest["pictures"]] == [2, 2, 3]
    first = manifest["pictures"][0]
    assert [one["name"] for one in first["files"]] == archive.namelist()[:2]
    recipe = read_recipe(archive.read(first["files"][0]["name"]))
    assert (first["recipe"]["seed"], first["recipe"]["prompt"]) == (recipe.seed, "A red bicycle, in the rain!")
    assert (first["recipe"]["weights"], first["seed"]) == (recipe.weights, recipe.seed)
    assert first["licence"]["product"] in ("allowed", "conditional", "refused")
    assert first["scores"] == {} or all(isinstance(value, float) for value in first["scores"].values())
    ((line, error),) = [(one["line"], one["error"]["message"]) for one in manifest["without_pictures"]]
    assert (line, error) == (4, "this prompt cannot be drawn")


def test_the_table_is_one_that_spreadsheets_read_and_do_not_calculate(archive: zipfile.ZipFile) -> None:
    text = archive.read("manifest.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["file"] for row in rows] == archive.namelist()[:5]
    assert {row["prompt"] for row in rows} == {"A red bicycle, in the rain!", "'=1+1"}
    assert all(row["product"] and row["licences"] and row["seed"] for row in rows)


def test_an_unfinished_batch_is_refused_unless_a_part_of_it_will_do(
    api: httpx.Client, painter: PaintedGenerator
) -> None:
    painter.step_seconds, fast = 0.2, painter.step_seconds
    try:
        path = api.post("/batches", json={"prompts": ["a cup"], "asset_types": ["all"]}).headers["location"]
        refused = api.get(f"{path}/zip")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_finished")
        assert refused.json()["error"]["message"] == (
            f"{path.rpartition('/')[2]} is not finished: 0 of 4 jobs have ended. Wait for the others, cancel them, or "
            "take what is finished with partial=true"
        )
        part = zipfile.ZipFile(io.BytesIO(api.get(f"{path}/zip", params={"partial": "true"}).content))
        assert part.namelist() == ["manifest.json", "manifest.csv"]
        statuses = [one["status"] for one in json.loads(part.read("manifest.json"))["without_pictures"]]
        assert len(statuses) == 4
        assert set(statuses) <= {"queued", "processing"}
    finally:
        painter.step_seconds = fast
        api.delete(path)
    assert ended(api, path)["status"] == "canceled"
    assert api.get(f"{path}/zip").status_code == 200
    assert api.get("/batches/batch_none/zip").status_code == 404


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A red, red bicycle!", "a-red-red-bicycle"),
        ("自転車 と 雨", "自転車-と-雨"),
        ("../../etc/passwd", "etc-passwd"),
        ("☕", ""),
    ],
)
def test_a_name_is_words_and_never_a_way_out(text: str, name: str) -> None:
    assert slug(text) == name
    assert len(slug("bicycle " * 40)) <= 48
