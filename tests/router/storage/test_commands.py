"""`python -m router.storage`: what an operator runs before an update, and what it answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from router.storage.__main__ import main
from router.storage.migration import NEWEST
from tests.contract.job_samples import JobDatabase
from tests.router.storage.old_schemas import restore
from tests.router.storage.test_migration import connected


def test_check_names_the_steps_that_are_to_be_done_and_migrate_does_them(
    database: JobDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    restore("3", database.url)
    assert main(["check", "--database", database.url]) == 1
    steps = capsys.readouterr().out.splitlines()
    assert [step.split()[7] for step in steps] == [f"{number:04d}" for number in range(4, int(NEWEST) + 1)]
    assert main(["migrate", "--database", database.url]) == 0
    assert main(["check", "--database", database.url]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("all in it can be read")


def test_check_names_each_document_that_cannot_be_read(
    database: JobDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    restore("4", database.url)
    main(["migrate", "--database", database.url])
    with connected(database.url) as connection:
        connection.execute(text("UPDATE jobs SET plan = '{}' WHERE id = 'job_00000005'"))
        connection.execute(text("UPDATE assets SET notes = '7' WHERE job_id = 'job_00000004'"))
    capsys.readouterr()
    assert main(["check", "--database", database.url]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("jobs job_00000005: the plan cannot be read")
    assert lines[1].startswith("assets pic_job_00000004_0: the notes cannot be read")


@pytest.mark.parametrize("command", ["check", "migrate"])
@pytest.mark.parametrize("content", [b"", b"remember the milk\n" * 500])
def test_what_is_no_database_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, content: bytes
) -> None:
    file = tmp_path / "jobs.db"
    if content:
        file.write_bytes(content)
    answer = main([command, "--database", f"sqlite:///{file}"])
    said = capsys.readouterr()
    if command == "migrate" and not content:
        assert answer == 0
    else:
        assert answer == 2
        assert len(said.err.strip().splitlines()) == 1
        assert "Traceback" not in said.err


def test_check_creates_nothing(tmp_path: Path) -> None:
    assert main(["check", "--database", f"sqlite:///{tmp_path}/state/jobs.db"]) == 2
    assert list(tmp_path.iterdir()) == []
