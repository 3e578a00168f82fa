"""`python -m router.storage check` names each document of experiments that cannot be read, on both engines."""

from __future__ import annotations

from pathlib import Path

from router.jobs.audit import find_unreadable
from tests.contract.job_samples import JobDatabase
from tests.router.experiments.test_unreadable import poison, prepare
from tests.router.storage.test_migration import connected
from tests.studio import painted_studio


async def test_every_document_that_cannot_be_read_is_named(database: JobDatabase, tmp_path: Path) -> None:
    """A state or a type is no document: it is said when it is met."""
    await prepare(painted_studio(tmp_path, database_url=database.url))
    with connected(database.url) as connection:
        assert list(find_unreadable(connection)) == []
    with connected(database.url) as connection:
        poison(connection)
    with connected(database.url) as connection:
        found = list(find_unreadable(connection))
    ballots = [line for line in found if line.startswith(("ballots", "votes"))]
    assert [line.split(":")[0] for line in found if line not in ballots] == [
        "experiment_phases definition 1",
        "experiment_phases arms 1",
        "experiment_events fine 1",
        "champion_moves icon draft 1",
        "champion_moves product_illustration draft 2",
        "champion_moves icon high 1",
    ]
    assert [line.split()[0] for line in ballots] == ["ballots", "ballots", "votes"]
    assert all("cannot be read by this release: " in line for line in found)
