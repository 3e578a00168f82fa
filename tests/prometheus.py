"""Debian's Prometheus over what a test runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from helm.observe.local import command, configuration
from helm.observe.local import program as find
from tests.ports import free_port
from tests.router.calls import until


def program(name: str) -> Path:
    """`prometheus` or `promtool`. Raises FileNotFoundError, and says what to do."""
    found = find(name)
    if found is None:
        raise FileNotFoundError(f"no {name} here: run tests/install-servers.sh prometheus")
    return found


class Prometheus:
    """One that runs; `kill` ends it as a machine that dies does."""

    def __init__(self, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url, self._process = url, process

    def query(self, expression: str) -> dict[str, float]:
        """Values by their labels, as text."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=10).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return {str(sorted(one["metric"].items())): float(one["value"][1]) for one in found}

    def alive(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def watching(folder: Path, studio: str | None = None, discovery: Path | None = None) -> Iterator[Prometheus]:
    """A Prometheus that scrapes each second a studio (host:port), or what a Ray has written down of itself."""
    port = free_port()
    start = command(program("prometheus"), folder, port, configuration(discovery, studio, interval="1s"))
    process = subprocess.Popen(start, env=os.environ | {"GOMAXPROCS": "1"}, stderr=subprocess.DEVNULL)
    prometheus = Prometheus(f"http://127.0.0.1:{port}", process)
    try:
        until(prometheus.alive)
        yield prometheus
    finally:
        prometheus.kill()
