"""Datasets by the SDK and the command: a folder becomes one, is captioned, and is checked."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from atelier import Atelier, AtelierError
from atelier.cli import app
from atelier.dataset_files import read_folder, read_list
from atelier.errors import BadInput
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from router.api.app import create_app
from tests.studio import painted_studio, serving


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serving(create_app(painted_studio(tmp_path / "studio"))) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "kestrel"
    place.mkdir()
    for number in range(6):
        image = Image.new("RGB", (60, 60), ((37 * number) % 256, 90, 200))
        ImageDraw.Draw(image).rectangle((number * 5, 9, number * 5 + 20, 40), fill="yellow")
        image.save(place / f"{number}.png")
        (place / f"{number}.txt").write_text(f"a yellow box at place {number}, kestrel style\n")
    (place / ".hidden.png").write_bytes(b"nothing")
    return place


def command(url: str, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["datasets", *words, "--url", url])
    return result.exit_code, result.output


def test_a_folder_is_uploaded_with_its_captions_and_checked(url: str, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    with Atelier(url) as studio:
        made = studio.datasets.add(
            folder, id="kestrel", trigger="kestrel", right="own", report=lambda *so_far: told.append(so_far)
        )
        assert (len(made.pictures), told[-1]) == (6, (6, 6))
        assert made.pictures[2].caption == "a yellow box at place 2, kestrel style"
        report = studio.datasets.check("kestrel", steps=100)
        assert (report.done, report.refused, report.cost is not None) == (True, True, True)
        assert {"too_small", "below_minimum"} <= {one.code for one in report.findings}
        with pytest.raises(AtelierError, match="already"):
            studio.datasets.add(folder, id="kestrel")


def test_a_zip_and_a_table_are_taken_too(url: str, folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "set.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    table = folder / "list.csv"
    table.write_text("file_name,caption,right\n0.png,one,bought\n1.png,two,own\n")
    with Atelier(url) as studio:
        assert len(studio.datasets.add(packed, id="packed", right="own").pictures) == 6
        named = studio.datasets.add(table, id="named")
        assert [one.right for one in named.pictures] == ["bought", "own"]
        assert {one.id for one in studio.datasets.all()} == {"packed", "named"}


def test_changes_are_versions_and_suggestions_change_nothing(url: str, folder: Path) -> None:
    (folder / "3.txt").unlink()
    (folder / "3.png").rename(folder / "green-kite.png")
    with Atelier(url) as studio:
        made = studio.datasets.add(folder, id="kestrel", trigger="kestrel", right="own")
        (suggested,) = studio.datasets.suggest("kestrel", by="draft").captions
        assert suggested.caption == "a green kite, kestrel"
        so_far: list[tuple[int, int]] = []
        seen = studio.datasets.suggest("kestrel", report=lambda *told: so_far.append(told))
        assert [(one.by, one.unsure) for one in seen.captions] == [("mini-captioner@painted", False)]
        assert (so_far[-1], seen.licences) == ((1, 1), ("apache-2.0",))
        assert studio.datasets.get("kestrel").version == "1.0.0"
        after = studio.datasets.caption("kestrel", {suggested.picture: "a green kite"})
        assert (after.version, studio.datasets.get("kestrel", "1.0.0").sha256) == ("1.0.1", made.sha256)
        picked = studio.datasets.pick([one.picture for one in after.pictures[:2]], id="few")
        assert [one.right for one in picked.pictures] == ["own", "own"]


def test_what_is_here_and_cannot_be_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no picture"):
        read_folder(tmp_path)
    table = tmp_path / "a.csv"
    table.write_text("file_name,caption\ngone.png,x\n")
    with pytest.raises(BadInput, match=r"gone\.png"):
        read_list(table)
    table.write_text("title\nx\n")
    with pytest.raises(BadInput, match="file_name"):
        read_list(table)


def test_the_command_adds_shows_captions_and_checks(url: str, folder: Path, tmp_path: Path) -> None:
    code, said = command(url, "add", str(folder), "--id", "kestrel", "--trigger", "kestrel", "--right", "own")
    assert (code, "6 pictures, 6 captioned" in said) == (0, True), said
    assert "a yellow box" in command(url, "show", "kestrel")[1]
    edited = tmp_path / "captions.csv"
    assert command(url, "captions", "kestrel", "-o", str(edited))[0] == 0
    edited.write_text(edited.read_text().replace("place 4", "the fourth place"))
    assert "1.0.1" in command(url, "captions", "kestrel", "--file", str(edited))[1]
    assert "1.0.2" in command(url, "captions", "kestrel", "--find", "yellow", "--replace", "golden")[1]
    code, said = command(url, "check", "kestrel")
    assert (code, "too_small" in said, "refused" in said) == (1, True, True), said
    code, said = command(url, "check", "kestrel", "--json")
    assert (code, json.loads(said)["refused"]) == (1, True)
    assert "kestrel 1.0.2" in command(url)[1]


def test_files_that_are_no_pictures_are_left_out_by_name(url: str, folder: Path, tmp_path: Path) -> None:
    (folder / "9.png").write_bytes(b"not a picture")
    code, said = command(url, "add", str(folder), "--id", "kestrel")
    assert (code, "Left out: 9.png" in said, "6 pictures" in said) == (0, True, True), said
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "9.png").write_bytes(b"not a picture")
    code, said = command(url, "add", str(alone), "--id", "alone")
    assert (code, "no picture" in said) == (2, True), said


def test_what_a_folder_would_take_is_said_without_sending_it(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["train", *words, "--dry-run", "--url", url])
        return result.exit_code, " ".join(result.output.split())

    code, said = train(str(folder), "--lora", "look", "--trigger", "kestrel", "--right", "own")
    assert (code, "look@1.0.0, 6 pictures" in said, "were not sent" in said) == (0, True, True), said
    with Atelier(url) as studio:
        assert [one.id for one in studio.datasets.all()] == []
        studio.datasets.add(folder, id="kestrel", trigger="kestrel", right="own")

    monkeypatch.chdir(folder.parent)
    code, said = train("kestrel", "--lora", "look", "--unchecked")
    assert (code, "kestrel@1.0.0" in said, "is a dataset of the studio" in said) == (0, True, True), said
    code, said = train("./kestrel", "--lora", "look")
    assert (code, "look@1.0.0" in said) == (0, True), said
    with zipfile.ZipFile("look.zip", "w") as packed:
        packed.write(folder / "0.png", "0.png")
    code, said = train("look.zip", "--lora", "look")
    assert (code, "unpack it" in said) == (2, True), said
