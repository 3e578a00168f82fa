"""`python -m training.lora FOLDER`: pictures with captions in, an adapter and a sheet out, without a studio."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from configs.errors import ConfigError
from configs.load import load_catalog
from configs.schema import ModelConfig
from deployments.families import flux
from deployments.loras.preflight import check_file
from tests.training.lora.conftest import COLOURS
from training.lora import __main__ as command
from training.lora import start
from training.lora.folder import read_folder
from training.mini.look_sets import learned_subjects, samples, unseen_subjects, write
from training.mini.looks import LOOKS

EXAMPLE = Path(__file__).parents[3] / "training" / "lora" / "examples" / "kestrel"


@pytest.fixture
def _tiny(config: ModelConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    real = load_catalog()
    tiny = config.model_copy(update={"id": "mini", "train_on": "mini"})
    schnell = tiny.model_copy(update={"id": "fast", "name": "Fast", "variant": "schnell", "train_on": "mini"})
    known = real.model_copy(update={"models": {"mini": tiny, "fast": schnell}})
    monkeypatch.setattr(command, "load_catalog", lambda: known)
    monkeypatch.setattr(command, "starting_settings", lambda *_: start.MINI)


@pytest.fixture
def squares_on_disk(tmp_path: Path) -> Path:
    folder = tmp_path / "Our Squares"
    folder.mkdir()
    for colour in COLOURS[:5]:
        Image.new("RGB", (64, 64), colour).save(folder / f"{colour}.png")
        (folder / f"{colour}.txt").write_text(f"a {colour} square\n")
    return folder


@pytest.mark.usefixtures("_tiny")
def test_a_folder_becomes_an_adapter_that_fits_and_a_sheet(
    squares_on_disk: Path, config: ModelConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    given = [str(squares_on_disk), "--out", str(out), "--trigger", "squarish", "--set", "steps=3", "--set", "rate=0.05"]
    assert command.main([*given, "--set", "size=64", "--prompt", "a red square"]) == 0
    said = capsys.readouterr().out
    assert "step 3/3" in said
    assert f"adapter: {out}/run.safetensors" in said
    checked = check_file(out / "run.safetensors", flux.load(config).anatomy, 64, "it")
    assert checked.report.matched == checked.report.total
    with Image.open(out / "before-and-after.png") as sheet:
        assert sheet.size == (128, 260)


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--model", "maxi"], "there is no model 'maxi'; known: fast, mini"),
        (["--model", "fast"], "Fast"),
        (["--set", "stepps=3"], "--set stepps=3: write NAME=VALUE, where NAME is one of kind, rank"),
        (["--set", "rank=0"], "rank: Input should be greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    given: list[str], said: str, squares_on_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([str(squares_on_disk), *given]) == 1
    assert said in capsys.readouterr().err


def test_a_picture_without_a_caption_is_named(squares_on_disk: Path) -> None:
    (squares_on_disk / "green.txt").write_text(" \n")
    with pytest.raises(ConfigError, match="green.png has no caption: write one into green.txt"):
        read_folder(squares_on_disk)


def test_captions_may_lie_in_a_table(squares_on_disk: Path) -> None:
    for file in squares_on_disk.glob("*.txt"):
        file.unlink()
    rows = [f"{colour}.png,a {colour} one" for colour in COLOURS[:5]]
    (squares_on_disk / "captions.csv").write_text("\n".join(["file,caption", *rows]))
    assert {one.caption for one in read_folder(squares_on_disk)} == {f"a {colour} one" for colour in COLOURS[:5]}


def test_a_file_that_is_no_picture_is_named(squares_on_disk: Path) -> None:
    (squares_on_disk / "film.png").write_bytes(b"\0\0\0\x18ftypmp42")
    with pytest.raises(ConfigError, match="film.png cannot be read as a picture"):
        read_folder(squares_on_disk)


def test_transparent_and_printers_pictures_are_read_in_rgb(squares_on_disk: Path) -> None:
    Image.new("CMYK", (64, 64), (0, 0, 0, 0)).save(squares_on_disk / "cmyk.jpg")
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(squares_on_disk / "clear.png")
    for name in ("cmyk", "clear"):
        (squares_on_disk / f"{name}.txt").write_text("white\n")
    read = [one.opened() for one in read_folder(squares_on_disk) if one.caption == "white"]
    assert [(picture.mode, picture.getpixel((5, 5))) for picture in read] == [("RGB", (255, 255, 255))] * 2


def test_the_example_is_what_its_generator_draws(tmp_path: Path) -> None:
    write(LOOKS["kestrel"], tmp_path)
    names = {file.name for file in EXAMPLE.iterdir()}
    assert names == {file.name for file in tmp_path.iterdir()}
    for name in names:
        ours, theirs = EXAMPLE / name, tmp_path / name
        if ours.suffix == ".txt":
            assert ours.read_text() == theirs.read_text()
        else:
            with Image.open(ours) as one, Image.open(theirs) as other:
                assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_a_set_is_of_24_subjects_and_leaves_others_to_judge_by(name: str) -> None:
    drawn = list(samples(LOOKS[name]))
    assert len({one.subject for one in drawn}) == 24
    assert len({one.picture.tobytes() for one in drawn}) == 24
    assert not set(learned_subjects()) & set(unseen_subjects())
    assert all(LOOKS[name].words in one.caption and one.subject in one.caption for one in drawn)


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_a_ground_that_a_caption_asks_for_is_the_one_that_is_drawn(name: str) -> None:
    asked = [one for one in samples(LOOKS[name], 36, templated=True, grounds=True) if one.ground]
    assert len(asked) == 12
    assert all(f"on a {one.ground} background" in one.caption for one in asked)
    own = {one.subject: one.picture for one in samples(LOOKS[name], 36, grounds=True) if one.ground is None}
    corner = (2, 20)
    others = [one for one in asked if one.ground != "cream"]
    assert all(one.picture.getpixel(corner) != own[one.subject].getpixel(corner) for one in others)
