"""Noise that is turned towards other noise stays noise, exactly where nothing is turned."""

from __future__ import annotations

import torch

from deployments.families.neighbours import turn


def noise(seed: int) -> torch.Tensor:
    return torch.randn((1, 16, 32, 32), generator=torch.Generator().manual_seed(seed))


def test_turned_noise_has_the_variance_of_noise() -> None:
    one, other = noise(1), noise(2)
    for share in (0.1, 0.5, 0.9):
        turned = turn(one, other, share)
        assert abs(float(turned.std()) - 1) < 0.01
        assert abs(float((one + share * (other - one)).std()) - 1) > 0.05  # the straight line loses some


def test_the_angle_grows_evenly() -> None:
    one, other = noise(1), noise(2)
    cosines = [
        float(torch.cosine_similarity(one.flatten(), turn(one, other, share).flatten(), 0))
        for share in (0.25, 0.5, 0.75)
    ]
    angles = torch.arccos(torch.tensor(cosines))
    assert torch.allclose(angles[1:] - angles[:-1], angles[0].expand(2), atol=0.02)


def test_the_ends_are_exact() -> None:
    one, other = noise(1), noise(2)
    assert torch.equal(turn(one, other, 1.0), other)
    assert torch.equal(turn(one, one.clone(), 0.5), one)
