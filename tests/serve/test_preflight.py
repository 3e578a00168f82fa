"""Whatever keeps the studio from starting is one sentence that names it, with exit code 2, before Ray starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.errors import ConfigError
from configs.service import Address
from serve.preflight import check_meeting, check_reach
from tests.catalogue import load_installation
from tests.serve import broken

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("what", broken.BROKEN)
def test_a_start_that_cannot_succeed_is_refused_in_one_sentence(what: str, tmp_path: Path) -> None:
    with broken.place(tmp_path) as place:
        named = broken.BROKEN[what](place)
        ended = place.start()
    lines = ended.stdout.splitlines()
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert named in ended.stdout
    assert [line.partition(": ")[0] for line in lines] == ["cannot start"]
    assert not ended.stderr
    assert "secret" not in ended.stdout


@pytest.mark.parametrize("role", ["door", "worker"])
@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"database_url": None}, "meet in a PostgreSQL database"),
        ({"database_url": "sqlite:////tmp/jobs.db"}, "meet in a PostgreSQL database"),
        ({"blob_url": None}, "shows the files that its workers store"),
    ],
)
def test_a_door_and_its_workers_must_meet_somewhere(role: str, missing: dict[str, str | None], named: str) -> None:
    places = {"database_url": "postgresql://atelier@database.example/atelier", "blob_url": "az://pictures"}
    profile = load_installation(role).profile.model_copy(update=places)
    check_meeting(profile)
    with pytest.raises(ConfigError, match=named):
        check_meeting(profile.model_copy(update=missing))


def test_a_worker_is_reached_by_nobody_so_that_nobody_signs_in() -> None:
    profile = load_installation("worker").profile
    check_reach(profile.model_copy(update={"http": Address(host="0.0.0.0", port=8000)}))
