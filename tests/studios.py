"""Which tests start a studio in their process: tenths of a second each, so `make test-fast` leaves them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import FunctionType

import pytest

STARTS = ("painted_studio", "running_studio", "serving")
"""Of `tests/studio.py`: a file of tests or fixtures that names one of them starts studios."""


def mark_studios(items: Iterable[pytest.Item]) -> None:
    """Give the mark `studio` to tests whose file, or that of a fixture of theirs, starts one."""
    for item in items:
        if any(name in scope for scope in _scopes(item) for name in STARTS):
            item.add_marker(pytest.mark.studio)


def _scopes(item: pytest.Item) -> Iterator[dict[str, object]]:
    """The names that a test and each fixture it uses can call."""
    if isinstance(item, pytest.Function):
        fixtures = (one for known in item._fixtureinfo.name2fixturedefs.values() for one in known)
        for call in (item.function, *(one.func for one in fixtures)):
            if isinstance(call, FunctionType):
                yield call.__globals__
