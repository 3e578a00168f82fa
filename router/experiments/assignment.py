"""Which arm a unit is in: a pure function of experiment, phase and unit, the same in every process and for ever.

Two hashes, not one: whether a unit takes part at all, and in which arm it is, must not depend on each other. An
exposure may change at any time without moving anybody to another arm; weights and arms change only with a new phase.
`tests/router/experiments/assignment_vectors.json` has golden vectors.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from configs.experiments import LAYER_SLOTS, LayerConfig


@dataclass(frozen=True, slots=True)
class Weighted:
    """An arm and its share."""

    id: str
    weight: float


def bucket(experiment: str, phase: int, purpose: str, unit: str) -> float:
    """Where a unit falls, 0 to below 1: the first eight bytes of a SHA-256 over parts that each begin with their
    length, so that no two lists of parts are the same text."""
    digest = hashlib.sha256()
    for part in (experiment, str(phase), purpose, unit):
        data = part.encode()
        digest.update(len(data).to_bytes(4, "big") + data)
    return (int.from_bytes(digest.digest()[:8], "big") >> 11) / 2**53  # a float's 53 bits, so never 1


def takes_slot(layer: LayerConfig | None, unit: str) -> bool:
    """Whether a unit is in an experiment's part of its layer; without one all are."""
    if layer is None:
        return True
    first, end = layer.slots
    return first <= int(bucket(layer.name, 0, "layer", unit) * LAYER_SLOTS) < end


def is_exposed(experiment: str, phase: int, unit: str, exposure: float) -> bool:
    """Whether a unit takes part. Who does with a smaller exposure does with every larger one."""
    return bucket(experiment, phase, "gate", unit) < exposure


def choose_arm(experiment: str, phase: int, unit: str, arms: Sequence[Weighted]) -> str:
    """The arm of a unit, by weighted rendezvous: a new arm takes its share from all others, and moves nobody else.

    Raises `ValueError` where no arm has a weight.
    """
    drawn = [(_distance(experiment, phase, unit, arm), arm.id) for arm in arms if arm.weight > 0]
    if not drawn:
        raise ValueError("no arm has a weight")
    return min(drawn)[1]


def _distance(experiment: str, phase: int, unit: str, arm: Weighted) -> float:
    """Exponential with the arm's weight as its rate: the smallest is an arm's with a chance of its share."""
    return -math.log1p(-bucket(experiment, phase, f"arm:{arm.id}", unit)) / arm.weight
