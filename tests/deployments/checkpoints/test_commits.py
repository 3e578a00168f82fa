"""A repository at a branch: the commit and the files of the first fetch are written down, and nothing else is used."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from configs.catalog import Installation
from configs.errors import ConfigError
from configs.load import load_catalog
from configs.placements import GeneratorPlacement
from configs.profile import ProfileConfig
from configs.weights import Weights
from deployments.checkpoints import commits
from deployments.checkpoints.commits import find_locked, lock_path
from deployments.checkpoints.installed import find_unpinned
from deployments.checkpoints.source import locate
from tests.deployments.checkpoints.servers import Hub, serving_hub, sha256
from tests.deployments.checkpoints.test_mirror import FETCH

FILES = {"config.json": b'{"a": 1}', "model.safetensors": b"weights" * 400}
FIRST, LATER = "a" * 40, "b" * 40
MOVING = Weights(repo="studio/model", revision="main", layout="model", unpinned="none is known")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving_hub(Hub(dict(FILES), commit=FIRST), monkeypatch) as served:
        yield served


def fetch() -> Path:
    return locate(MOVING, "model 'tiny'")


def asked_of_the_branch(hub: Hub) -> int:
    return sum(path.endswith("/revision/main") for _, path, _ in hub.asked)


def test_the_first_fetch_resolves_the_branch_and_writes_down_commit_and_hashes(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        folder = fetch()
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == FILES
    locked = find_locked(MOVING)
    assert locked is not None
    assert (locked.commit, locked.files) == (FIRST, {name: sha256(content) for name, content in FILES.items()})
    assert f"studio/model stays at commit {FIRST}, where 'main' is now: {lock_path()} says so" in caplog.text


def test_a_branch_that_moves_changes_nothing(hub: Hub) -> None:
    folder = fetch()
    hub.branch = LATER
    assert fetch() == folder
    assert asked_of_the_branch(hub) == 1


def test_another_machine_that_shares_the_state_folder_fetches_the_same_commit(hub: Hub, cache: Path) -> None:
    fetch()
    shutil.rmtree(cache)
    hub.branch = LATER
    assert fetch().name == FIRST


def test_nothing_is_asked_offline_after_the_first_fetch(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    with pytest.raises(ConfigError, match="nothing is asked while ATELIER_OFFLINE"):
        fetch()
    assert not hub.asked
    assert not lock_path().exists()
    monkeypatch.delenv("ATELIER_OFFLINE")
    folder = fetch()
    hub.asked.clear()
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    assert fetch() == folder
    assert not hub.asked


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", ["hub", "lock"])
def test_other_bytes_at_the_same_commit_are_refused_until_accepted(
    hub: Hub, cache: Path, name: str, where: str
) -> None:
    fetch()
    if where == "hub":  # whose history was rewritten, or which is another one
        shutil.rmtree(cache)
        hub.files[name] = FILES[name][::-1]
    else:
        lock_path().write_text(lock_path().read_text().replace(sha256(FILES[name]), "0" * 64))
    with pytest.raises(ConfigError) as refused:
        fetch()
    sentence = refused.value.message
    assert f"{name} of 'studio/model' is another file than at its first fetch" in sentence
    assert f"`{commits.ACCEPT} ID`" in sentence
    with pytest.raises(ConfigError):
        fetch()
    assert commits.forget(MOVING, "tiny")
    assert (fetch() / name).read_bytes() == hub.files[name]


def test_a_commit_that_the_hub_no_longer_has_is_named_with_what_to_do(hub: Hub, cache: Path) -> None:
    fetch()
    shutil.rmtree(cache)
    hub.commit = LATER
    with pytest.raises(ConfigError, match=f"no longer has the commit {FIRST} .* `{commits.ACCEPT} ID`"):
        fetch()
    commits.forget(MOVING, "tiny")
    assert fetch().name == LATER


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '{"version": 2, "repositories": {}}', '{"repositories": {"studio/model@main": {}}}', "\xff"]
    + [json.dumps({"repositories": {"studio/model@main": {"commit": bad, "since": "2026-01-01T00:00:00Z"}}})
       for bad in ("main", "A" * 40, "a" * 39, None)],
)  # fmt: skip
def test_a_damaged_lock_is_refused_and_left_as_it_is(hub: Hub, damage: str) -> None:
    lock_path().parent.mkdir(parents=True)
    lock_path().write_text(damage, encoding="latin-1")
    with pytest.raises(ConfigError, match="weights-lock.json is damaged .* restore it, or delete it"):
        fetch()
    assert lock_path().read_text(encoding="latin-1") == damage
    assert not hub.asked


def test_a_lock_that_cannot_be_read_is_refused(hub: Hub) -> None:
    lock_path().mkdir(parents=True)
    with pytest.raises(ConfigError, match="weights-lock.json cannot be read .* make it readable"):
        fetch()


def test_a_lock_of_other_repositories_is_kept_beside(hub: Hub) -> None:
    other = {"commit": LATER, "since": "2026-01-01T00:00:00Z", "files": {}}
    lock_path().parent.mkdir(parents=True)
    lock_path().write_text(json.dumps({"repositories": {"studio/other@main": other, "studio/model@v2": other}}))
    fetch()
    kept = json.loads(lock_path().read_text())["repositories"]
    assert {name: one["commit"] for name, one in kept.items()} == {
        "studio/model@main": FIRST, "studio/model@v2": LATER, "studio/other@main": LATER
    }  # fmt: skip


def test_a_state_folder_that_takes_no_file_is_named_before_anything_is_fetched(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ATELIER_STATE", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="cannot be written to .* make the folder writable, set ATELIER_STATE"):
        fetch()
    assert not hub.asked


def test_a_lock_in_a_folder_that_is_read_only_is_honoured(hub: Hub) -> None:
    fetch()
    script = FETCH.replace("import sys", "import sys, os")
    lock_path().parent.chmod(0o500)
    try:
        powerless = ["setpriv", "--bounding-set", "-all"] if os.geteuid() == 0 else []
        command = [*powerless, sys.executable, "-c", script, MOVING.model_dump_json()]
        ended = subprocess.run(
            command, env={**os.environ, "HF_ENDPOINT": hub.url}, capture_output=True, text=True, check=True
        )
    finally:
        lock_path().parent.chmod(0o700)
    assert Path(ended.stdout.strip()).name == FIRST


def test_processes_that_start_at_once_agree_on_one_commit(hub: Hub) -> None:
    environment = {**os.environ, "HF_ENDPOINT": hub.url}
    command = [sys.executable, "-c", FETCH, MOVING.model_dump_json()]
    several = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(3)]
    places = {process.communicate(timeout=120)[0].strip() for process in several}
    assert [process.returncode for process in several] == [0, 0, 0]
    assert {Path(place).name for place in places} == {FIRST}
    assert asked_of_the_branch(hub) == 1


def test_the_start_says_at_which_commit_a_repository_stays(hub: Hub) -> None:
    catalog = load_catalog()
    model = catalog.models["mini"].model_copy(update={"weights": MOVING})
    profile = ProfileConfig(
        id="test", description="", generators=(GeneratorPlacement(model="mini"),), default_model="mini"
    )
    changed = catalog.model_copy(update={"models": {"mini": model}})
    installation = Installation(root="", profile=profile, catalog=changed, capabilities={})
    (before,) = find_unpinned(installation)
    assert (
        before
        == f"model 'mini': studio/model has no commit: where 'main' is at the first fetch, it stays ({lock_path()})"
    )
    fetch()
    (after,) = find_unpinned(installation)
    assert after.startswith(f"model 'mini': studio/model stays at {FIRST}, where 'main' was on 2")


def test_a_cache_that_takes_no_file_is_named(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path / "taken"))
    with pytest.raises(ConfigError, match="'studio/model' cannot be kept .* set ATELIER_WEIGHTS to a folder of yours"):
        fetch()
