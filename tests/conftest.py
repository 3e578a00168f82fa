"""Settings that hold for the whole suite: one thread per numerical library, no hub, no proxy on loopback, and which
tests keep together when several processes share them out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ["NO_PROXY"] = "127.0.0.1,localhost"

_SERVED = ("cluster", "contract")
"""Folders of which all tests use one server that is started for them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` runs two processes: the tests of a file, or of a server, go to the same."""
    tests = Path(__file__).parent
    for item in items:
        file = item.path.relative_to(tests)
        item.add_marker(pytest.mark.xdist_group(file.parts[0] if file.parts[0] in _SERVED else str(file)))
