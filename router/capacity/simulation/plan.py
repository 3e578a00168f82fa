"""How many machines a crowd needs, and what a month of them costs: each kind tried from one node up, by simulation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from configs.capacity import CapacityPolicy, Warm
from configs.errors import InvalidRequest
from configs.fleet import Fleet
from configs.memory import GB
from router.capacity.cost import bill
from router.capacity.simulation.loop import run
from router.capacity.simulation.records import Record
from router.capacity.simulation.report import Report, summarise
from router.capacity.simulation.scaling import planned
from router.capacity.simulation.sessions import Crowd, imagine
from router.capacity.simulation.setting import Group, Held, Route, Setting, bounded
from router.capacity.simulation.trace import Trace

SHARED = "shared"
"""The deployment of which a plan consists: replicas of a whole GPU, in which all models take turns."""
LOAD_BYTES_PER_SECOND = 0.5e9
"""From a disk to a GPU: a model of 12 GB in the 23 s that loads of base models take at the median in our fit."""
_TICK, _REST = 5.0, 60.0  # coarser than production's 2 s, which nodes that take minutes do not tell from it
_GAIN = 0.005  # of attainment, below which one more node is no better


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a plan: how long jobs may wait, and which share of them has to be in time. Of so many runs,
    each with its seed, of so many days."""

    slo_seconds: float = 60.0
    target: float = 0.95
    keep_alive_seconds: float = 300.0
    seeds: int = 5
    days: float = 28.0
    warm: Warm | None = None

    @property
    def policy(self) -> CapacityPolicy:
        warm = () if self.warm is None else (self.warm,)
        return CapacityPolicy(slo_seconds=self.slo_seconds, keep_alive_seconds=self.keep_alive_seconds, warm=warm)


@dataclass(frozen=True)
class Option:
    """One kind, up to so many nodes. `bill` is a month of machines, less what is granted; `records` are the runs."""

    kind: str
    nodes: int
    report: Report
    bill: float
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Limit:
    """What breaks first: at how many times the crowd, and why jobs are late then."""

    factor: int
    attained: float
    why: str


@dataclass(frozen=True)
class Plan:
    """For each kind on which all models fit: the fewest nodes that do, or, where none do, the best there is."""

    terms: Terms
    options: tuple[Option, ...]
    unfit: Mapping[str, str]
    """Kinds that hold not all models, and why."""

    @property
    def best(self) -> Option:
        """The cheapest that is good enough, else of those that are nearest to it."""
        nearest = max(one.report.attained.mean for one in self.options)
        enough = min(self.terms.target, nearest - _GAIN * 2)
        return min((one for one in self.options if one.report.attained.mean >= enough), key=lambda one: one.bill)


def make_plan(
    crowds: Mapping[str, Crowd], models: Mapping[str, Mapping[str, float]], fleet: Fleet, terms: Terms, route: Route
) -> Plan:
    """`models` are bytes by model for each kind that holds them all; `crowds` what is asked for on it. Raises
    `InvalidRequest` where there is no kind."""
    unfit = {name: "holds not all of the models" for name in fleet.kinds if name not in models}
    if not models:
        raise InvalidRequest(f"no kind of the fleet {fleet.id} holds these models: add one with more memory")
    options = []
    for kind, sizes in models.items():
        traces = [imagine(crowds[kind], terms.days, seed) for seed in range(terms.seeds)]
        options.append(_fewest(kind, sizes, traces, fleet, terms, route))
    return Plan(terms, tuple(options), unfit)


def find_limit(
    option: Option, crowd: Crowd, sizes: Mapping[str, float], fleet: Fleet, terms: Terms, route: Route
) -> Limit | None:
    """The crowd grows until what an option has is not enough any more. One seed: it is a direction, not a figure."""
    lesser = replace(terms, seeds=1, days=min(terms.days, 3.0))
    for factor in (2, 4, 8, 16):
        trace = imagine(replace(crowd, jobs_per_day=crowd.jobs_per_day * factor), lesser.days, seed=0)
        report = simulate(option.kind, fleet.kinds[option.kind].max, sizes, [trace], fleet, lesser, route).report
        if report.attained.mean < terms.target:
            why = next(iter(report.missed), "queue")
            return Limit(factor, report.attained.mean, why)
    return None


def simulate(
    kind: str,
    nodes: int,
    sizes: Mapping[str, float],
    traces: Sequence[Trace],
    fleet: Fleet,
    terms: Terms,
    route: Route,
    always: int = 0,
) -> Option:
    """Each trace under the policy, on up to so many nodes of one kind; `always` of them run whatever happens."""
    kinds = bounded(fleet, kind, nodes, always)
    group = shared_group(kind, sizes, kinds[kind].memory_gb * GB, nodes * kinds[kind].gpus_per_node, always)
    setting = Setting((group,), kinds, tick_seconds=_TICK, rest_seconds=_REST, by_clock=terms.warm is not None)
    records = tuple(
        run(trace, setting, planned(terms.policy), route, terms.slo_seconds, seed) for seed, trace in enumerate(traces)
    )
    months = sum(trace.months for trace in traces) / len(traces)
    report = summarise(records, months, terms.slo_seconds)
    paid = sum(one.paid[kind] for one in records) / len(records) / months
    return Option(kind, nodes, report, bill(paid, fleet.kinds[kind], fleet), records)


def shared_group(kind: str, sizes: Mapping[str, float], memory: float, most: int, least: int = 0) -> Group:
    """Replicas of a whole GPU, in which models of these bytes take turns."""
    models = {name: Held(size, size / LOAD_BYTES_PER_SECOND) for name, size in sizes.items()}
    return Group(SHARED, models, memory, (kind,), least=least, most=most)


def _fewest(
    kind: str, sizes: Mapping[str, float], traces: Sequence[Trace], fleet: Fleet, terms: Terms, route: Route
) -> Option:
    best: Option | None = None
    for nodes in _counts(fleet.kinds[kind].max):
        option = simulate(kind, nodes, sizes, traces, fleet, terms, route)
        if best is not None and option.report.attained.mean < best.report.attained.mean + _GAIN:
            return best
        best = option
        if option.report.attained.mean >= terms.target:
            return option
    if best is None:
        raise InvalidRequest(f"{kind} has no nodes in the fleet {fleet.id} (max: 0): give it some")
    return best


def _counts(most: int) -> Iterator[int]:
    """1, 2, 3, 4, 6, 8, 12 … and the most."""
    count = 1
    while count < most:
        yield count
        count = count + 1 if count < 4 else count + count // 2
    if most:
        yield most
