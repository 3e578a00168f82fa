"""Whatever is asked in whatever order: what is in use or pinned stays, memory is never exceeded, the oldest leave."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deployments.loras.residency import Residency
from tests.short_form import examples

NAMES = [f"lora-{i}" for i in range(6)]
names = st.sampled_from(NAMES)


class ResidencyMachine(RuleBasedStateMachine):
    """Runs a Residency beside a plain model of it: the sizes, the uses, the pins, and the order of last use."""

    @initialize(limit=st.integers(20, 100))
    def begin(self, limit: int) -> None:
        self.residency: Residency[int] = Residency(limit)
        self.limit = limit
        self.sizes: dict[str, int] = {}  # in order of last use
        self.uses: dict[str, int] = {}
        self.pinned: set[str] = set()
        self.slots = iter(range(10**6))
        self.where: dict[str, int] = {}

    def idle(self) -> list[str]:
        return [name for name in self.sizes if not self.uses[name] and name not in self.pinned]

    @rule(name=names)
    def acquire(self, name: str) -> None:
        slot = self.residency.acquire(name)
        assert slot == self.where.get(name)
        if slot is not None:
            self.uses[name] += 1
            self.sizes[name] = self.sizes.pop(name)

    @rule(name=names)
    def release(self, name: str) -> None:
        if self.uses.get(name):
            self.residency.release(name)
            self.uses[name] -= 1
        else:
            with pytest.raises((KeyError, ValueError)):
                self.residency.release(name)

    @precondition(lambda self: self.sizes)
    @rule(data=st.data())
    def pin_or_unpin(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(list(self.sizes)))
        if name in self.pinned:
            self.residency.unpin(name)
        else:
            self.residency.pin(name)
        self.pinned ^= {name}

    @rule(name=names, size=st.integers(1, 60), used=st.booleans())
    def load(self, name: str, size: int, used: bool) -> None:
        if name in self.sizes:
            with pytest.raises(ValueError, match="here already"):
                self.residency.admit(name, 0, 0)
            return
        victims = self.residency.victims(size)
        could = sum(self.sizes.values()) - sum(self.sizes[idle] for idle in self.idle()) + size <= self.limit
        assert (victims is not None) == could
        if victims is None:
            return
        assert list(victims) == self.idle()[: len(victims)], "the longest unused leave first"
        if victims:
            with pytest.raises(ValueError, match="bytes"):
                self.residency.admit(name, 0, size)
        for victim in victims:
            assert self.residency.evict(victim) == self.where.pop(victim)
            del self.sizes[victim], self.uses[victim]
        slot = next(self.slots)
        self.residency.admit(name, slot, size, int(used))
        self.sizes[name], self.uses[name], self.where[name] = size, int(used), slot

    @rule(name=names)
    def evict_what_is_busy(self, name: str) -> None:
        if name in self.sizes and name not in self.idle():
            with pytest.raises(ValueError, match="in use or pinned"):
                self.residency.evict(name)

    @rule(parity=st.integers(0, 1))
    def find_the_oldest_of_a_class(self, parity: int) -> None:
        expected = next((name for name in self.idle() if self.where[name] % 2 == parity), None)
        assert self.residency.oldest(lambda slot: slot % 2 == parity) == expected

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "residency"):
            assert self.residency.nbytes == sum(self.sizes.values()) <= self.limit
            assert self.residency.resident() == tuple(reversed(self.sizes))
            assert all(self.residency.idle(name) == (name in self.idle()) for name in NAMES)


ResidencyMachine.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
TestResidency = ResidencyMachine.TestCase


def test_hits_and_loads_are_counted() -> None:
    residency: Residency[int] = Residency(10)
    residency.admit("a", 1, 5, uses=1)
    assert residency.acquire("a") == 1
    assert residency.acquire("b") is None
    assert (residency.loads, residency.hits) == (1, 1)
