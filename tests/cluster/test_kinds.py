"""What is pinned to a kind of GPU runs on nodes of that kind alone: what `tests.cluster.kinds` saw."""

from __future__ import annotations

import subprocess
import sys

import pytest

from configs.load import ROOT
from tests.cluster.kinds import KINDS, Seen

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    file = tmp_path_factory.mktemp("kinds") / "seen.json"
    command = [sys.executable, "-m", "tests.cluster.kinds", str(file)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert file.exists(), ended.stdout[-4000:] + ended.stderr[-4000:]
    return Seen.model_validate_json(file.read_text())


def test_each_runs_on_its_kind_and_two_share_a_gpu(seen: Seen) -> None:
    assert seen.homes == {kind: kind for kind in KINDS}
    assert seen.beside == "a100"


def test_one_whose_node_is_killed_comes_back_on_another_of_its_kind(seen: Seen) -> None:
    assert (seen.again, seen.other_node) == ("t4", True)
