"""Between any two places in a collection there is another."""

from __future__ import annotations

import random

import pytest

from router.assets.collections.positions import after


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_insertions_sorts_as_it_was_meant(seed: int) -> None:
    chance, places = random.Random(seed), list[str]()
    for _ in range(400):
        at = chance.choice((0, len(places), chance.randint(0, len(places))))
        low, high = (places[at - 1] if at else None), (places[at] if at < len(places) else None)
        places.insert(at, after(low, high))
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_places_at_the_ends_stay_short() -> None:
    last = first = after(None, None)
    for _ in range(10_000):
        last, first = after(last, None), after(None, first)
    assert (len(last), len(first)) == (8, 8)


def test_always_between_the_same_two_grows_slowly() -> None:
    low, high = after(None, None), after(after(None, None), None)
    for _ in range(300):
        high = after(low, high)
        assert low < high
    assert len(high) < 120
