"""How long a test may take: one that hangs is stopped and fails, and the others go on (pytest-timeout; `timeout` in
`pyproject.toml` says it for all). A process that heeds no signal either is ended, with its stacks, by pytest itself."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

PATIENT = ("cluster", "long")
"""Marks of tests that wait for many processes, or for what takes minutes."""
PATIENT_SECONDS = 1200


def give_patience(items: Iterable[pytest.Item]) -> None:
    """To tests of those marks that say nothing of their own."""
    for item in items:
        if any(item.get_closest_marker(mark) for mark in PATIENT) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(PATIENT_SECONDS))
