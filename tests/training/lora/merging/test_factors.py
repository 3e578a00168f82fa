"""Low rank on factors is what the singular values of the whole matrix say, without the whole matrix."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.loras.changes import LowRank
from training.lora.merging import factors
from training.lora.merging.factors import Limit, compress, concatenate, truncate


def drawn(seed: int, rank: int = 8, inputs: int = 40, outputs: int = 30) -> LowRank:
    generator = torch.Generator().manual_seed(seed)
    return LowRank(torch.randn(rank, inputs, generator=generator), torch.randn(outputs, rank, generator=generator))


def product(change: LowRank) -> torch.Tensor:
    return (change.b.double().flatten(1) @ change.a.double().flatten(1)).view(len(change.b), *change.a.shape[1:])


def error(found: torch.Tensor, truth: torch.Tensor) -> float:
    return float((found - truth).norm() / truth.norm())


@settings(max_examples=20, deadline=None)
@given(ranks=st.lists(st.integers(1, 9), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_a_concatenation_is_the_weighted_sum(ranks: list[int], seed: int) -> None:
    changes = [drawn(seed + number, rank) for number, rank in enumerate(ranks)]
    strengths = [0.7 - 0.5 * number for number in range(len(ranks))]
    joined = concatenate(changes, strengths)
    truth = torch.stack([s * product(c) for c, s in zip(changes, strengths, strict=True)]).sum(0)
    assert joined.rank == sum(ranks)
    assert error(product(joined), truth) < 1e-6


@pytest.mark.parametrize("rank", [1, 5, 12, 16, 40])
def test_a_compression_is_the_best_of_its_rank(rank: int) -> None:
    whole = concatenate([drawn(1), drawn(2)], [1.0, 0.5])
    singular = torch.linalg.svdvals(product(whole))
    kept = compress(whole, Limit(rank))
    assert kept.change.rank == min(rank, 16)
    best = float(singular[kept.change.rank :].norm() / singular.norm())
    assert error(product(kept.change), product(whole)) == pytest.approx(best, abs=1e-6)
    assert kept.energy == pytest.approx(1 - best**2, abs=1e-6)


def test_a_rank_beyond_the_layer_is_cut_to_what_is_there() -> None:
    wide = drawn(1, rank=50)  # more than either side of the layer
    kept = compress(wide, Limit(200))
    assert kept.change.rank == 30
    assert error(product(kept.change), product(wide)) < 1e-6


@pytest.mark.parametrize("energy", [0.5, 0.9, 0.99, 1.0])
def test_the_least_rank_that_holds_an_energy_is_found(energy: float) -> None:
    whole = drawn(3, rank=12)
    kept = compress(whole, Limit(energy=energy))
    assert kept.energy >= energy - 1e-9
    if energy < 1:
        assert compress(whole, Limit(kept.change.rank - 1)).energy < energy


def test_a_whole_matrix_is_cut_as_its_factors_are() -> None:
    whole = concatenate([drawn(1), drawn(2)], [1.0, 1.0])
    ours, theirs = compress(whole, Limit(6)), truncate(product(whole).float(), Limit(6))
    assert error(product(ours.change), product(theirs.change)) < 1e-5
    assert ours.energy == pytest.approx(theirs.energy, abs=1e-6)


def test_a_large_matrix_is_cut_at_random_nearly_as_well_and_alike_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    noisy = product(drawn(1)).float() + 0.01 * torch.randn(30, 40, generator=torch.Generator().manual_seed(5))
    exact = truncate(noisy, Limit(8))
    monkeypatch.setattr(factors, "_WHOLE", 4)
    state = torch.random.get_rng_state()
    first, second = truncate(noisy, Limit(8), seed=3), truncate(noisy, Limit(8), seed=3)
    assert torch.equal(first.change.a, second.change.a)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert first.energy == pytest.approx(exact.energy, abs=1e-4)


def test_convolutions_keep_their_kernels() -> None:
    generator = torch.Generator().manual_seed(4)
    first, second = (
        LowRank(torch.randn(3, 5, 3, 3, generator=generator), torch.randn(7, 3, 1, 1, generator=generator))
        for _ in range(2)
    )
    weight = torch.zeros(7, 5, 3, 3)
    kept = compress(concatenate([first, second], [1.0, 1.0]), Limit(6))
    assert kept.change.fits(weight.shape)
    assert error(kept.change.delta(weight), first.delta(weight) + second.delta(weight)) < 1e-5


def test_what_cancels_out_has_no_rank() -> None:
    one = drawn(1)
    assert compress(concatenate([one, one], [1.0, -1.0]), Limit(8)).energy <= 1
    assert truncate(torch.zeros(4, 5), Limit(2)).change.rank == 0
