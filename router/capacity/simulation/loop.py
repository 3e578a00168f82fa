"""A run: jobs come, are drawn on machines that come and go, and production's own functions decide over all of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from router.capacity.decision import Decision
from router.capacity.simulation.clock import Clock
from router.capacity.simulation.desk import Desk
from router.capacity.simulation.machines import Card, Node, Replica
from router.capacity.simulation.park import Park
from router.capacity.simulation.records import Moment, Record, Use
from router.capacity.simulation.scaling import Scaling
from router.capacity.simulation.setting import Route, Setting
from router.capacity.simulation.trace import Trace
from router.capacity.world import DeploymentState, World

_GRACE = 6 * 3600.0  # after the last arrival, for what still waits
_MOMENTS = 600


def run(trace: Trace, setting: Setting, scaling: Scaling, route: Route, slo_seconds: float, seed: int = 0) -> Record:
    """What would have become of these jobs. The same arguments leave the same record."""
    return _Run(trace, setting, scaling, route, slo_seconds, Random(seed)).record


class _Run:
    """From the first arrival until all is drawn, or six hours after the last."""

    def __init__(
        self, trace: Trace, setting: Setting, scaling: Scaling, route: Route, slo_seconds: float, draw: Random
    ) -> None:
        self._trace, self._setting, self._scaling, self._route = trace, setting, scaling, route
        self._slo_seconds, self._draw = slo_seconds, draw
        self.record, self._clock = Record(), Clock()
        self._park = Park(setting, self._clock, self.record, draw)
        self._clock.on_fall = self._fall
        self._desks = {
            group.name: Desk(
                group, setting.kinds[group.kinds[0]].speed, self._clock, self.record, self._choose, self._begin
            )
            for group in setting.groups
        }
        self._group_of = setting.group_of()
        self._ticking: float | None = None
        self._go()

    def _go(self) -> None:
        for desk in self._desks.values():
            for _ in range(desk.group.least):
                self._place(desk, desk.group.kinds, at_once=True)
        self._tick()
        last = self._trace.seconds
        for arrival in self._trace.arrivals:
            while (due := self._clock.next) is not None and due <= arrival.at:
                self._see(due)
                self._clock.step()
            self._see(arrival.at)
            self._clock.now = arrival.at
            self.record.arrived += 1
            self._desks[self._group_of[arrival.model]].take(arrival)
            self._wake()
        while (due := self._clock.next) is not None and due <= last + _GRACE:
            if due > last and not self._outstanding:
                break
            self._see(due)
            self._clock.step()
        self._see(last)
        self._end(max(last, self._clock.now))

    def _see(self, until: float) -> None:
        """Note how things stood at each moment that has passed."""
        seen = self.record.moments
        while len(seen) < _MOMENTS and (moment := self._trace.seconds * (len(seen) + 1) / _MOMENTS) <= until:
            waiting = sum(len(desk.waiting) for desk in self._desks.values())
            seen.append(Moment(moment, len(self._park.nodes), waiting, self._park.paid(moment)))

    @property
    def _outstanding(self) -> int:
        return sum(desk.outstanding for desk in self._desks.values())

    def _end(self, at: float) -> None:
        self._park.settle(at)
        self.record.unfinished = self._outstanding
        idle = self.record.gpu_seconds
        idle[Use.IDLE] = max(idle[Use.IDLE] - idle[Use.DRAW] - idle[Use.LOAD], 0.0)

    def _wake(self) -> None:
        """Somebody came: a decision is due at the next tick, not when everybody has rested."""
        tick = self._setting.tick_seconds
        at = math.floor(self._clock.now / tick + 1) * tick
        if self._ticking is None or at < self._ticking:
            self._schedule(at)

    def _schedule(self, at: float) -> None:
        self._ticking = at
        self._clock.after(at - self._clock.now, lambda: self._tick() if self._ticking == at else None)

    def _tick(self) -> None:
        states = tuple(desk.state(self._slo_seconds) for desk in self._desks.values())
        began = self._trace.began.timestamp()
        for decision in self._scaling(World(began + self._clock.now, states, self._park.states())):
            self._follow(self._desks[decision.deployment], decision)
        pause = self._pause(states)
        self._ticking = None
        if pause is not None:
            self._schedule(self._clock.now + pause)

    def _pause(self, states: Sequence[DeploymentState]) -> float | None:
        """Until the next decision: while nobody waits there is little to decide. While nothing runs there is nothing,
        but for what goes by the clock: None, until somebody comes."""
        if any(state.waiting_jobs or state.starting for state in states):
            return self._setting.tick_seconds
        if any(state.running or state.in_hand_seconds for state in states):
            return self._setting.rest_seconds
        return self._setting.rest_seconds if self._setting.by_clock else None

    def _follow(self, desk: Desk, decision: Decision) -> None:
        self.record.reasons[decision.reason] += 1
        more = decision.desired - len(desk.replicas)
        kinds = tuple(sorted(desk.group.kinds, key=lambda kind: kind != decision.kind))
        for _ in range(more):
            if not self._place(desk, kinds):
                return
        for _ in range(-more):
            self._stop(desk)

    def _place(self, desk: Desk, kinds: Sequence[str], at_once: bool = False) -> bool:
        card = self._park.find(desk.group, tuple(kinds))
        if card is None:
            return False
        held = desk.group.models.get(desk.group.alone or "")
        seconds = desk.group.process_seconds + (held.load_seconds if held else 0.0)
        ready = self._clock.now if at_once else max(card.node.ready, self._clock.now) + seconds
        replica = Replica(desk.group, card, ready)
        if held and desk.group.alone:
            replica.shelf[desk.group.alone] = held.bytes
        card.room.free, card.room.users = card.room.free - desk.group.bytes, card.room.users + 1
        desk.replicas.append(replica)
        if ready < math.inf:
            self._clock.after(ready - self._clock.now, lambda: self._open(desk, replica))
        return True

    def _open(self, desk: Desk, replica: Replica) -> None:
        if not replica.leaving and not replica.card.node.gone:
            replica.running = True
            desk.dispatch()

    def _stop(self, desk: Desk) -> None:
        """What starts goes first, then whoever has least to do; what it was given, it draws."""
        now = self._clock.now
        replica = max(desk.replicas, key=lambda one: (not one.running, -len(one.jobs), -one.work(now)))
        desk.replicas.remove(replica)
        replica.leaving = True
        if not replica.jobs:
            self._remove(replica)

    def _remove(self, replica: Replica) -> None:
        room = replica.card.room
        room.free, room.users = room.free + replica.group.bytes, room.users - 1
        self._park.let_go(replica.card.node)

    def _choose(self, model: str, replicas: Sequence[Replica]) -> Replica:
        """As production ranks them; of a group, the shortest queue."""
        if len(replicas) == 1:
            return replicas[0]
        standings = [(one.holds(), one.work(self._clock.now)) for one in replicas]
        first = self._route(model, standings, self._draw)[0]
        return replicas[min(first, key=lambda i: len(replicas[i].jobs))]

    def _begin(self, card: Card) -> None:
        """Whoever is next on a GPU draws, if nobody does."""
        if card.drawing is not None or not card.queue:
            return
        replica = card.queue.popleft()
        job, speed = replica.jobs[0], self._setting.kinds[card.node.kind].speed
        load = replica.load(job.arrival.model)
        if load and not job.late:
            job.late = "load"
        card.drawing, card.begins = replica, self._clock.now + load
        card.until = card.begins + job.arrival.seconds / speed
        self.record.gpu_seconds[Use.LOAD] += load
        self.record.gpu_seconds[Use.DRAW] += card.until - card.begins
        self._clock.after(card.until - self._clock.now, lambda: self._finish(card, replica))

    def _finish(self, card: Card, replica: Replica) -> None:
        if card.node.gone:
            return
        desk = self._desks[replica.group.name]
        card.drawing = None
        desk.done(replica, card.begins)
        if replica.leaving and not replica.jobs:
            self._remove(replica)
        desk.dispatch()
        self._begin(card)

    def _fall(self, why: str, node: Node) -> None:
        """A node that is lost on its way, or dies: what was drawn on it is drawn again, elsewhere."""
        self.record.nodes_lost += 1
        now = self._clock.now
        for card in node.cards:
            if card.drawing is not None:
                self.record.gpu_seconds[Use.DRAW] -= card.until - max(now, card.begins)
        self._park.close(node, paid=why == "dead")
        for desk in self._desks.values():
            for replica in [one for one in desk.replicas if one.card.node is node]:
                desk.replicas.remove(replica)
                desk.again(replica.jobs)
        self._again_leaving(node)
        self._wake()

    def _again_leaving(self, node: Node) -> None:
        """Of replicas that were told to leave, and had not finished."""
        for card in node.cards:
            on_it = {id(one): one for one in (*card.queue, *((card.drawing,) if card.drawing else ()))}
            for replica in on_it.values():
                if replica.leaving:
                    self._desks[replica.group.name].again(replica.jobs)
