"""TIES and DARE are PEFT's, on whole changes."""

from __future__ import annotations

import pytest
import torch
from peft.utils import merge_utils

from training.lora.merging.sparse import dare, drop, seed_of, ties, trim

STRENGTHS = [0.9, 0.4, -0.3]


@pytest.fixture
def changes() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(12, 20, generator=generator) for _ in STRENGTHS]


@pytest.mark.parametrize("density", [0.2, 0.5, 0.99])
def test_ties_is_pefts(changes: list[torch.Tensor], density: float) -> None:
    theirs = merge_utils.ties(changes, torch.tensor(STRENGTHS), density)
    assert torch.allclose(ties(changes, STRENGTHS, density), theirs, atol=1e-6)


def test_trimming_keeps_the_largest(changes: list[torch.Tensor]) -> None:
    trimmed = trim(changes[0], 0.25)
    assert int((trimmed != 0).sum()) == 60
    assert trimmed.abs()[trimmed != 0].min() >= changes[0].abs()[trimmed == 0].max()


def test_dare_is_a_weighted_sum_of_what_is_left(changes: list[torch.Tensor]) -> None:
    seeds = [1, 2, 3]
    left = [drop(change, 0.4, seed) for change, seed in zip(changes, seeds, strict=True)]
    theirs = merge_utils.task_arithmetic(left, torch.tensor(STRENGTHS))
    assert torch.allclose(dare(changes, STRENGTHS, 0.4, seeds), theirs, atol=1e-6)


def test_dropping_keeps_the_share_and_the_sum() -> None:
    left = drop(torch.ones(200, 200), 0.3, seed=1)
    assert float((left != 0).float().mean()) == pytest.approx(0.3, abs=0.02)
    assert float(left.mean()) == pytest.approx(1.0, abs=0.05)
    assert torch.equal(drop(torch.ones(9, 9), 0.3, 1), drop(torch.ones(9, 9), 0.3, 1))
    assert not torch.equal(drop(torch.ones(9, 9), 0.3, 1), drop(torch.ones(9, 9), 0.3, 2))


def test_each_change_of_each_layer_draws_its_own() -> None:
    seeds = {seed_of(seed, number, layer) for seed in (0, 1) for number in (0, 1) for layer in ("a.b", "a.c")}
    assert len(seeds) == 8
    assert seed_of(0, 1, "a.b") == seed_of(0, 1, "a.b")
