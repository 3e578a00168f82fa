"""Weights of a hub repository: what is used of it, once, with the right hash; refusals say what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.progress import Progress
from deployments.checkpoints.source import locate
from tests.deployments.checkpoints.servers import Hub, Served, serving, serving_hub, sha256
from tests.deployments.checkpoints.test_mirror import FETCH

TENSORS = os.urandom(24 * 2**20)  # more than twice what the hub's client writes at a time
FILES = {
    "model_index.json": b'{"_class_name": "FluxPipeline"}',
    "flux1.safetensors": b"a copy in another format",
    "vae/config.json": b"{}",
    "vae/diffusion_pytorch_model.safetensors": TENSORS,
    "vae/diffusion_pytorch_model.fp16.safetensors": TENSORS[: 2**20],
    "vae/diffusion_pytorch_model.bin": b"a pickle",
    "vae_1_0/config.json": b"{}",
    "vae_1_0/diffusion_pytorch_model.safetensors": b"an older one",
    "tokenizer/tokenizer_config.json": b'{"model_max_length": 77}',
    "tokenizer/merges.txt": b"a b",
}
LARGE = "vae/diffusion_pytorch_model.safetensors"
USED = {
    "model_index.json",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "tokenizer/tokenizer_config.json",
    "tokenizer/merges.txt",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving_hub(Hub(dict(FILES)), monkeypatch) as served:
        yield served


def weights(hub: Hub, **changes: object) -> Weights:
    fields = {"repo": hub.repo, "revision": hub.commit, "components": ("vae", "tokenizer")}
    return Weights.model_validate({**fields, **changes})


def fetched(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def started(range: str | None) -> int:
    """The byte that a request began at."""
    return int(range.removeprefix("bytes=").split("-")[0]) if range else 0


def test_what_the_pipeline_uses_is_fetched_and_nothing_else(hub: Hub) -> None:
    assert fetched(locate(weights(hub), "model 'tiny'")) == USED


def test_without_components_every_folder_is_fetched_and_no_pickle(hub: Hub) -> None:
    found = fetched(locate(weights(hub, components=()), "model 'tiny'"))
    assert found == USED | {"vae_1_0/config.json", "vae_1_0/diffusion_pytorch_model.safetensors"}


def test_a_precision_is_fetched_alone(hub: Hub) -> None:
    found = fetched(locate(weights(hub, precision="fp16"), "model 'tiny'"))
    assert {name for name in found if name.endswith(".safetensors")} == {"vae/diffusion_pytorch_model.fp16.safetensors"}


def test_what_is_here_is_not_asked_for_again(hub: Hub) -> None:
    folder = locate(weights(hub), "model 'tiny'")
    asked = len(hub.asked)
    assert locate(weights(hub), "model 'tiny'") == folder
    assert len(hub.asked) == asked


def test_progress_grows_to_the_whole(hub: Hub) -> None:
    seen: list[Progress] = []
    locate(weights(hub), "model 'tiny'", report=seen.append)
    total = sum(len(FILES[name]) for name in USED)
    assert seen[-1] == Progress("model 'tiny'", total, total)


def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub: Hub) -> None:
    hub.breaks = 1
    folder = locate(weights(hub), "model 'tiny'")
    assert (folder / LARGE).read_bytes() == TENSORS
    assert [started(range) for range in hub.gets(LARGE)] == [0, len(TENSORS) // 2]


def test_what_arrived_before_a_failure_is_not_fetched_again(hub: Hub) -> None:
    hub.breaks = 100
    with pytest.raises(ConfigError, match=f"{LARGE} could not be fetched .* Start again: it goes on where it stopped"):
        locate(weights(hub), "model 'tiny'")
    hub.breaks = 0
    hub.asked.clear()
    assert fetched(folder := locate(weights(hub), "model 'tiny'")) == USED
    assert (folder / LARGE).read_bytes() == TENSORS
    assert [started(range) >= 12 * 2**20 for range in hub.gets(LARGE)] == [True]


def test_a_fetch_that_was_killed_goes_on_after_a_restart(hub: Hub, cache: Path) -> None:
    hub.stalls = 1
    environment = {**os.environ, "HF_ENDPOINT": hub.url}
    command = [sys.executable, "-c", FETCH, weights(hub).model_dump_json()]
    first = subprocess.Popen(command, env=environment)
    deadline = time.monotonic() + 120
    while not (here := sum(file.stat().st_size for file in cache.glob("hub/*/blobs/*.partial"))):
        assert first.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    place = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert fetched(Path(place)) == USED
    assert (Path(place) / LARGE).read_bytes() == TENSORS
    again = [started(range) for range in hub.gets(LARGE)]
    assert again[0] == 0
    assert here <= again[1] <= len(TENSORS) // 2
    assert not list(cache.glob("hub/*/blobs/*.partial"))


def test_of_several_large_files_only_what_is_missing_is_fetched(hub: Hub, cache: Path) -> None:
    other = LARGE.replace(".safetensors", "-2.safetensors")
    hub.files[other] = TENSORS[::-1]
    hub.breaks = 100
    with pytest.raises(ConfigError, match="could not be fetched"):
        locate(weights(hub), "model 'tiny'")
    hub.breaks = 0
    seen: list[Progress] = []
    folder = locate(weights(hub), "model 'tiny'", report=seen.append)
    assert [(folder / name).read_bytes() == hub.files[name] for name in (LARGE, other)] == [True, True]
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[0] > 12 * 2**20
    assert done[-1] == sum(len(hub.files[name]) for name in (*USED, other))


def test_the_token_goes_to_the_hub_and_not_to_where_it_sends_on(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.token = "hf_ours"
    monkeypatch.setenv("HF_TOKEN", hub.token)
    with serving(Served({sha256(content): content for content in FILES.values()})) as store:
        hub.elsewhere = store.url
        folder = locate(weights(hub), "model 'tiny'")
    assert (folder / LARGE).read_bytes() == TENSORS
    assert ("GET", sha256(TENSORS), None) in store.asked
    assert set(store.tokens) == {None}
    assert "Bearer hf_ours" in hub.tokens


def test_bytes_that_are_not_the_file_are_deleted_and_fetched_anew(hub: Hub, cache: Path) -> None:
    hub.breaks = 100
    with pytest.raises(ConfigError):
        locate(weights(hub), "model 'tiny'")
    (partial,) = cache.glob("hub/*/blobs/*.partial")
    partial.write_bytes(b"x" * partial.stat().st_size)
    hub.breaks = 0
    with pytest.raises(ConfigError, match=f"{LARGE} is not the file that its hash names"):
        locate(weights(hub), "model 'tiny'")
    assert (locate(weights(hub), "model 'tiny'") / LARGE).read_bytes() == TENSORS


def test_another_content_than_the_hub_lists_is_refused_and_fetched_anew(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "vae/diffusion_pytorch_model.safetensors"
    folder = locate(weights(hub), "model 'tiny'")
    blob = (folder / name).resolve()
    blob.write_bytes(TENSORS[:-1] + b"x")
    with pytest.raises(ConfigError, match="is not the file that its hash names"):
        locate(weights(hub), "model 'tiny'")
    assert (locate(weights(hub), "model 'tiny'") / name).read_bytes() == TENSORS


def test_a_hash_in_the_yaml_counts_too(hub: Hub) -> None:
    wrong = weights(hub, files={"vae/config.json": "0" * 64})
    with pytest.raises(ConfigError, match="vae/config.json is not the file that its hash names"):
        locate(wrong, "model 'tiny'")


def test_a_gated_repository_says_where_to_accept_and_what_to_set(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.token = "hf_ours"
    with pytest.raises(ConfigError) as refusal:
        locate(weights(hub), "model 'tiny'")
    assert refusal.value.message == (
        f"model 'tiny': 'studio/model' is gated: accept its licence at {hub.url}/studio/model, "
        "then set HF_TOKEN to a token of that account."
    )
    monkeypatch.setenv("HF_TOKEN", "hf_another")
    with pytest.raises(ConfigError, match="is gated and the hub refuses the account of HF_TOKEN: accept its licence"):
        locate(weights(hub), "model 'tiny'")
    monkeypatch.setenv("HF_TOKEN", "hf_ours")
    assert fetched(locate(weights(hub), "model 'tiny'")) == USED


def test_a_repository_that_is_not_there_is_named(hub: Hub) -> None:
    with pytest.raises(ConfigError, match="'studio/other' does not exist on the hub, or needs HF_TOKEN"):
        locate(weights(hub, repo="studio/other"), "model 'tiny'")


def test_a_revision_that_is_not_there_is_named(hub: Hub) -> None:
    with pytest.raises(ConfigError, match=f"'studio/model' has no revision '{'b' * 40}'"):
        locate(weights(hub, revision="b" * 40), "model 'tiny'")


def test_a_repository_without_an_expected_component_is_refused(hub: Hub) -> None:
    with pytest.raises(ConfigError, match="has no transformer, which its YAML expects"):
        locate(weights(hub, components=("vae", "transformer")), "model 'tiny'")


def test_offline_takes_what_is_here_and_asks_for_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    with pytest.raises(ConfigError, match="is not whole in the local cache, and nothing is fetched while ATELIER_OFF"):
        locate(weights(hub), "model 'tiny'")
    assert not hub.asked
    monkeypatch.delenv("ATELIER_OFFLINE")
    folder = locate(weights(hub), "model 'tiny'")
    monkeypatch.setenv("ATELIER_OFFLINE", "1")
    assert locate(weights(hub), "model 'tiny'") == folder


def test_what_a_killed_process_left_behind_is_deleted(hub: Hub, cache: Path) -> None:
    blobs = cache / "hub" / "models--studio--model" / "blobs"
    blobs.mkdir(parents=True)
    dead, alive = blobs / "a.1.incomplete", blobs / "b.2.incomplete"
    for file in (dead, alive):
        file.write_bytes(b"half of it")
    os.utime(dead, (0, 0))
    locate(weights(hub), "model 'tiny'")
    assert not dead.exists()
    assert alive.exists()


def test_two_processes_fetch_one_copy(hub: Hub) -> None:
    environment = {**os.environ, "HF_ENDPOINT": hub.url}
    command = [sys.executable, "-c", FETCH, weights(hub).model_dump_json()]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    places = {process.communicate(timeout=120)[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert fetched(Path(places.pop())) == USED
    assert hub.gets("vae/diffusion_pytorch_model.safetensors") == [None]
