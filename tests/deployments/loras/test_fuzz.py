"""The short form of `python -m tests.fuzz.loras`: random files are taken or refused, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.loras import run


def test_random_files_are_taken_or_refused_in_one_sentence(tmp_path: Path) -> None:
    outcome = run(range(400), tmp_path)
    assert not outcome.faults, outcome.faults[0]
    assert outcome.taken + sum(outcome.refused.values()) == 400
    assert outcome.taken > 50  # else it is not reached what lies behind the judging
    assert outcome.skipping
    assert len(outcome.refused) > 20
