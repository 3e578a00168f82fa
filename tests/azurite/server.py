"""A real Azure Blob Storage for tests, Azurite: started on a free port, stopped and started again where a test says."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from azure.storage.blob import ContainerClient

from tests.ports import free_port

HERE = Path(__file__).resolve().parent
_MAIN = HERE / "node_modules/azurite/dist/src/blob/main.js"
_INSTALL = "Azurite is not installed: run `npm ci` in tests/azurite (`make test` does it) and test again"
_ACCOUNT = "devstoreaccount1"
# Azurite's one account has this published key.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_SECONDS = 60


class Azurite:
    """A server that keeps its blobs in `folder` while it is stopped."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What obstore reads to reach it; the URL of a container is `az://<container>`."""
        return {
            "AZURE_STORAGE_ACCOUNT_NAME": _ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": _KEY,
            "AZURE_STORAGE_ENDPOINT": self._endpoint,
        }

    @property
    def _endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}/{_ACCOUNT}"

    def create(self, container: str) -> None:
        """Make a container."""
        with ContainerClient(self._endpoint, container, credential=_KEY) as client:
            client.create_container()

    def start(self) -> None:
        """Serve what the folder holds, from now on."""
        options = ["--blobHost", "127.0.0.1", "--blobPort", str(self._port), "--location", str(self._folder)]
        command = [node(), str(_MAIN), *options, "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + _SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port)):
                return
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"Azurite did not start: {(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop; what it had answered is in the folder."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:  # it waits for answers that nobody reads to the end
            self._process.kill()
            self._process.wait(_SECONDS)
        self._process = None


@contextmanager
def running_azurite(folder: Path) -> Iterator[Azurite]:
    """Raises `RuntimeError` saying what to install when it is not on this machine."""
    if not _MAIN.exists():
        raise RuntimeError(_INSTALL)
    server = Azurite(folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def node() -> str:
    """Node from the machine, or the one that `make` installed."""
    installed = Path(os.environ.get("VIRTUAL_ENV", HERE.parents[1] / ".venv"), "bin/node")
    found = shutil.which("node") or (str(installed) if installed.exists() else None)
    if found is None:
        raise RuntimeError(_INSTALL)
    return found
