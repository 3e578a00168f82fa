"""Batches from Python and from the command line: many pictures in one call, followed and fetched as one."""

from __future__ import annotations

import asyncio
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from atelier import AsyncAtelier, Atelier, errors
from atelier.batches import Batch
from atelier.synchronous.batches import Batches
from atelier.unpacking import unpack

from tests.clients.cli.terminal import ran
from tests.studio import PaintedGenerator, running_studio

Run = Callable[..., subprocess.CompletedProcess[str]]
TYPES = ["icon", "logo_illustration", "premium_illustration", "product_illustration"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio"), PaintedGenerator()) as url:
        yield url


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    return lambda *arguments: ran(url, tmp_path, *arguments)


def test_a_batch_is_submitted_followed_and_saved(url: str, tmp_path: Path) -> None:
    seen: list[Batch] = []
    with Atelier(url) as studio:
        planned = studio.batches.plan(prompts=["a cup", "a fork"], seeds=[1, 2], qualities=["draft"])
        assert (planned.lines, planned.jobs) == (2, 4)
        batch = studio.batch(
            rows=[{"prompt": "a cup", "formats": ["png"]}], seeds=[1, 2], qualities=["draft"], name="cups"
        )
        ended = studio.batches.wait(batch, seen.append)
        assert (ended.name, ended.status, ended.counts.complete, seen[-1]) == ("cups", "complete", 2, ended)
        assert batch.batch_id in [one.batch_id for one in studio.batches.all(page_size=1)]
        names = ["0001-a-cup-icon.png", "0001-a-cup-icon-2.png", "manifest.json", "manifest.csv"]
        paths = studio.batches.save(ended, tmp_path / "out")
        assert [path.name for path in paths] == names
        assert {path.name for path in (tmp_path / "out").iterdir()} == set(names)
        (tmp_path / "out/manifest.csv").write_text("mine")
        assert studio.batches.save(ended, tmp_path / "out")[-1].name == "manifest-2.csv"
        archive = studio.batches.download(ended, tmp_path / "deep/cups.zip")
        assert zipfile.ZipFile(archive).namelist() == names


def test_rows_that_are_wrong_are_an_error_that_names_them(url: str, tmp_path: Path) -> None:
    file = tmp_path / "prompts.csv"
    file.write_text("prompt,seed\na cup,x\n", encoding="utf-8-sig")
    with Atelier(url) as studio:
        with pytest.raises(errors.InvalidRows, match="the row is wrong, so nothing was started: line 2, seed") as wrong:
            studio.batch(file=file)
        assert [str(row) for row in wrong.value.rows] == ["line 2, seed: must be a whole number"]
        accepted = studio.batches.submit(prompts=["a cup", ""], skip_invalid=True, qualities=["draft"])
        assert (accepted.jobs, [row.line for row in accepted.skipped]) == (1, [2])
        studio.batches.wait(accepted)
        with pytest.raises(errors.BadInput, match="prompts: give one of prompts, rows and file"):
            studio.batch(name="nothing")
        with pytest.raises(errors.BadInput, match=r"models: give a list of texts, as \['mini'\]"):
            studio.batch(prompts=["a cup"], models="mini")
        with pytest.raises(errors.NotFound):
            studio.batches.get("batch_none")


def test_asyncio_has_the_same(url: str, tmp_path: Path) -> None:
    async def draw() -> list[str]:
        async with AsyncAtelier(url) as studio:
            file = b"prompt;formats\na spoon;png\n"
            batch = await studio.batch(file=file, qualities=["draft"])
            canceled = await studio.batches.cancel(await studio.batch(prompts=["a pan"] * 3, qualities=["high"]))
            with pytest.raises(errors.NotFound):
                await studio.batches.download("batch_none", tmp_path / "none.zip")
            ended = await studio.batches.wait(batch)
            assert canceled.batch_id in [one.batch_id async for one in studio.batches.all()]
            return [path.name for path in await studio.batches.save(ended, tmp_path)]

    assert asyncio.run(draw()) == ["0002-a-spoon-icon.png", "manifest.json", "manifest.csv"]


def test_what_is_no_zip_file_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "batch.zip").write_bytes(b"PK")
    with pytest.raises(errors.UnexpectedAnswer, match="did not come as a whole zip file"):
        unpack(tmp_path / "batch.zip", tmp_path)
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("../../up.png", b"1")
        archive.writestr("..\\.hidden", b"2")
    assert [path.parent for path in unpack(tmp_path / "out.zip", tmp_path / "in")] == [tmp_path / "in"] * 2


def test_one_prompt_in_all_asset_types_is_one_command(run: Run, tmp_path: Path) -> None:
    done = run(
        "batch", "--prompt", "cloud computing", "--asset-type", "all", "-q", "draft", "-o", "out", "--sheet", "all.png"
    )
    assert done.returncode == 0, done.stderr
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert paths.pop() == Path("all.png")
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    assert {path.stem for path in paths if path.suffix == ".png"} == {
        f"0001-cloud-computing-{name.replace('_', '-')}" for name in TYPES
    }
    assert all((tmp_path / path).is_file() for path in paths)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert [one["asset_type"] for one in manifest["pictures"]] == TYPES


def test_the_command_prints_wrong_rows_by_their_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prompts.csv").write_text("prompt;asset_type\na cup;icon\n;icon\na pan;poster\n")
    done = run("batch", "prompts.csv")
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "line 3, prompt: 'prompt' is missing"
    assert lines[1].startswith("line 4, asset_type: 'poster' is not an asset type; choose one of icon,")
    assert lines[2].startswith("2 of 3 rows are wrong, so nothing was started: line 3, prompt:")
    told = json.loads(run("batch", "prompts.csv", "--json").stdout)["error"]
    assert [(row["line"], row["field"]) for row in told["rows"]] == [(3, "prompt"), (4, "asset_type")]
    done = run("batch", "prompts.csv", "--skip-invalid", "-q", "draft", "--zip", "cups.zip")
    assert (done.returncode, done.stdout) == (0, "cups.zip\n")
    assert "Skipped line 3, prompt: 'prompt' is missing" in done.stderr


def test_an_interrupt_cancels_what_is_left(run: Run, url: str) -> None:
    with mock.patch.object(Batches, "wait", side_effect=KeyboardInterrupt):
        done = run("batch", "-p", "a cup", "-p", "a pan", "-q", "high", "--name", "stopped")
    assert done.returncode == 130
    with Atelier(url) as studio:
        stopped = next(one for one in studio.batches.all() if one.name == "stopped")
        assert f"Canceled batch {stopped.batch_id}" in done.stderr
        assert studio.batches.wait(stopped).status == "canceled"


def test_the_command_plans_lists_shows_and_says_what_failed(run: Run, tmp_path: Path) -> None:
    planned = run("batch", "-p", "a cup", "-p", "a pan", "--seeds", "1,2", "--dry-run", "--json")
    assert (json.loads(planned.stdout)["jobs"], planned.returncode) == (4, 0)
    done = run("batch", "-p", "a cup", "-p", "poison", "-q", "draft", "--name", "mixed", "--json", "-o", "out")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["counts"]["complete"], told["counts"]["failed"]) == (1, 1)
    assert "line 2: this prompt cannot be drawn" in done.stderr
    assert any("mixed" in line and "1/2" in line for line in run("batches").stdout.splitlines())
    shown = run("batches", told["batch_id"]).stdout
    assert "2 from 2 rows: 1 complete, 1 failed" in shown
    assert run("batches", told["batch_id"], "--cancel").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["batch"], "give a CSV file, or --prompt, one of them"),
        (["batch", "a.csv", "-p", "a cup"], "give a CSV file, or --prompt, one of them"),
        (["batch", "none.csv"], "Cannot use none.csv: No such file or directory"),
        (["batch", "-p", "a cup", "--seeds", "x"], "seeds are whole numbers, as in 1,2"),
        (["batches", "--cancel"], "say which, as `atelier batches` lists them"),
    ],
)
def test_wrong_usage_is_said_in_a_sentence(run: Run, arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
