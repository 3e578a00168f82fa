"""The library from Python and from the command line, and a LoRA that is brought by either."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from atelier import AsyncAtelier, Atelier, errors

from tests.catalogue import copy_configs
from tests.clients.cli.terminal import ran
from tests.router.library.test_lora_uploads import safetensors
from tests.studio import PaintedGenerator, running_studio

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]
LICENCES = {"adapter": "apache-2.0", "training data": "apache-2.0"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = copy_configs(tmp_path_factory.mktemp("configs"))
    with running_studio(tmp_path_factory.mktemp("studio"), PaintedGenerator(), root) as url:
        yield url


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = ran(url, tmp_path, *arguments)
        assert done.returncode == code, done.stderr
        return done

    return run


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    file = tmp_path / "style.safetensors"
    file.write_bytes(safetensors(16))
    return file


def test_a_version_is_added_compared_marked_and_set_back(url: str) -> None:
    with Atelier(url) as studio:
        icon = studio.library.entry("asset-types", "icon")
        assert (icon.version, icon.marks, icon.author) == ("1.0.0", ("live",), "configs")
        added = studio.library.add("asset-types", "icon", "1.1.0", icon.body | {"name": "Sign"}, "a better name")
        assert studio.library.add("asset-types", "icon", "1.1.0", icon.body | {"name": "Sign"}).sha256 == added.sha256
        with pytest.raises(errors.VersionConflict, match="1.1.1"):
            studio.library.add("asset-types", "icon", "1.1.0", icon.body)
        (change,) = studio.library.diff("asset-types", "icon", "live", "1.1.0").changes
        assert (change.field, change.before, change.after) == ("name", "Icon", "Sign")
        studio.library.mark("asset-types", "icon", "live", "1.1.0", "try")
        plan = studio.plan("a cat").plan
        assert [(one.id, one.version, one.sha256) for one in plan.entries] == [("icon", "1.1.0", added.sha256)]
        studio.library.mark("asset-types", "icon", "live", "1.0.0", "back")
        moves = [(one.from_version, one.to_version, one.note) for one in studio.library.history("asset-types", "icon")]
        assert moves[:2] == [("1.1.0", "1.0.0", "back"), ("1.0.0", "1.1.0", "try")]
        versions = studio.library.versions("asset-types", "icon")
        assert [(one.version, one.notes) for one in versions][0] == ("1.1.0", "a better name")
        with pytest.raises(errors.UnknownName):
            studio.library.mark("asset-types", "icon", "live", "7.0.0")
        with pytest.raises(errors.NotFound):
            studio.library.entries("brushes")


def test_a_lora_is_brought_by_both_clients(url: str, lora: Path) -> None:
    async def again() -> str:
        async with AsyncAtelier(url) as studio:
            added = await studio.add_lora(lora, id="style", licences=LICENCES, strength=0.5, trigger_words=[])
            assert added.report is None
            assert added.notes
            return (await studio.library.entry("loras", "style")).sha256

    with Atelier(url) as studio:
        added = studio.add_lora(lora, id="style", licences=LICENCES, strength=0.5, trigger_words=[])
        assert added.report is not None
        assert added.report.trials[0].model == "mini"
        assert added.entry.body["default_strength"] == 0.5
        assert "style" in [one.id for one in studio.loras("mini")]
        assert studio.plan("a cat", loras=[{"id": "style"}]).plan.base.loras[0].entry == added.entry.sha256
        with pytest.raises(errors.VersionConflict):
            studio.add_lora(lora, id="style", licences=LICENCES, strength=0.7)
        with pytest.raises(errors.InvalidRequest, match="training data"):
            studio.add_lora(lora, id="other", licences={"adapter": "apache-2.0"})
        with pytest.raises(FileNotFoundError):
            studio.add_lora(lora.with_name("gone.safetensors"), id="other", licences=LICENCES)
    assert asyncio.run(again()) == added.entry.sha256


def test_one_that_is_to_have_no_mark_is_not_offered(url: str, lora: Path) -> None:
    with Atelier(url) as studio:
        assert studio.add_lora(lora, id="unmarked", licences=LICENCES, mark=None).entry.marks == ()
        assert "unmarked" not in [one.id for one in studio.loras()]


def test_one_that_is_larger_than_the_studio_takes_is_not_sent(url: str, run: Run, tmp_path: Path) -> None:
    large = tmp_path / "large.safetensors"
    with large.open("wb") as file:
        file.truncate(3 * 10**9)

    async def bring() -> None:
        async with AsyncAtelier(url) as studio:
            await studio.add_lora(large, id="large", licences=LICENCES)

    said = "^file: large.safetensors has 3,000,000,000 bytes, and the studio takes 2,147,483,648 at most"
    with Atelier(url) as studio, pytest.raises(errors.BadInput, match=said):
        studio.add_lora(large, id="large", licences=LICENCES)
    with pytest.raises(errors.BadInput, match=said):
        asyncio.run(bring())
    licences = [word for part, licence in LICENCES.items() for word in ("--licence", f"{part}={licence}")]
    assert "at most" in run("loras", "add", str(large), "--id", "large", *licences, code=2).stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trigger_words": "icon style"}, "trigger_words: give a list of texts"),
        ({"models": "mini"}, "models: give a list of texts"),
        ({"triger_words": ["icon"]}, "triger_words is no field of a LoRA; the fields are version"),
        ({"licences": ["adapter=mit"]}, "licences: give the licence of each part"),
        ({"name": "\ud800"}, "name: holds half of a character"),
    ],
)
def test_what_nobody_means_is_not_sent(lora: Path, given: dict[str, Any], said: str) -> None:
    with Atelier("http://127.0.0.1:9") as studio, pytest.raises(errors.BadInput, match=f"^{said}"):
        studio.add_lora(lora, **{"id": "x", "licences": LICENCES, **given})


@pytest.mark.parametrize("version", ["\ud800", 7])
def test_versions_that_are_no_text_are_named(version: Any) -> None:
    with Atelier("http://127.0.0.1:9") as studio:
        with pytest.raises(errors.BadInput, match="^version: "):
            studio.library.entry("loras", "x", version)
        with pytest.raises(errors.BadInput, match="^after: "):
            studio.library.diff("loras", "x", "live", version)
        with pytest.raises(errors.BadInput, match="^model: "):
            studio.loras(version)


def test_a_file_whose_name_is_no_text_is_sent_all_the_same(url: str, lora: Path) -> None:
    odd = lora.rename(lora.with_name("st\udcffyle.safetensors"))
    with Atelier(url) as studio:
        assert studio.add_lora(odd, id="odd", licences=LICENCES).entry.version == "1.0.0"


def test_the_command_shows_what_the_library_has_and_moves_marks(run: Run) -> None:
    assert "icon" in run("library", "list", "asset-types").stdout
    template = "prompt_template={prompt}, as a stamp"
    added = run("library", "add", "asset-types", "logo_illustration", "1.1.0", "--set", template, "--note", "stamps")
    assert added.stdout == "logo_illustration 1.1.0 is in the library\n"
    told = run("library", "diff", "asset-types", "logo_illustration", "live", "1.1.0").stdout
    assert "prompt_template" in told
    assert "+ {prompt}, as a stamp" in told
    moved = run("library", "mark", "asset-types", "logo_illustration", "live", "1.1.0", "--note", "nicer")
    assert moved.stdout == "logo_illustration: live is 1.1.0\n"
    assert "stamp" in run("library", "show", "asset-types", "logo_illustration").stdout
    history = run("library", "history", "asset-types", "logo_illustration").stdout
    assert [word in history for word in ("1.0.0", "1.1.0", "dev", "nicer")] == [True] * 4
    versions = json.loads(run("library", "versions", "asset-types", "logo_illustration", "--json").stdout)["versions"]
    assert [(one["version"], one["notes"]) for one in versions][0] == ("1.1.0", "stamps")
    away = run("library", "mark", "asset-types", "logo_illustration", "live", "none")
    assert away.stdout == "logo_illustration: no version is marked\n"
    run("library", "mark", "asset-types", "logo_illustration", "live", "1.0.0")


def test_what_is_shown_as_json_can_be_added_again(run: Run, tmp_path: Path) -> None:
    shown = run("library", "show", "asset-types", "premium_illustration", "--json").stdout
    (tmp_path / "entry.json").write_text(shown)
    run("library", "add", "asset-types", "premium_illustration", "1.2.0", "-f", "entry.json", "--set", "name=Poster")
    body = json.loads(run("library", "show", "asset-types", "premium_illustration", "1.2.0", "--json").stdout)["body"]
    assert body == json.loads(shown)["body"] | {"name": "Poster"}


@pytest.mark.parametrize("held", ['{"kind": "x", "version": "1.0.0", "body": [1]}', "[]", "7", "{", ""])
def test_a_file_that_holds_no_fields_is_named(run: Run, tmp_path: Path, held: str) -> None:
    (tmp_path / "entry.json").write_text(held)
    said = run("library", "add", "asset-types", "icon", "9.0.0", "-f", "entry.json", code=2).stderr
    assert "entry.json holds no JSON" in said


def test_the_command_brings_a_lora_with_a_report(run: Run, lora: Path) -> None:
    licences = ["--licence", "adapter=apache-2.0", "--licence", "training data=apache-2.0"]
    added = run("loras", "add", str(lora), "--id", "brought", *licences, "--trigger", "brandish")
    assert "brought 1.0.0 is in the library, live" in added.stdout
    assert "changes mini" in added.stdout
    assert "adds: brandish" in run("loras").stdout
    again = run("loras", "add", str(lora), "--id", "brought", *licences, "--trigger", "brandish")
    assert "Note: brought 1.0.0 was here already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["library", "list", "brushes"], "it has asset-types, brand-kits, datasets, loras, prompt-sets, experiments"),
        (["library", "show", "loras", "nobody"], "no LoRA 'nobody'"),
        (["library", "mark", "asset-types", "icon", "live", "9.0.0"], "it has live"),
        (["library", "mark", "asset-types", "icon", "best", "1.0.0"], "live and candidate"),
        (["library", "add", "asset-types", "icon", "1.0"], "'1.0' is not a version"),
        (["library", "add", "asset-types", "icon", "9.0.0", "--set", "name"], "FIELD=VALUE"),
        (["library", "add", "asset-types", "icon", "9.0.0", "-f", "gone.json"], "gone.json: No such file"),
        (["library", "add", "asset-types", "icon", "9.0.0", "--set", "colour=red"], "is not a field of this kind"),
        (["loras", "add", "gone.safetensors", "--id", "x", "--licence", "adapter=mine"], "training data"),
        (["loras", "--url", "http://127.0.0.1:9", "add", "x", "--id", "x", "--licence", "a=b"], "write it after 'add'"),
        (["loras", "--model", "mini", "add", "x", "--id", "x", "--licence", "a=b"], "write it after 'add'"),
        (["loras", "add", "entry.txt", "--id", "x", "--licence", "mine"], "PART=ID"),
    ],
)
def test_what_cannot_be_is_a_sentence(run: Run, arguments: list[str], said: str) -> None:
    if "gone.safetensors" in arguments:
        said = "gone.safetensors: No such file"
    done = run(*arguments, code=2)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
