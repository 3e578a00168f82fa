"""Of what has many cases, some are run at each landing, of both databases, and the others at length."""

from __future__ import annotations

import pytest

from configs.load import ROOT
from tests.short_form import EVERY, FEW, examples, shorten


class Case:
    """As much of a test as `shorten` looks at."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid
        self.long = False

    def add_marker(self, mark: pytest.MarkDecorator) -> None:
        self.long = mark.name == "long"


def kept(place: str, count: int) -> list[int]:
    cases = [Case(f"{place}/test_x.py::test_y[{'postgresql' if i % 2 else 'sqlite'}-{i}]") for i in range(count)]
    shorten(cases)  # type: ignore[arg-type]  # as much of a test as it looks at
    return [i for i, case in enumerate(cases) if not case.long]


def test_each_third_case_is_run_so_that_both_databases_are() -> None:
    assert kept("tests/router/storage", 9) == [0, 3, 6]


def test_a_test_of_few_cases_is_run_whole() -> None:
    assert kept("tests/router/storage", FEW) == list(range(FEW))


def test_what_is_not_named_is_run_whole() -> None:
    assert kept("tests/router/jobs", 9) == list(range(9))


def test_all_that_is_named_is_there() -> None:
    assert [place for place in EVERY if not (ROOT / place).exists()] == []
    assert all(every % 2 for every in EVERY.values())


def test_few_examples_are_not_cut_to_none() -> None:
    assert examples(4) == 4
    assert examples(400) in (100, 400)
