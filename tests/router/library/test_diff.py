"""A difference is told field by field: all of it, and nothing where there is none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.entries import canonical
from router.library.diff import Change, compare, same

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=10
)
names = st.sampled_from(["a", "b", "c", "weights", "weights.path"])
bodies = st.dictionaries(names, values | st.dictionaries(names, values, max_size=3), max_size=5)


def applied(body: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
    """`body` after the changes that were told."""
    body = copy.deepcopy(body)
    for change in changes:
        *above, name = change.path
        inner = body
        for step in above:
            inner = inner[step]
        if change.removed:
            del inner[name]
        else:
            inner[name] = change.after
    return body


@pytest.mark.slow
@given(bodies, bodies)
def test_texts_are_equal_exactly_where_nothing_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (canonical(one) == canonical(other)) == same(one, other) == (not list(compare(one, other)))


@pytest.mark.slow
@given(bodies, bodies)
def test_what_is_told_leads_from_one_to_the_other_and_back(one: dict[str, Any], other: dict[str, Any]) -> None:
    changes = list(compare(one, other))
    assert canonical(applied(one, changes)) == canonical(other)
    back = list(compare(other, one))
    assert [(change.path, change.before, change.after) for change in changes] == [
        (change.path, change.after, change.before) for change in back
    ]


def test_true_is_no_one() -> None:
    (change,) = compare({"a": [True]}, {"a": [1]})
    assert (change.before, change.after) == ([True], [1])
