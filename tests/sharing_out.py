"""How the suite is shared out between processes (pytest-xdist): a file is one process's, and what takes longest begins
first, so that no process waits for another's last file."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

ONE_AT_A_TIME = ("tests/cluster", "tests/browser")
"""Folders that are one process's as a whole: one Ray cluster and one browser run at a time. They begin first."""


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
    """The folders above, then files of many tests before those of few."""
    numbers: dict[str, int] = {}
    for item in items:
        unit = unit_of(item.nodeid)
        numbers[unit] = numbers.get(unit, 0) + 1

    def place(item: pytest.Item) -> tuple[int, int]:
        unit = unit_of(item.nodeid)
        return (ONE_AT_A_TIME.index(unit) if unit in ONE_AT_A_TIME else len(ONE_AT_A_TIME), -numbers[unit])

    return sorted(items, key=place)
