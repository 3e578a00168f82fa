"""Versions are ordered as semver.org says, and what is none is told so."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from configs.semver import Semver, following, is_version, rank

IN_ORDER = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
IN_ORDER += ["1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "1.10.0", "2.0.0"]
ADAPTER: TypeAdapter[str] = TypeAdapter(Semver)

numbers = st.integers(0, 1000)
tags = st.sampled_from(["", "-alpha", "-alpha.1", "-rc.2", "-rc.10", "-0", "-x-y"])
versions = st.builds(lambda a, b, c, tag: f"{a}.{b}.{c}{tag}", numbers, numbers, numbers, tags)


def test_the_order_is_that_of_the_specification() -> None:
    for lower, higher in itertools.combinations(IN_ORDER, 2):
        assert rank(lower) < rank(higher)


@given(versions, versions, versions)
def test_the_order_is_total_and_equal_rank_is_equal_text(one: str, two: str, three: str) -> None:
    assert (rank(one) == rank(two)) == (one == two)
    assert (rank(one) < rank(two)) + (rank(two) < rank(one)) + (one == two) == 1
    low, middle, high = sorted([one, two, three], key=rank)
    assert rank(low) <= rank(middle) <= rank(high)
    assert rank(low) <= rank(high)


@given(versions)
def test_what_is_suggested_as_the_next_version_is_one_and_goes_forward(version: str) -> None:
    assert ADAPTER.validate_python(version) == version
    assert ADAPTER.validate_python(following(version)) == following(version)
    assert rank(following(version)) > rank(version)


@pytest.mark.parametrize(
    "given_",
    [1, 1.1, None, True, [], "", "1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0 ", " 1.0.0", "1.0.0\n", "1.0.-1",
     "1.0.0-", "1.0.0-01", "1.0.0-ä", "१.0.0", "1.0.0+build", "1.0.0+", f"{10**12}.0.0", "1." + "0" * 80, "latest"],
)  # fmt: skip
def test_what_is_no_version_is_refused_in_a_sentence(given_: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        ADAPTER.validate_python(given_)
    (error,) = refusal.value.errors()
    assert error["type"] == "value_error"
    assert not is_version(str(given_)) or not isinstance(given_, str)


def test_after_a_prerelease_comes_what_it_is_of() -> None:
    assert (following("1.1.0-rc.1"), following("1.1.0")) == ("1.1.0", "1.1.1")
