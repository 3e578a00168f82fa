"""`make test-fast`, `make coverage` and the count of lines mean the same tests."""

from __future__ import annotations

import re

import pytest

from configs.load import ROOT
from tests.counted import COUNTED, FAST, MARKS, is_counted
from tests.studio import painted_studio


def test_the_makefile_runs_those_that_are_counted() -> None:
    text = (ROOT / "Makefile").read_text()
    (fast,) = re.findall(r"^FAST := \$\(addprefix tests/,(.*)\)$", text, re.MULTILINE)
    (more,) = re.findall(r"^COUNTED := \$\(FAST\) \$\(addprefix tests/,(.*)\)$", text, re.MULTILINE)
    assert (tuple(fast.split()), (*fast.split(), *more.split())) == (FAST, COUNTED)
    assert re.findall(r'-m "not \((.*?)\)"', text) == [" or ".join((*MARKS, "studio"))]
    assert '-m "not no_cover" $(COUNTED) ' in text


def test_what_is_no_fast_test_is_not_counted(request: pytest.FixtureRequest) -> None:
    assert not is_counted(request.node), "it lies in none of the folders"


STARTS = painted_studio
"""A file that names what starts a studio has tests of this mark."""


def test_what_starts_a_studio_says_so(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("studio")
