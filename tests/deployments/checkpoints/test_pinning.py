"""`pin` asks a hub which commit a branch is at and writes that into the YAML, or says what to do and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.checkpoints import __main__ as command
from tests.catalogue import copy_configs, edit, load_installation
from tests.deployments.checkpoints.servers import Hub, serving_hub

FILES = {"config.json": b"{}", "model.safetensors": b"weights"}
WEIGHTS = """weights:
  repo: studio/model  # the one of the studio
  revision: main
  unpinned: no commit of it is known here
  layout: model
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving_hub(Hub(dict(FILES), commit="c" * 40), monkeypatch) as served:
        yield served


@pytest.fixture
def yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That of mini, at a branch of the hub's repository; the command works on it."""
    root = copy_configs(tmp_path)
    monkeypatch.setattr(command, "ROOT", root)
    file = root / "configs/models/mini.yaml"
    edit(file, "weights:\n  path: deployments/weights/mini\n", WEIGHTS)
    return file


def refused(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert command.main([*arguments]) == 2
    return capsys.readouterr().out


def test_the_commit_is_written_and_nothing_else(
    hub: Hub, yaml: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = yaml.read_text()
    assert command.main(["pin", "mini"]) == 0
    assert f"weights: studio/model stays at {hub.commit}" in capsys.readouterr().out
    unexcused = before.replace("  unpinned: no commit of it is known here\n", "")
    assert yaml.read_text() == unexcused.replace("revision: main", f"revision: {hub.commit}")
    assert load_installation("local", yaml.parents[2]).catalog.models["mini"].weights.commit
    assert command.main(["pin", "mini"]) == 0
    assert "nothing to pin" in capsys.readouterr().out


def test_the_commit_of_the_first_fetch_is_the_one_that_is_written(
    hub: Hub, yaml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["fetch", "mini"]) == 0
    assert f"studio/model at {hub.commit}, at which it stays" in capsys.readouterr().out
    hub.branch = "d" * 40
    assert command.main(["pin", "mini"]) == 0
    assert f"revision: {hub.commit}\n" in yaml.read_text()


def test_every_source_of_a_model_is_pinned_and_one_that_is_named_twice_once(hub: Hub, yaml: Path) -> None:
    borrowed = "borrowed:\n  text_encoder_4: &other {repo: studio/model, revision: main, unpinned: x}\n"
    edit(yaml, "text_length:", f"{borrowed}  tokenizer_4: *other\ntext_length:")
    assert command.main(["pin", "mini"]) == 0
    text = yaml.read_text()
    assert f"&other {{repo: studio/model, revision: {hub.commit}}}\n  tokenizer_4: *other\n" in text
    assert "revision: main" not in text


def test_a_model_that_ships_without_a_commit_can_be_pinned(
    hub: Hub, yaml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.repo = "deepseek-community/Janus-Pro-7B"
    assert command.main(["pin", "janus-pro-7b"]) == 0
    text = (yaml.parent / "janus-pro-7b.yaml").read_text()
    assert f"  repo: {hub.repo}\n  revision: {hub.commit}\n  layout: model\n" in text


def test_a_gated_repository_is_pinned_by_whoever_asks_and_fetched_by_who_may(
    hub: Hub, yaml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.token = "hf_ours"
    assert command.main(["pin", "mini"]) == 0
    assert f"is gated: accept its licence at {hub.url}/studio/model" in refused("fetch", "mini", capsys=capsys)


def test_a_hub_that_cannot_be_asked_is_told_of_with_what_to_do(
    hub: Hub, yaml: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = yaml.read_text()
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    assert "Unset it once, or write its commit (40 hex digits)" in refused("pin", "mini", capsys=capsys)
    assert not hub.asked
    monkeypatch.delenv("ATELIER_OFFLINE")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert "since the hub does not answer: connect once, or write" in refused("pin", "mini", capsys=capsys)
    assert yaml.read_text() == before


def test_what_the_hub_does_not_have_or_does_not_show_is_named(
    hub: Hub, yaml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.repo = "studio/another"
    assert "'studio/model' does not exist on the hub, or needs HF_TOKEN" in refused("pin", "mini", capsys=capsys)
    hub.repo = "studio/model"
    edit(yaml, "revision: main", "revision: v2")
    assert "has no revision 'v2'" in refused("pin", "mini", capsys=capsys)
    assert "not pinned: 'minni' is not known; known: flux-1-dev" in refused("pin", "minni", capsys=capsys)


def test_a_yaml_that_cannot_be_changed_safely_is_left_with_the_commits_to_write(
    hub: Hub, yaml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(yaml, WEIGHTS, "weights: {repo: &it studio/model, revision: &at main, layout: model, unpinned: x}\n")
    edit(yaml, "text_length:", "borrowed: {tokenizer_4: {repo: *it, revision: *at, unpinned: x}}\ntext_length:")
    before = yaml.read_text()
    assert f"write the commits by hand: weights: {hub.commit}" in refused("pin", "mini", capsys=capsys)
    assert yaml.read_text() == before
    assert not list(yaml.parent.glob(".*"))
