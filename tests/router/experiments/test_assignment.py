"""Which arm a unit is in: the same everywhere, in shares that are the weights, and moved by nothing but a new phase."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.experiments import LayerConfig
from router.experiments.assignment import Weighted, bucket, choose_arm, is_exposed, takes_slot

VECTORS = json.loads((Path(__file__).parent / "assignment_vectors.json").read_text())
TWO = [Weighted("champion", 1), Weighted("klein", 1)]
UNITS = [f"user-{number}" for number in range(20_000)]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['experiment']}-{vector['unit']}")
def test_golden_vectors(vector: dict[str, object]) -> None:
    """In the repository, so that other programs can check their own: a change of them is a change of every split."""
    experiment, phase, unit = str(vector["experiment"]), int(str(vector["phase"])), str(vector["unit"])
    arms = [Weighted(str(id), float(weight)) for id, weight in vector["arms"]]  # type: ignore[attr-defined]
    assert bucket(experiment, phase, "gate", unit) == vector["gate"]
    assert choose_arm(experiment, phase, unit, arms) == vector["arm"]


def test_parts_are_not_run_together() -> None:
    assert bucket("a|b", 1, "gate", "c") != bucket("a", 1, "gate", "b|c")
    assert bucket("a", 1, "gate", "1c") != bucket("a", 11, "gate", "c")


@given(st.text(), st.integers(1, 99), st.text(), st.text())
def test_a_bucket_is_below_one(experiment: str, phase: int, purpose: str, unit: str) -> None:
    assert 0 <= bucket(experiment, phase, purpose, unit) < 1


@pytest.mark.parametrize("weights", [(1, 1), (9, 1), (1, 2, 3), (0, 1, 1)])
def test_shares_are_the_weights(weights: tuple[float, ...]) -> None:
    arms = [Weighted(str(number), weight) for number, weight in enumerate(weights)]
    chosen = [choose_arm("shares", 1, unit, arms) for unit in UNITS]
    for arm in arms:
        share = arm.weight / sum(weights)
        deviation = math.sqrt(share * (1 - share) / len(UNITS))
        assert abs(chosen.count(arm.id) / len(UNITS) - share) <= 4 * deviation


def test_exposure_moves_nobody_to_another_arm() -> None:
    seen: dict[str, set[str]] = {unit: set() for unit in UNITS[:2000]}
    inside: list[set[str]] = []
    for exposure in (0.1, 0.5, 0.2, 1.0, 0.1):
        exposed = {unit for unit in seen if is_exposed("ramp", 1, unit, exposure)}
        for unit in exposed:
            seen[unit].add(choose_arm("ramp", 1, unit, TWO))
        inside.append(exposed)
    assert all(len(arms) <= 1 for arms in seen.values())
    assert inside[0] < inside[2] < inside[1] < inside[3]
    assert inside[0] == inside[4]


@pytest.mark.parametrize("exposure", [0.01, 0.1, 0.5])
def test_taking_part_and_the_arm_are_independent(exposure: float) -> None:
    exposed = [unit for unit in UNITS if is_exposed("independent", 1, unit, exposure)]
    first = sum(choose_arm("independent", 1, unit, TWO) == "klein" for unit in exposed)
    assert abs(first - len(exposed) / 2) <= 4 * math.sqrt(len(exposed)) / 2


def test_another_arm_takes_its_share_and_moves_nobody_else() -> None:
    before = {unit: choose_arm("third", 1, unit, TWO) for unit in UNITS[:5000]}
    after = {unit: choose_arm("third", 1, unit, [*TWO, Weighted("third", 1)]) for unit in before}
    moved = [unit for unit in before if before[unit] != after[unit]]
    assert {after[unit] for unit in moved} == {"third"}
    assert abs(len(moved) / len(before) - 1 / 3) < 0.03


def test_experiments_do_not_follow_each_other() -> None:
    """Pairs of 24 experiments, of which hashes that are worse correlate 42 %."""
    import numpy as np

    drawn = np.array(
        [[choose_arm(f"e{number}", 1, unit, TWO) == "klein" for unit in UNITS[:2000]] for number in range(24)], float
    )
    correlations = np.corrcoef(drawn)[np.triu_indices(24, 1)]
    assert np.mean(np.abs(correlations) > 2.576 / math.sqrt(2000)) < 0.03


def test_parts_of_a_layer_share_no_unit() -> None:
    low, high = LayerConfig(name="icons", slots=(0, 3000)), LayerConfig(name="icons", slots=(3000, 10_000))
    assert not low.overlaps(high)
    for unit in UNITS[:3000]:
        assert takes_slot(low, unit) != takes_slot(high, unit)
    assert 0.27 < sum(takes_slot(low, unit) for unit in UNITS) / len(UNITS) < 0.33


def test_no_arm_without_a_weight() -> None:
    with pytest.raises(ValueError, match="no arm has a weight"):
        choose_arm("none", 1, "ana", [Weighted("a", 0), Weighted("b", 0)])
