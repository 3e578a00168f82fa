"""The launcher refuses to start when it cannot, with one sentence; configs for clusters pass Serve's own schema."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.load import ROOT
from router.operations.wake import WAKE_QUERY
from serve.launch import Launch
from serve.terminal import Terminal
from tests.studio import local_installation

pytestmark = pytest.mark.slow


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "serve", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)


def test_a_busy_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("--http-port", str(port))
    assert ended.returncode == 2
    assert f"port {port} on 127.0.0.1 is busy" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_typo_in_a_profile_refuses_the_start_with_file_and_line(tmp_path: Path) -> None:
    profile = tmp_path / "mine.yaml"
    profile.write_text((ROOT / "configs/profiles/local.yaml").read_text().replace("default_model", "defualt_model"))
    ended = run("--profile", str(profile))
    assert ended.returncode == 2
    assert "mine.yaml:4: defualt_model: is not a setting; did you mean default_model" in ended.stdout


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_weights_that_cannot_be_read_refuse_the_start(tmp_path: Path, damage: str) -> None:
    checkout = tmp_path / "checkout"
    for room in ("configs", "deployments", "router", "serve"):
        shutil.copytree(ROOT / room, checkout / room, ignore=shutil.ignore_patterns("__pycache__"))
    weights = checkout / "deployments/weights/mini/transformer"
    if damage == "missing":
        shutil.rmtree(weights.parent)
    else:
        file = next(weights.glob("*.safetensors"))
        file.write_bytes(b"\xff" * 1000)
    command = [sys.executable, "-m", "serve", "--http-port", "18999", "--dashboard-port", "18998"]
    ended = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=250, check=False)
    assert ended.returncode == 2, ended.stdout
    assert "deployments/weights/mini" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("profile", ["local", "gpu", "door"])
def test_the_generated_serve_config_is_one_that_serve_accepts(profile: str) -> None:
    from ray.serve.schema import ServeDeploySchema

    ended = run("config", "--profile", profile)
    assert ended.returncode == 0, ended.stderr
    parsed = ServeDeploySchema.model_validate(json.loads(ended.stdout))
    assert parsed.applications[0].import_path == "serve.app:build"
    assert parsed.applications[0].args == {"profile": profile}


def test_a_worker_s_config_has_no_door() -> None:
    ended = run("config", "--profile", "worker")
    assert ended.returncode == 0, ended.stderr
    printed = json.loads(ended.stdout)
    assert (printed["proxy_location"], printed["applications"][0]["route_prefix"]) == ("Disabled", None)


def test_the_query_that_wakes_workers_is_printed() -> None:
    ended = run("config", "--wake-query")
    assert (ended.returncode, ended.stdout) == (0, WAKE_QUERY + "\n")


def test_whatever_ray_raises_becomes_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import ray

    def too_long(**_: object) -> None:
        raise Exception("The current node timed out during startup.")

    monkeypatch.setattr(ray, "init", too_long)
    launch = Launch(local_installation(tmp_path), Terminal(sys.stdout))
    with pytest.raises(ConfigError, match=r"Ray did not start \(Exception: The current node timed out"):
        launch._start_ray()
