"""One test that hangs fails, and keeps none of those behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from configs.load import ROOT
from tests.time_limits import PATIENT_SECONDS, give_patience

HUNG = """
import threading

def test_hung():
    threading.Event().wait()

def test_behind_it():
    pass
"""


@pytest.mark.slow
def test_a_test_that_hangs_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    (tmp_path / "test_hung.py").write_text(HUNG)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--timeout",
        "1",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run([*command, str(tmp_path / "test_hung.py")], cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 1 passed" in done.stdout
    assert "Failed: Timeout (>1.0s) from pytest-timeout" in done.stdout


def test_what_waits_for_a_cluster_may_take_longer(request: pytest.FixtureRequest) -> None:
    here = request.node
    plain, patient, own = (pytest.Function.from_parent(here.parent, name=here.name) for _ in range(3))
    patient.add_marker("cluster")
    own.add_marker("long")
    own.add_marker(pytest.mark.timeout(5))
    give_patience([plain, patient, own])
    limits = [item.get_closest_marker("timeout") for item in (plain, patient, own)]
    assert [limit and limit.args for limit in limits] == [None, (PATIENT_SECONDS,), (5,)]
