"""Months by hand, and what a picture costs."""

from __future__ import annotations

import pytest

from configs.load import load_fleets
from router.capacity.cost import Month, bill, cost_of, fixed_costs

ACA = load_fleets()["aca"]


@pytest.mark.parametrize(
    ("kind", "seconds", "pictures", "slow", "quick"),
    [
        ("t4", 30, 100, 2.5, 0.5),
        ("t4", 30, 200, 7.6, 2.2),
        ("t4", 30, 1000, 59, 24),
        ("t4", 150, 100, 6.3, 3.4),
        ("t4", 150, 200, 18, 11),
        ("t4", 150, 1000, 111, 76),
        ("a100", 13, 100, 18, 4.9),
        ("a100", 13, 200, 42, 12),
        ("a100", 13, 1000, 229, 84),
    ],
)
def test_months_by_hand(kind: str, seconds: float, pictures: int, slow: float, quick: float) -> None:
    """Four pictures a session; a start of 180 s and 300 s after the last picture, or 90 and 60."""
    for start, idle, told in ((180, 300, slow), (90, 60, quick)):
        month = Month(pictures / 4, pictures, seconds, start, idle)
        assert bill(month.node_seconds, ACA.kinds[kind], ACA) == pytest.approx(told, rel=0.04, abs=0.06)


def test_what_is_paid_before_the_first_picture() -> None:
    assert fixed_costs(ACA) == (35, 85)


def test_no_machine_costs_nothing_and_grants_give_nothing_back() -> None:
    assert bill(0.0, ACA.kinds["t4"], ACA) == 0
    assert bill(60.0, ACA.kinds["t4"], ACA) == pytest.approx(60 / 3600 * 0.26, rel=0.05), "the GPU alone is paid for"


def test_a_picture_costs_its_seconds_on_its_share_of_a_gpu() -> None:
    assert cost_of(3600, ACA.kinds["t4"]) == pytest.approx(1.56)
    assert cost_of(36, ACA.kinds["t4"], share=0.5) == pytest.approx(0.0078)
