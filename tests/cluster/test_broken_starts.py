"""Starts that get as far as Ray and no further: the reason of a replica reaches people, and a stop leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from configs.load import ROOT
from tests.cluster.conftest import READY_SECONDS, STOP_SECONDS
from tests.ports import free_port

pytestmark = pytest.mark.cluster


def command(folder: Path) -> list[str]:
    profile = folder / "local.yaml"
    profile.write_text((ROOT / "configs/profiles/local.yaml").read_text() + f"state: {folder / 'state'}\n")
    ports = ["--http-port", str(free_port()), "--dashboard-port", str(free_port())]
    return [sys.executable, "-m", "serve", "--profile", str(profile), *ports]


@pytest.mark.long
def test_what_a_replica_found_wrong_is_the_one_line_that_people_read(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for room in ("configs", "deployments", "router", "serve"):
        shutil.copytree(ROOT / room, checkout / room, ignore=shutil.ignore_patterns("__pycache__"))
    config = checkout / "deployments/weights/mini/transformer/config.json"
    described = json.loads(config.read_text())
    config.write_text(json.dumps({**described, "num_layers": described["num_layers"] + 1}))
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    ended = subprocess.run(
        command(tmp_path), cwd=checkout, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert (ended.returncode, ended.stderr) == (2, "")
    (line,) = ended.stdout.splitlines()
    assert line.startswith("cannot start: ")
    assert "deployments/weights/mini/transformer" in line
    assert "is missing. The weights and the config.json beside them are not of one model" in line
    assert "Traceback" in (tmp_path / "state/logs/launch.log").read_text(), "the whole report is kept"


@pytest.mark.parametrize(
    "child",
    ["raylet", *(pytest.param(name, marks=pytest.mark.long) for name in ("gcs_server", "ray::ServeController"))],
)
def test_a_stop_during_the_start_says_so_and_leaves_nothing(child: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stream:
        run = subprocess.Popen(
            command(tmp_path), cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        started = _wait_for(child, psutil.Process(run.pid))
        os.kill(run.pid, signal.SIGTERM)
        assert run.wait(STOP_SECONDS) == 0
        _, alive = psutil.wait_procs(started, timeout=60)
        assert not alive, f"left running: {[process.name() for process in alive]}"
    finally:
        run.kill()
    assert log.read_text().split() == ["stopped", "before", "it", "was", "ready"]


def _wait_for(name: str, run: psutil.Process) -> list[psutil.Process]:
    """All processes of `run`, once one of that name is among them."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        found = run.children(recursive=True)
        if any(name.startswith(process.name()[:15]) for process in found if process.name()):
            return found
        time.sleep(0.05)
    raise AssertionError(f"{name} did not start")
