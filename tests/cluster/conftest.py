"""One real Ray cluster for the session: the launcher's own start, on free ports, with its state in a new folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from configs.schema import Address
from serve.launch import Launch
from tests.studio import local_installation


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the running studio. The dashboard is off: no test here looks at it."""
    os.environ["RAY_AUTH_MODE"] = "disabled"
    state: Path = tmp_path_factory.mktemp("cluster")
    installation = local_installation(state, http=Address(port=free_port()), dashboard=None)
    launch = Launch(installation, Console(stderr=True), verbose=True)
    launch.start()
    try:
        url = f"http://127.0.0.1:{installation.profile.http.port}"
        with httpx.Client(base_url=url, timeout=30) as client:
            yield client
    finally:
        launch.stop()
