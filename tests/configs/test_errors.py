"""Errors cross process boundaries whole."""

from __future__ import annotations

import pickle

import pytest

from configs import errors
from router.api.errors import STATUS, status_of

TREE = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AtelierError)]


@pytest.mark.parametrize("kind", TREE)
def test_an_error_keeps_class_and_fields_across_pickling(kind: type[errors.AtelierError]) -> None:
    error = kind("a sentence", "prompt", ("a", "b"))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (str(again), again.field, again.allowed) == ("a sentence", "prompt", ("a", "b"))


@pytest.mark.parametrize("kind", TREE)
def test_every_error_is_in_the_drawing_and_has_a_status(kind: type[errors.AtelierError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")
    assert status_of(kind("x")) in STATUS.values()
