"""What the benchmark of merging prints is what arithmetic says."""

from __future__ import annotations

import pytest

from tests.bench.merging import errors


def test_the_ways_to_merge_lose_what_they_must() -> None:
    found = errors(side=96)
    assert found["concatenate"] < 1e-6
    assert found["svd to rank 16"] < 1e-6
    assert 0.2 < found["svd to rank 12"] < 0.5
    assert found["svd to rank 12"] < found["svd to rank 8"] < 0.75
    assert found["A's and B's added (PEFT's linear)"] == pytest.approx(1.0, abs=0.15)
    assert found["dare, density .3, rank 16"] < found["dare, density .3, whole"]
