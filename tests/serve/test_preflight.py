"""Whatever keeps the studio from starting is one sentence that names it, with exit code 2, before Ray starts."""

from __future__ import annotations

from pathlib import Path

import pytest

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
