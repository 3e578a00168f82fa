"""One real studio for the session: `python -m serve` as a user runs it, on free ports, its state in a new folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from configs.load import ROOT
from tests.ports import free_port

READY_SECONDS = 600
STOP_SECONDS = 60
REPORT_SECONDS = 5  # between two words of Ray's exporter: 10 s as people have it, half here, since tests wait for it


@dataclass(frozen=True)
class Cluster:
    """A running studio: a client of it, its process and what it printed so far."""

    api: httpx.Client
    process: psutil.Process
    dashboard: str
    state: Path
    log: Path


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Started once."""
    changes = "conductor: {apart: true}\n"  # in one process, all other tests have it
    with running_cluster(tmp_path_factory.mktemp("cluster"), changes) as cluster:
        yield cluster


@contextmanager
def running_cluster(folder: Path, changes: str) -> Iterator[Cluster]:
    """A studio with its state in `folder` and these lines in its profile; at the end, Ctrl-C must stop all of it."""
    profile = folder / "local.yaml"
    changes = f"state: {folder / 'state'}\n{changes}"
    profile.write_text((ROOT / "configs/profiles/local.yaml").read_text() + changes)
    http, dashboard = free_port(), free_port()
    command = [sys.executable, "-m", "serve", "--profile", str(profile), "-v"]
    command += ["--http-port", str(http), "--dashboard-port", str(dashboard)]
    log = folder / "log"
    with log.open("w") as stream:
        environment = os.environ | {"RAY_metrics_report_interval_ms": str(REPORT_SECONDS * 1000)}
        run = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_until_ready(run, log)
        with httpx.Client(base_url=f"http://127.0.0.1:{http}", timeout=30) as api:
            url = f"http://127.0.0.1:{dashboard}"
            yield Cluster(api, psutil.Process(run.pid), url, folder / "state", log)
        _stop_with_ctrl_c(run, [http, dashboard])
        assert not log.read_text().partition("stopping …")[2].partition("\n")[2], "one line closes it"
    finally:
        run.kill()


def _wait_until_ready(run: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while "ready after" not in log.read_text():
        assert run.poll() is None, f"the studio ended early:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"the studio is not ready:\n{log.read_text()}"
        time.sleep(0.2)


def _stop_with_ctrl_c(run: subprocess.Popen[bytes], ports: list[int]) -> None:
    started = psutil.Process(run.pid).children(recursive=True)
    os.kill(run.pid, signal.SIGINT)
    assert run.wait(STOP_SECONDS) == 0
    _, alive = psutil.wait_procs(started, timeout=60)
    assert not alive, f"left running: {[process.name() for process in alive]}"
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
