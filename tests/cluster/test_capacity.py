"""Serve follows what was decided, and holds when nobody decides any more: what `tests.cluster.followed` saw."""

from __future__ import annotations

import subprocess
import sys

import pytest

from configs.load import ROOT
from tests.cluster.followed import STALE_SECONDS, Seen

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    file = tmp_path_factory.mktemp("followed") / "seen.json"
    command = [sys.executable, "-m", "tests.cluster.followed", str(file)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert file.exists(), ended.stdout[-4000:] + ended.stderr[-4000:]
    return Seen.model_validate_json(file.read_text())


def test_a_deployment_without_a_replica_is_woken_by_a_decision_alone(seen: Seen) -> None:
    assert (seen.asleep, seen.woken) == (0, 1)


def test_a_replica_stays_when_whoever_decided_is_gone_though_it_has_nothing_to_do(seen: Seen) -> None:
    assert seen.silent_seconds > STALE_SECONDS
    assert seen.held == 1


def test_it_goes_when_somebody_decides_so(seen: Seen) -> None:
    assert seen.gone == 0
    assert seen.told in {"idle", "enough"}
    assert seen.nodes == 1
