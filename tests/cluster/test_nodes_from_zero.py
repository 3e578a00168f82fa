"""A kind of GPU of which there is no node gets one while something is pinned to it: what `nodes_from_zero` saw."""

from __future__ import annotations

import subprocess
import sys

import pytest

from configs.load import ROOT
from tests.cluster.nodes_from_zero import KIND, Seen

pytestmark = [pytest.mark.cluster, pytest.mark.long]


def test_a_node_comes_for_what_is_pinned_to_its_kind_and_goes_with_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("zero") / "seen.json"
    command = [sys.executable, "-m", "tests.cluster.nodes_from_zero", str(file)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert file.exists(), ended.stdout[-4000:] + ended.stderr[-4000:]
    seen = Seen.model_validate_json(file.read_text())
    assert (seen.before, seen.ran_on, seen.meanwhile, seen.after) == ({}, KIND, {KIND: 1}, {})
