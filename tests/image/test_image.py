"""The image is within its budget, and draws a picture where nothing but three folders can be written."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from atelier import Atelier

from tests.image import built
from tests.ports import free_port

MISSING = built.missing()
pytestmark = [
    pytest.mark.image,
    pytest.mark.long,
    pytest.mark.slow,
    pytest.mark.skipif(MISSING is not None, reason=str(MISSING)),
]
MB = 10**6
BUDGET = {"opt/torch": 900 * MB, "opt/venv": 1400 * MB, "opt/atelier": 60 * MB}
"""On CPUs, unpacked; CUDA's wheels add gigabytes to the first."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("image")
    built.make_base(folder)
    built.build(built.fetch_wheels(folder))
    container, place = built.mounted()
    yield place
    built.forget(container)


@pytest.mark.parametrize("folder", BUDGET)
def test_each_layer_is_within_its_budget(tree: Path, folder: str, record_property: Any) -> None:
    found = built.size(tree, folder)
    record_property(folder, found)
    sys.stderr.write(f"{folder}: {found / MB:.0f} MB, of {BUDGET[folder] / MB:.0f} at most\n")
    assert found < BUDGET[folder]


def test_nothing_is_in_it_that_is_not_needed(tree: Path) -> None:
    assert {each.name for each in (tree / "opt" / "atelier").iterdir()} == {
        ".atelier",
        "clients",
        "configs",
        "constraints.txt",
        "deployments",
        "pyproject.toml",
        "router",
        "serve",
        "training",
    }


def test_it_draws_a_picture_as_a_restricted_pod(tree: Path, tmp_path: Path) -> None:
    http, dashboard = free_port(), free_port()
    studio = built.restricted(tree, f"tini -- python -m serve -v --http-port {http} --dashboard-port {dashboard}")
    try:
        url = f"http://127.0.0.1:{http}"
        _wait_for(studio, f"{url}/-/healthz")
        with Atelier(url) as client:
            job = client.wait(client.generate("a red bicycle icon"))
            picture = client.download(job.images[0], "png", to=tmp_path / "picture.png")
        assert picture.read_bytes().startswith(b"\x89PNG")
    finally:
        studio.terminate()
        studio.wait()


def _wait_for(studio: subprocess.Popen[bytes], url: str) -> None:
    while True:
        assert studio.poll() is None, "it ended"
        with suppress(httpx.TransportError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(1)
