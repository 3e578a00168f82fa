"""A generator that comes and goes with its work: what `python -m tests.bench.scaling` sees, held to what it should.

In the suite its life is a short one: it comes. At length it goes again, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import chain

import pytest

from configs.load import ROOT
from tests.bench.sightings import Sightings

pytestmark = [pytest.mark.cluster, pytest.mark.long]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Sightings:
    """One life on a studio of its own, in a process of its own: Ray is started and stopped in it."""
    file = tmp_path_factory.mktemp("scaling") / "seen.json"
    command = [sys.executable, "-m", "tests.bench.scaling", "--json", str(file)]
    environment = os.environ | {"RAY_AUTH_MODE": "disabled"}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1200
    )
    assert file.exists(), ended.stdout[-4000:] + ended.stderr[-4000:]
    return Sightings.model_validate_json(file.read_text())


def test_a_generator_without_a_replica_is_woken_and_its_start_is_announced(seen: Sightings) -> None:
    assert seen.woken
    assert seen.moments[0].running == 0
    assert seen.cold_start > seen.warm_start + 2


def test_a_second_replica_comes_for_work_that_only_waits_in_the_database(seen: Sightings) -> None:
    assert seen.held_seconds < seen.target_seconds  # in hand alone there was not enough for two
    assert seen.waited
    assert max(moment.running for moment in seen.moments) == 2


def test_a_canceled_job_leaves_the_engine_at_once(seen: Sightings) -> None:
    assert seen.freed_seconds < seen.abandoned_seconds / 3


def test_pictures_go_where_their_lora_is(seen: Sightings) -> None:
    assert len(seen.homes) == 2
    assert all(seen.homes)
    assert sorted(chain(*seen.homes)) == sorted(seen.loras), "a LoRA was loaded twice"


def test_a_replica_that_has_to_go_ends_its_picture_first(seen: Sightings) -> None:
    assert any(moment.stopping for moment in seen.moments)
    assert seen.drained_at is not None, "no picture was being drawn just then"
    assert set(seen.streamed) == {"complete"}
    assert seen.stream_retries == 0
    assert seen.drawn_after
