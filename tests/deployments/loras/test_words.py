"""What strangers wrote into a LoRA's file is shown and stored as plain text, and never stops a file halfway in."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rich.console import Console

from configs.load import ROOT, load_catalog, read_document
from configs.schema import LoraConfig
from configs.text import one_line
from deployments.loras import __main__ as command
from deployments.loras import files, intake, origin
from deployments.loras.inspection import Findings, examine
from deployments.terminal import CannotPrint, headed, plain_console
from tests.deployments.loras.published import diffusers, draw, save
from tests.deployments.loras.test_import import AWAY, LICENCES, MODEL
from tests.deployments.tiny import save_tiny
from tests.strangers import SNIPPETS, hidden, texts

ANYTHING = "".join(SNIPPETS)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one tiny model."""
    folder = tmp_path_factory.mktemp("installation")
    shutil.copytree(ROOT / "configs", folder / "configs", ignore=shutil.ignore_patterns(*AWAY))
    (folder / "configs/models").mkdir()
    (folder / "configs/loras").mkdir(exist_ok=True)
    model = MODEL.format(folder=save_tiny(folder / "tiny"))
    (folder / "configs/models/tiny.yaml").write_text(model)
    return folder


@pytest.fixture
def loras(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The installation's folder of LoRAs, empty."""
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path / "weights"))
    shutil.rmtree(root / "configs/loras")
    (root / "configs/loras").mkdir()
    return root / "configs/loras"


@pytest.fixture(scope="module")
def findings(root: Path) -> Findings:
    file = save(root, "found", *diffusers(draw()))
    return examine(file, files.read(file, "x"), [load_catalog(root).models["tiny"]], "x")


def headers(text: str) -> dict[str, str]:
    """Metadata with this text wherever a file has words. Files hold UTF-8, so no lone surrogates."""
    text = text.encode(errors="replace").decode()
    return {
        "modelspec.architecture": text,
        "modelspec.trigger_phrase": f"tok, {text}",
        "ss_tag_frequency": json.dumps({"a": {text: 9, "tag": 1}}),
    }


def taken_in(loras: Path, tmp_path: Path) -> dict[str, bytes]:
    """All files where LoRAs are kept."""
    found = [path for folder in (loras, tmp_path / "weights") for path in folder.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes() for path in found}


@given(name=texts, description=texts, words=st.lists(texts, max_size=3), part=texts, comment=texts)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_loads_back_equal(
    name: str, description: str, words: list[str], part: str, comment: str, tmp_path: Path
) -> None:
    words = [word for word in words if 0 < len(one_line(word)) <= 100]
    parts = [{"part": "adapter", "licence": "apache-2.0"}, {"part": part, "licence": "mit"}]
    config = LoraConfig.model_validate(
        {
            "id": "x",
            "family": "flux",
            "weights": {"path": "x"},
            "licence_parts": parts,
            "name": name,
            "description": description,
            "trigger_words": words,
        }
    )
    file = tmp_path / "x.yaml"
    file.write_bytes(intake.to_yaml(config, comment).encode())
    document = read_document(file)
    assert LoraConfig.model_validate(document.data) == config
    assert set(hidden(document.text)) <= {"\n"}


@given(texts)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_report_shows_the_words_themselves_and_all_of_its_rows(findings: Findings, text: str) -> None:
    metadata = headers(text)
    words = origin.trigger_words(metadata)
    found = replace(
        findings,
        made_for=origin.stated(metadata),
        trigger_words=words,
        frequent_tags=origin.frequent_tags(metadata),
    )
    assert "tok" in words
    for shown in (words, ()):
        printed = Console(file=io.StringIO(), width=2000, markup=False, emoji=False, highlight=False)
        printed.print(command._table(found, shown))
        report = printed.file.getvalue()  # type: ignore[attr-defined]
        assert set(hidden(report)) <= {"\n"}
        assert all(row in report for row in ("format", "made for", "keys matched", "runs on tiny", "trigger words"))
        assert one_line(metadata["modelspec.architecture"], 100) in report
        assert all(word in report for word in shown)
        assert shown or all(tag in report for tag in found.frequent_tags)


@given(texts)
def test_a_console_prints_what_it_is_given(text: str) -> None:
    assume(one_line(text))
    console = plain_console()
    with console.capture() as captured:
        console.print(one_line(text), soft_wrap=True)
        console.print(headed("refused:", "bold red", text), soft_wrap=True)
    assert captured.get().startswith(one_line(text))
    assert "\nrefused: " in captured.get()


@pytest.mark.parametrize("text", [ANYTHING, *(f"[/red]{one}tok" for one in SNIPPETS)])
def test_every_text_can_be_taken_in(
    text: str, root: Path, loras: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, findings: Findings
) -> None:
    monkeypatch.setattr(command, "examine", lambda *_: findings)
    contents = {**headers(text), "trigger_word": text.encode(errors="replace").decode()}
    contents.pop("modelspec.trigger_phrase")
    name = text.encode(errors="ignore").decode().replace("/", "").replace("\0", "")[:60]
    file = save(tmp_path, "x", diffusers(draw())[0], contents)
    file = file.rename(tmp_path / f"{name}\nfamily: sdxl.safetensors")
    arguments = ["import", str(file), "--id", "odd", "--name", f"x{text}", "--description", text, *LICENCES]
    assert command.main(arguments, root) == 0
    config = load_catalog(root).loras["odd"]
    assert config.family == "flux"
    assert (config.name, config.trigger_words) == (one_line(f"x{text}"), origin.trigger_words(contents))
    assert set(hidden((loras / "odd.yaml").read_text())) <= {"\n"}


def test_a_terminal_without_the_letters_prints_escapes(
    root: Path, loras: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, findings: Findings
) -> None:
    monkeypatch.setattr(command, "examine", lambda *_: findings)
    file = save(tmp_path, "x", diffusers(draw())[0], headers("漢字 ☕"))
    printed = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", printed)
    assert command.main(["import", str(file), "--id", "odd", *LICENCES], root) == 0
    printed.seek(0)
    assert "\\u6f22\\u5b57" in printed.read()
    assert (loras / "odd.yaml").exists()


class Interrupted(BaseException):
    """What no code expects."""


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device", "/x"), Interrupted()])
@pytest.mark.parametrize("replacing", [False, True])
def test_a_fault_at_any_moment_leaves_all_or_nothing(
    fault: BaseException,
    replacing: bool,
    root: Path,
    loras: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    findings: Findings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "examine", lambda *_: findings)
    if replacing:
        assert (
            command.main(["import", str(save(tmp_path, "a", *diffusers(draw(2)))), "--id", "x", *LICENCES], root) == 0
        )
    before = taken_in(loras, tmp_path)
    arguments = ["import", str(save(tmp_path, "b", *diffusers(draw(3)))), "--id", "x", "--replace", *LICENCES]
    for owner, name in _MOMENTS:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _failing(getattr(owner, name), fault))
            try:
                assert command.main(arguments, root) == 1
                assert "nothing was changed" in capsys.readouterr().err
            except Interrupted:
                pass
        assert taken_in(loras, tmp_path) == before, name
    assert command.main(arguments, root) == 0
    assert taken_in(loras, tmp_path) != before


_MOMENTS: list[tuple[Any, str]] = [
    (shutil, "copyfile"),
    (os, "replace"),
    (intake, "to_yaml"),
    (intake, "load_catalog"),
    (intake, "from_root"),
]


def _failing(call: Any, fault: BaseException) -> Any:
    """The call as it was from the second time on; the first fails when its work is done."""
    calls: list[None] = []

    def fail(*arguments: Any, **options: Any) -> Any:
        result = call(*arguments, **options)
        calls.append(None)
        if len(calls) == 1:
            raise fault
        return result

    return fail


def test_nothing_is_taken_in_if_the_report_cannot_be_printed(
    root: Path, loras: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, findings: Findings
) -> None:
    monkeypatch.setattr(command, "examine", lambda *_: findings)
    file = save(tmp_path, "x", *diffusers(draw()))
    full = io.StringIO()
    monkeypatch.setattr(full, "write", _failing(full.write, OSError(28, "No space left on device")))
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(CannotPrint, match="No space left"):
        command.main(["import", str(file), "--id", "x", *LICENCES], root)
    assert taken_in(loras, tmp_path) == {}


def test_a_file_whose_name_is_not_utf8_is_refused_in_one_line(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = save(tmp_path, "x", *diffusers(draw())).rename(tmp_path / "a\n[red]\udcff.safetensors")
    assert command.main(["check", str(file)], root) == 1
    refusal = capsys.readouterr().err
    assert refusal.startswith("refused: a [red].safetensors: ")
    assert refusal.count("\n") == 1


def test_lists_of_trigger_words_are_read_as_lists() -> None:
    for phrase in ("a b, [c]", '["a b", "[c]"]', "['a b', '[c]']", '"a b", [c]'):
        assert origin.trigger_words({"trigger_words": phrase}) == ("a b", "[c]")
    assert origin.trigger_words({"trigger_phrase": "[trigger], photo of [name]"}) == ("[trigger]", "photo of [name]")
    assert origin.trigger_words({"modelspec.trigger_phrase": "\x1b[2J", "trigger_word": "x"}) == ("x",)


def test_tags_are_counted_whatever_the_numbers() -> None:
    for odd in ('{"a": {"b": Infinity}}', '{"a": {"b": 1e999}}', "[" * 100_000, '{"a": {"b": NaN}}', '{"a": null}'):
        assert origin.frequent_tags({"ss_tag_frequency": odd}) == ()
