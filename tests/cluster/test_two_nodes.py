"""LoRAs that are added while two nodes draw: what `tests.cluster.two_nodes` saw, held to what it should."""

from __future__ import annotations

import subprocess
import sys

import pytest

from configs.load import ROOT
from tests.cluster.two_nodes import Seen

pytestmark = [pytest.mark.cluster, pytest.mark.long]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    file = tmp_path_factory.mktemp("nodes") / "seen.json"
    command = [sys.executable, "-m", "tests.cluster.two_nodes", str(file)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert file.exists(), ended.stdout[-4000:] + ended.stderr[-4000:]
    return Seen.model_validate_json(file.read_text())


def test_pictures_are_those_of_a_studio_that_had_the_lora_from_the_start(seen: Seen) -> None:
    assert all(seen.exact)
    assert max(seen.alike) <= 2, "in another batch, rows are added up in another order"
    assert min(seen.apart) > 0.05, "without the LoRA, it is another picture"


def test_both_nodes_draw_with_both_versions_and_each_fetches_each_file_once(seen: Seen) -> None:
    assert seen.nodes == len(seen.homes) == 2
    assert all(set(seen.entries) <= set(home) for home in seen.homes)
    assert seen.fetched == [2, 2, 2, 2], "an entry and a file of each version, for each node"
    assert seen.kept == [4, 4]


def test_one_that_is_not_in_the_store_is_refused_by_name(seen: Seen) -> None:
    assert seen.failed == "LoRA 'added' 9.0.0: its entry is not in the file store: add it again."
