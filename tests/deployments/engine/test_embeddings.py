"""The cache of encoded prompts against a plain model of it: bounded, least recently used first out, counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.engine.embeddings import EmbeddingCache

LIMIT = 10
CALLS = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, LIMIT + 2)))


@given(CALLS)
def test_it_keeps_what_a_plain_list_of_the_last_used_would_keep(calls: list[tuple[bool, int, int]]) -> None:
    cache: EmbeddingCache[tuple[int, int]] = EmbeddingCache(LIMIT)
    model: list[tuple[int, tuple[int, int]]] = []
    hits = misses = 0
    for serial, (reading, key, nbytes) in enumerate(calls):
        found = dict(model).get(key)
        if reading:
            hits, misses = hits + (found is not None), misses + (found is None)
            assert cache.get(key) == found
        model = [line for line in model if line[0] != key]
        if reading and found is not None:
            model.append((key, found))
        elif not reading:
            cache.put(key, (serial, nbytes), nbytes)
            if nbytes <= LIMIT:
                model.append((key, (serial, nbytes)))
            while sum(size for _, (_, size) in model) > LIMIT:
                model.pop(0)
        assert (cache.hits, cache.misses, len(cache)) == (hits, misses, len(model))
        assert cache.nbytes == sum(size for _, (_, size) in model) <= LIMIT
    assert [cache.get(key) for key, _ in model] == [value for _, value in model]


def test_a_limit_of_nothing_keeps_nothing() -> None:
    cache: EmbeddingCache[str] = EmbeddingCache(0)
    cache.put("a", "empty", 0)
    assert cache.get("a") is None


def test_clearing_forgets_the_values_and_not_the_counters() -> None:
    cache: EmbeddingCache[str] = EmbeddingCache(LIMIT)
    cache.put("a", "A", 3)
    assert cache.get("a") == "A"
    cache.clear()
    assert (cache.get("a"), cache.nbytes, cache.hits, cache.misses) == (None, 0, 1, 1)


def test_a_value_without_a_size_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 bytes"):
        EmbeddingCache[str](LIMIT).put("a", "A", -1)


def test_threads_leave_it_within_its_limit_and_its_count_exact() -> None:
    cache: EmbeddingCache[int] = EmbeddingCache(LIMIT)

    def use(seed: int) -> None:
        for turn in range(300):
            key = (seed * 7 + turn) % 9
            if cache.get(key) is None:
                cache.put(key, key, 1 + key % 4)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))
    assert cache.hits + cache.misses == 1200
    kept = [key for key in range(9) if cache.get(key) == key]
    assert cache.nbytes == sum(1 + key % 4 for key in kept) <= LIMIT
