"""What was decided lately, as operators are told it: of each deployment the last decision with what it was made of."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from router.capacity.decision import Decision, Outcome, Reason
from router.capacity.demand import drain_seconds
from router.capacity.policy import Policy, keep_alive_seconds, slo_seconds
from router.capacity.world import DeploymentState, World

_KEPT = 20
"""Changes of each deployment that are remembered."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision was made of."""

    work_seconds: float
    waiting_jobs: int
    oldest_wait_seconds: float
    expected_wait_seconds: float | None
    """Of who comes now; None: for ever, with what runs and starts."""
    arriving: float
    running: int
    starting: int
    slo_seconds: float
    keep_alive_seconds: float
    start_seconds: float
    correction: float


@dataclass(frozen=True, slots=True)
class Told:
    """A decision, since when it has been the same (seconds since 1970), and what it was made of last."""

    decision: Decision
    since: float
    ground: Ground


@dataclass(frozen=True, slots=True)
class Report:
    """`told` has each deployment's last decision, `before` what was decided before, newest first; `ages` are those of
    the sources, `faults` what was wrong with one."""

    at: float
    told: tuple[Told, ...]
    unfinished: Mapping[str, int] = field(default_factory=dict)
    """Jobs of each deployment that have not ended, now."""
    before: tuple[Told, ...] = ()
    ages: tuple[tuple[str, float], ...] = ()
    faults: tuple[str, ...] = ()


REPORT = TypeAdapter(Report)


class Record:
    """Decisions as they change."""

    def __init__(self) -> None:
        self._last: dict[str, Told] = {}
        self._before: dict[str, deque[Told]] = {}

    def note(self, world: World, policy: Policy, outcome: Outcome) -> list[Decision]:
        """Remember a decision for each deployment. Those that ask for another number than before are returned."""
        changed = []
        for state, decision in zip(world.deployments, outcome.decisions, strict=True):
            last = self._last.get(state.name)
            ground = _ground(state, world, policy)
            if last is not None and _alike(last.decision, decision):
                self._last[state.name] = Told(decision, last.since, ground)
                continue
            if (last is None and decision.direction != "stay") or (
                last is not None and last.decision.desired != decision.desired
            ):
                changed.append(decision)
            if last is not None:
                self._before.setdefault(state.name, deque(maxlen=_KEPT)).appendleft(last)
            self._last[state.name] = Told(decision, world.now, ground)
        return changed

    def report(self, world: World, faults: Iterable[str] = ()) -> Report:
        before = sorted((one for told in self._before.values() for one in told), key=lambda one: -one.since)
        ages = tuple((str(source), age) for source, age in world.ages.items())
        unfinished = {state.name: state.jobs for state in world.deployments}
        return Report(world.now, tuple(self._last.values()), unfinished, tuple(before), ages, tuple(faults))


def _alike(one: Decision, other: Decision) -> bool:
    return (one.desired, one.reason, one.kind) == (other.desired, other.reason, other.kind)


def _ground(state: DeploymentState, world: World, policy: Policy) -> Ground:
    wait = drain_seconds(state)
    kind = next((one for one in world.kinds if one.name in state.kinds), None)
    return Ground(
        work_seconds=state.work,
        waiting_jobs=state.waiting_jobs,
        oldest_wait_seconds=state.oldest_wait_seconds,
        expected_wait_seconds=wait if wait < float("inf") else None,
        arriving=state.arriving,
        running=state.running,
        starting=len(state.starting),
        slo_seconds=slo_seconds(policy, state),
        keep_alive_seconds=keep_alive_seconds(policy, state, kind),
        start_seconds=state.start_seconds,
        correction=state.corrected,
    )


_WHY = {
    Reason.ENOUGH: "what there is does the work in time",
    Reason.MINIMUM: "the profile keeps so many",
    Reason.WAKE: "{waiting_jobs} jobs wait, and nothing runs",
    Reason.BACKLOG: "who comes now would wait {wait}, more than {slo_seconds:.0f} s",
    Reason.SLO: "somebody has waited {oldest_wait_seconds:.0f} s, more than {slo_seconds:.0f} s",
    Reason.SCHEDULE: "at this hour so many are kept",
    Reason.FORECAST: "earlier days say that work comes",
    Reason.KEEP_ALIVE: "without work; what is too many goes {keep_alive_seconds:.0f} s after the last",
    Reason.IDLE: "without work for {keep_alive_seconds:.0f} s",
    Reason.BUDGET: "{wanted} are wanted, and all GPUs, or all the money, are taken",
    Reason.HOLD_STALE: "what is known is too old to decide by",
    Reason.HOLD_PENDING: "nothing goes while replicas start",
    Reason.EXHAUSTED: "nodes of its kind were asked for and do not come; none are asked for meanwhile",
}


def sentence(told: Told) -> str:
    """Why, in words."""
    ground, wait = told.ground, told.ground.expected_wait_seconds
    known = {name: getattr(ground, name) for name in Ground.__dataclass_fields__}
    known |= {"wait": "for ever" if wait is None else f"{wait:.0f} s", "wanted": told.decision.wanted}
    return _WHY[told.decision.reason].format(**known)
