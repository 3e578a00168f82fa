"""Which tests count for the share of lines that must be reached: the quick ones of the rooms that are measured, and
those of the command. Counting doubles what a test costs, so at each landing only those count that start nothing;
`make coverage` counts those with a studio in their process, too."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

FAST = ("configs", "router", "serve", "deployments/engine", "deployments/pipelines")
"""Below `tests`, as the Makefile's `FAST` lists them: what `make test-fast` runs."""
COUNTED = (*FAST, "contract", "clients", "deployments/stages")
"""As the Makefile's `COUNTED` has them."""
MARKS = ("cluster", "browser", "postgres", "slow", "long")
"""That keep a test from being counted, as does, at a landing, that it starts a studio (tests/studios.py)."""
WHOLE = os.environ.get("COUNT_STUDIOS") == "1"
"""`make coverage` says so."""
_HERE = Path(__file__).parent


def is_counted(item: pytest.Item) -> bool:
    """Whether the lines that a test reaches are counted."""
    marked = any(item.get_closest_marker(mark) for mark in (MARKS if WHOLE else (*MARKS, "studio")))
    return not marked and any(item.path.is_relative_to(_HERE / folder) for folder in COUNTED)


def leave_out_others(items: Iterable[pytest.Item]) -> None:
    """Tell pytest-cov, and `make coverage`, which tests are not to be counted."""
    for item in items:
        if not is_counted(item):
            item.add_marker(pytest.mark.no_cover)
