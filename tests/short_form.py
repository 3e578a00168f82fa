"""How much of what has many cases is proved at each landing: some of a test's parameters, and a quarter of its random
examples. `make test-long` runs the others, and all examples."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable

import pytest

WHOLE = os.environ.get("LONG_FORM") == "1"
"""Whether random examples are as many as a test asks for (`make test-long` says so)."""

EVERY = {
    "tests/deployments/families": 7,
    "tests/deployments/loras": 5,
    "tests/deployments/stages/test_conformance.py": 3,
    "tests/clients/cli/test_process.py": 5,
    "tests/clients/cli/test_shown.py": 5,
    "tests/clients/test_answers.py": 5,
    "tests/clients/test_environment.py": 5,
    "tests/contract/test_file_outages.py": 3,
    "tests/crashes": 5,
    "tests/router/api/test_forwarded.py": 5,
    "tests/router/api/test_repeats.py": 5,
    "tests/router/people/signing_in": 3,
    "tests/router/replays/test_mini.py": 17,
    "tests/router/library": 3,
    "tests/router/storage": 3,
}
"""Of a test with more than `FEW` cases in these folders and files, each of this many is run. The numbers are odd, so
that where two databases take turns both are met."""
FEW = 3


def examples(number: int) -> int:
    """Random examples of a property: `number` at length, a quarter of it at each landing."""
    return number if WHOLE else min(number, max(5, number // 4))


def shorten(items: Iterable[pytest.Item]) -> None:
    """Give the mark `long` to the cases that a landing does without."""
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        cases[_test(item)].append(item)
    for test, its_cases in cases.items():
        if len(its_cases) > FEW:
            _shorten(its_cases, _every(test))


def _shorten(cases: list[pytest.Item], every: int) -> None:
    for number, item in enumerate(cases):
        if number % every:
            item.add_marker(pytest.mark.long)


def _every(test: str) -> int:
    return next((every for place, every in EVERY.items() if test.startswith(place)), 1)


def _test(item: pytest.Item) -> str:
    return item.nodeid.split("[", 1)[0]
