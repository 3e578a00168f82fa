"""Weights of a URL: mirrored once, whole, with the right hash, by one process at a time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.fingerprint import fingerprint
from deployments.checkpoints.progress import Progress
from deployments.checkpoints.source import locate
from tests.deployments.checkpoints.servers import Served, serving, sha256

TENSORS = os.urandom(12 * 2**20)
CONFIG = b'{"hidden_size": 16}'
NAMES = ("config.json", "model.safetensors")
FETCH = """
import sys
from configs.weights import Weights
from deployments.checkpoints.source import locate
print(locate(Weights.model_validate_json(sys.argv[1]), "model 'tiny'"))
"""


@pytest.fixture
def server() -> Iterator[Served]:
    with serving(Served({"models/tiny/config.json": CONFIG, "models/tiny/model.safetensors": TENSORS})) as served:
        yield served


def weights(server: Served, **changes: object) -> Weights:
    fields = {
        "url": f"{server.url}/models/tiny",
        "layout": "model",
        "files": {"config.json": sha256(CONFIG), "model.safetensors": sha256(TENSORS)},
    }
    return Weights.model_validate({**fields, **changes})


def test_files_arrive_whole_and_are_asked_for_once(server: Served) -> None:
    folder = locate(weights(server), "model 'tiny'")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == dict(
        zip(NAMES, (CONFIG, TENSORS), strict=True)
    )
    asked = len(server.asked)
    assert locate(weights(server), "model 'tiny'") == folder
    assert len(server.asked) == asked


def test_progress_grows_to_the_whole(server: Served) -> None:
    seen: list[Progress] = []
    locate(weights(server), "model 'tiny'", report=seen.append)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert len(done) > 3
    assert seen[-1] == Progress("model 'tiny'", len(TENSORS) + len(CONFIG), len(TENSORS) + len(CONFIG))


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server: Served) -> None:
    server.breaks = 1
    folder = locate(weights(server), "model 'tiny'")
    assert (folder / "model.safetensors").read_bytes() == TENSORS
    ranges = server.gets("model.safetensors")
    assert ranges[0] is None
    assert ranges[1] is not None


def test_a_server_without_tags_is_asked_for_the_rest_too(server: Served) -> None:
    server.breaks, server.etags = 1, False
    folder = locate(weights(server), "model 'tiny'")
    assert (folder / "model.safetensors").read_bytes() == TENSORS
    first, second = server.gets("model.safetensors")
    assert (first, (second or "")[:6]) == (None, "bytes=")


def test_what_arrived_before_a_failure_is_not_fetched_again(server: Served, cache: Path) -> None:
    server.breaks = 100
    server.etags = False  # without a tag the client cannot go on by itself
    with pytest.raises(ConfigError, match=r"model\.safetensors could not be fetched .* goes on where it stopped"):
        locate(weights(server), "model 'tiny'")
    kept = sum(file.stat().st_size for file in cache.rglob("*.partial"))
    assert kept > 0
    server.breaks = 0
    folder = locate(weights(server), "model 'tiny'")
    assert (folder / "model.safetensors").read_bytes() == TENSORS
    assert server.gets("model.safetensors")[-1] == f"bytes={kept}-"
    assert not list(cache.rglob("*.partial"))


def test_a_server_without_ranges_begins_again(server: Served) -> None:
    server.breaks, server.ranges, server.etags = 100, False, False
    with pytest.raises(ConfigError):
        locate(weights(server), "model 'tiny'")
    server.breaks = 0
    folder = locate(weights(server), "model 'tiny'")
    assert (folder / "model.safetensors").read_bytes() == TENSORS


def test_another_content_than_its_hash_names_is_refused_and_not_kept(server: Served, cache: Path) -> None:
    server.files["models/tiny/model.safetensors"] = TENSORS[:-1] + b"x"
    with pytest.raises(ConfigError, match=r"model\.safetensors is not the file that its hash names .* was deleted"):
        locate(weights(server), "model 'tiny'")
    assert not list(cache.glob("urls/*"))
    assert not list(cache.rglob("*.partial"))


def test_a_pickle_is_never_fetched(server: Served) -> None:
    server.files["models/tiny/model.bin"] = b"cos\nsystem\n"
    with pytest.raises(ValueError, match=r"'model\.bin' is not of a kind that is fetched"):
        weights(server, files={"model.bin": sha256(b"cos\nsystem\n")})
    assert not server.asked


def test_a_missing_file_is_named(server: Served) -> None:
    del server.files["models/tiny/config.json"]
    with pytest.raises(ConfigError, match=r"has no config\.json: check 'weights' in its YAML"):
        locate(weights(server), "model 'tiny'")


def test_a_server_that_is_down_is_a_sentence(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = weights(server, url="http://127.0.0.1:9/models/tiny")
    with pytest.raises(ConfigError, match="could not be fetched from http://127.0.0.1:9") as refusal:
        locate(wanted, "model 'tiny'")
    assert refusal.value.field == "weights.url"


def test_a_full_disk_is_noticed_before_the_download(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ConfigError, match=r"12\.6 MB are still to be fetched and .* has 1\.0 kB free\. Make room"):
        locate(weights(server), "model 'tiny'")
    assert not server.gets("model.safetensors")


def test_a_disk_that_fills_up_is_a_sentence(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="the disk is full while fetching config.json. Make room"):
        locate(weights(server), "model 'tiny'")


def test_offline_takes_what_is_here_and_asks_for_nothing(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    with pytest.raises(ConfigError, match="is not in the local cache, and nothing is fetched while ATELIER_OFFLINE"):
        locate(weights(server), "model 'tiny'")
    assert not server.asked
    monkeypatch.setenv("ATELIER_OFFLINE", "0")
    folder = locate(weights(server), "model 'tiny'")
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    assert locate(weights(server), "model 'tiny'") == folder


def test_two_processes_fetch_one_copy(server: Served) -> None:
    command = [sys.executable, "-c", FETCH, weights(server).model_dump_json()]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    places = {process.communicate(timeout=120)[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(places) == 1
    assert (Path(places.pop()) / "model.safetensors").read_bytes() == TENSORS
    assert server.gets("model.safetensors") == [None]


def test_one_content_is_kept_once(server: Served, cache: Path) -> None:
    server.files["models/copy/model.safetensors"] = TENSORS
    first = locate(weights(server), "model 'tiny'")
    copy = weights(server, url=f"{server.url}/models/copy", files={"model.safetensors": sha256(TENSORS)})
    second = locate(copy, "model 'copy'")
    assert (first / "model.safetensors").resolve() == (second / "model.safetensors").resolve()
    assert not server.gets("copy/model.safetensors")


def test_its_recipe_names_the_same_weights_as_a_local_copy(server: Served, tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.mkdir()
    (local / "model.safetensors").write_bytes(TENSORS)
    assert fingerprint([locate(weights(server), "model 'tiny'")]) == fingerprint([local])


def test_one_file_is_fetched_by_name(server: Served) -> None:
    wanted = weights(server, file="model.safetensors", files={"model.safetensors": sha256(TENSORS)})
    assert locate(wanted, "LoRA 'icons'").read_bytes() == TENSORS
    assert not server.gets("config.json")


def test_a_bucket_is_listed_and_only_what_is_used_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from obstore.store import LocalStore

    from deployments.checkpoints import mirror

    bucket = tmp_path / "bucket"
    for name in ("model_index.json", "vae/config.json", "vae/model.safetensors", "vae/model.bin", "vae/model.onnx"):
        (bucket / name).parent.mkdir(parents=True, exist_ok=True)
        (bucket / name).write_bytes(b"{}")
    monkeypatch.setattr(mirror, "open_store", lambda _: LocalStore(bucket))
    folder = locate(Weights(url="az://studio/models/tiny", unpinned="a test", components=("vae",)), "model 'tiny'")
    found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert found == {"model_index.json", "vae/config.json", "vae/model.safetensors"}
