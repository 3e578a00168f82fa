"""The decision: what each deployment would have, then what there is room and money for, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from router.capacity.arrange import Room
from router.capacity.decision import Decision, Memory, Outcome, Reason
from router.capacity.policy import Policy, slo_seconds
from router.capacity.starts import Exhausted, without_lost
from router.capacity.wishes import Wish, wish
from router.capacity.world import DeploymentState, KindState, Source, World


def decide(world: World, policy: Policy, memory: Memory | None = None) -> Outcome:
    """A decision for each deployment, within its bounds and those of the kinds. Nothing changes while what is known of
    jobs or replicas is older than the policy allows."""
    memory = memory or Memory()
    exhausted = Exhausted.after(world, policy, memory)
    if any(world.ages.get(source, 0.0) > policy.stale_seconds for source in (Source.JOBS, Source.REPLICAS)):
        held = tuple(_hold(state) for state in world.deployments)
        return Outcome(held, Memory(memory.idle_since, memory.surplus_since, exhausted.until))
    closed = exhausted.closed(world.now)
    coming = replace(world, deployments=tuple(without_lost(state, closed) for state in world.deployments))
    room = Room(world.kinds, policy.budget_per_hour, closed)
    for state in coming.deployments:
        for home in state.homes:
            room.seat(state, home)
    wishes = _wishes(coming, policy, memory, room)
    settled = _Shares(coming, policy, room, wishes).settle()
    decisions = (_bounded(one, state) for one, state in zip(settled, world.deployments, strict=True))
    return Outcome(tuple(decisions), _remember(wishes, exhausted.until))


def _bounded(decision: Decision, state: DeploymentState) -> Decision:
    """Beside what there really is: what was asked for of an exhausted kind is left to come, where no other has room."""
    desired = max(decision.desired, state.current) if decision.reason is Reason.EXHAUSTED else decision.desired
    return replace(decision, current=state.current, desired=min(desired, max(state.most, state.least)))


def _hold(state: DeploymentState) -> Decision:
    kind = next(iter(state.homes or state.kinds), None)
    return Decision(state.name, state.current, max(state.current, state.least), Reason.HOLD_STALE, kind, state.current)


def _wishes(world: World, policy: Policy, memory: Memory, room: Room) -> dict[str, Wish]:
    kinds = {kind.name: kind for kind in world.kinds}
    found = {}
    for state in world.deployments:
        kind = kinds.get(state.kinds[0]) if state.kinds and state.bytes else None
        start = state.start_seconds + (0.0 if kind is None or room.has_place(state) else _node_seconds(state, kinds))
        found[state.name] = wish(state, kind, start, policy, memory, world.now)
    return found


def _node_seconds(state: DeploymentState, kinds: Mapping[str, KindState]) -> float:
    return min((kinds[name].start_seconds for name in state.kinds if name in kinds), default=0.0)


def _remember(wishes: Mapping[str, Wish], exhausted_until: Mapping[str, float]) -> Memory:
    return Memory(
        idle_since={name: one.idle_since for name, one in wishes.items() if one.idle_since is not None},
        surplus_since={name: one.surplus_since for name, one in wishes.items() if one.surplus_since is not None},
        exhausted_until=exhausted_until,
    )


class _Shares:
    """GPUs and money shared out: who has nothing and waits comes first, then who has waited longest. Replicas that are
    there without work make room."""

    def __init__(self, world: World, policy: Policy, room: Room, wishes: Mapping[str, Wish]) -> None:
        self._states = {state.name: state for state in world.deployments}
        self._bound = bool(world.kinds)
        self._policy, self._room, self._wishes = policy, room, wishes
        self._granted = {name: min(state.current, wishes[name].count) for name, state in self._states.items()}
        self._kinds = {name: next(iter(state.homes or state.kinds), None) for name, state in self._states.items()}
        self._short: dict[str, Reason] = {}

    def settle(self) -> tuple[Decision, ...]:
        for name, state in self._states.items():
            for home in state.homes[self._granted[name] :]:
                self._room.leave(state, home)
        waiting = {name for name in self._states if self._granted[name] < self._wishes[name].count}
        while waiting:
            name = min(waiting, key=self._urgency)
            if not self._grant(self._states[name]) or self._granted[name] >= self._wishes[name].count:
                waiting.discard(name)
        return tuple(self._decision(state) for state in self._states.values())

    def _urgency(self, name: str) -> tuple[int, bool, float, str]:
        state = self._states[name]
        return self._granted[name], not state.busy, -state.oldest_wait_seconds, name

    def _grant(self, state: DeploymentState) -> bool:
        if state.bytes and state.kinds and self._bound:
            kind = self._place(state)
            if kind is None:
                closed = self._room.could_open(state)
                self._short[state.name] = Reason.EXHAUSTED if closed else Reason.BUDGET
                return False
            if not state.current and not self._granted[state.name]:
                self._kinds[state.name] = kind
        self._granted[state.name] += 1
        return True

    def _place(self, state: DeploymentState) -> str | None:
        slo = slo_seconds(self._policy, state)
        kind = self._room.find(state, slo)
        if kind is not None or not state.busy:
            return kind
        gone: list[DeploymentState] = []
        for other in self._yielding(state):
            self._room.leave(other, other.homes[self._granted[other.name] - 1])
            self._granted[other.name] -= 1
            gone.append(other)
            kind = self._room.find(state, slo)
            if kind is not None:
                self._short |= dict.fromkeys((one.name for one in gone), Reason.BUDGET)
                return kind
        for other in gone:  # it was not enough: they stay
            self._room.seat(other, other.homes[self._granted[other.name]])
            self._granted[other.name] += 1
        return None

    def _yielding(self, state: DeploymentState) -> Sequence[DeploymentState]:
        """Those whose replicas on a kind that `state` could use may go: without work, longest so first; then, where
        `state` has none, those that have more than one."""
        found = []
        for other in self._states.values():
            if not other.homes or other.homes[-1] not in state.kinds or other.name == state.name:
                continue
            idle, wished = not other.busy, self._wishes[other.name]
            keep = wished.floor if idle else max(wished.floor, 1)
            if idle or not self._granted[state.name]:
                spare = min(self._granted[other.name], len(other.homes)) - keep
                found += [(other.busy, wished.idle_since or 0.0, other.name)] * spare
        return [self._states[name] for _, _, name in sorted(found)]

    def _decision(self, state: DeploymentState) -> Decision:
        wished, granted = self._wishes[state.name], self._granted[state.name]
        reason = self._short.get(state.name, wished.reason)
        return Decision(state.name, state.current, granted, reason, self._kinds[state.name], wished.count)
