"""How the suite is shared out between processes (pytest-xdist): a file is one process's, and what takes longest begins
first, so that no process waits for another's last file."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

ONE_AT_A_TIME = ("tests/cluster", "tests/browser")
"""Folders that are one process's as a whole: one Ray cluster and one browser run at a time. They begin first."""

LONG = (
    "tests/deployments/families/test_compiled.py",
    "tests/crashes/test_kills.py",
    "tests/router/api/test_openapi.py",
    "tests/crashes/test_choices.py",
    "tests/deployments/sharing/test_loading_life.py",
    "tests/contract/test_rolling_update.py",
    "tests/contract/test_live_library.py",
    "tests/training/test_mini_training.py",
    "tests/training/test_mini_restore.py",
    "tests/router/api/test_endurance.py",
    "tests/router/iterating/test_lineage.py",
    "tests/deployments/engine/test_readme.py",
)
"""Files of few tests that take half a minute and more. They begin next, or whoever gets one last keeps all waiting."""


def unit_of(nodeid: str) -> str:
    """What is not divided: a folder of those above, or a file."""
    file = nodeid.split("::", 1)[0]
    return next((folder for folder in ONE_AT_A_TIME if file.startswith(f"{folder}/")), file)


class SharedOut(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Files in the order that `arranged` gives them. xdist's own order is by number of tests, which has the few long
    tests of a cluster last."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def arranged(items: list[pytest.Item]) -> list[pytest.Item]:
    """The folders and the long files above, then files of many tests before those of few."""
    numbers: dict[str, int] = {}
    for item in items:
        unit = unit_of(item.nodeid)
        numbers[unit] = numbers.get(unit, 0) + 1

    first = (*ONE_AT_A_TIME, *LONG)

    def place(item: pytest.Item) -> tuple[int, int]:
        unit = unit_of(item.nodeid)
        return (first.index(unit) if unit in first else len(first), -numbers[unit])

    return sorted(items, key=place)
