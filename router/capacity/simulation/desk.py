"""Jobs on their way: they wait, are given to a replica by production's ranking, and are drawn."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence

from router.capacity.simulation.clock import Clock
from router.capacity.simulation.machines import Card, Job, Replica
from router.capacity.simulation.records import Record
from router.capacity.simulation.setting import Group
from router.capacity.simulation.trace import Arrival
from router.capacity.world import DeploymentState

Choose = Callable[[str, Sequence[Replica]], Replica]
"""Which of several replicas that have room draws with a model."""

_WINDOW = 300.0  # seconds over which arriving work is averaged


class Desk:
    """Of one deployment."""

    def __init__(
        self, group: Group, speed: float, clock: Clock, record: Record, choose: Choose, begin: Callable[[Card], None]
    ) -> None:
        """Seconds of its work are those of a GPU of this `speed`. `begin` is told of a GPU that has more to do."""
        self.group = group
        self._speed, self._clock, self._record, self._choose, self._begin = speed, clock, record, choose, begin
        self._start_seconds = group.start_seconds
        self.waiting: deque[Job] = deque()
        self.replicas: list[Replica] = []
        """That are there or will be, and are not told to leave."""
        self.in_hand = 0
        self._asleep: DeploymentState | None = None
        """As it is while it has neither replicas nor jobs."""
        self._waiting_seconds, self._in_hand_seconds = 0.0, 0.0
        self._arriving, self._arrived_at, self._jobs, self._seconds = 0.0, 0.0, 0, 0.0

    @property
    def outstanding(self) -> int:
        return len(self.waiting) + self.in_hand

    def take(self, arrival: Arrival) -> None:
        """A job is accepted."""
        now, seconds = self._clock.now, arrival.seconds / self._speed
        self._arriving = self._arriving * math.exp((self._arrived_at - now) / _WINDOW) + seconds / _WINDOW
        self._arrived_at, self._jobs, self._seconds = now, self._jobs + 1, self._seconds + seconds
        self._waiting_seconds += seconds
        self.waiting.append(Job(arrival))
        self.dispatch()

    def dispatch(self) -> None:
        """Give what waits to replicas that have room."""
        while self.waiting:
            open_ones = [one for one in self.replicas if one.has_room]
            if not open_ones:
                return
            replica = self._choose(self.waiting[0].arrival.model, open_ones)
            self._give(self.waiting.popleft(), replica)

    def again(self, jobs: Sequence[Job]) -> None:
        """Jobs of a replica that has died come before all others."""
        for job in reversed(jobs):
            seconds = job.arrival.seconds / self._speed
            self._in_hand_seconds -= seconds
            self._waiting_seconds += seconds
            self.in_hand -= 1
            self.waiting.appendleft(job)
        self._record.redone += len(jobs)

    def state(self, slo_seconds: float) -> DeploymentState:
        """As a decision is told of it."""
        if not self.replicas and not self.outstanding:
            if self._asleep is None or self._asleep.slo_seconds != slo_seconds:
                self._asleep = self._state(slo_seconds)
            return self._asleep
        return self._state(slo_seconds)

    def _state(self, slo_seconds: float) -> DeploymentState:
        now = self._clock.now
        running = [one for one in self.replicas if one.running]
        starting = sorted(one.ready for one in self.replicas if not one.running)
        return DeploymentState(
            name=self.group.name,
            waiting_seconds=max(self._waiting_seconds, 0.0) if self.waiting else 0.0,
            waiting_jobs=len(self.waiting),
            oldest_wait_seconds=now - self.waiting[0].arrival.at if self.waiting else 0.0,
            in_hand_seconds=self._remaining() if self.in_hand else 0.0,
            at_once=self.outstanding,
            arriving=self._arriving * math.exp((self._arrived_at - now) / _WINDOW),
            seconds_per_job=self._seconds / self._jobs if self._jobs else 1.0,
            running=len(running),
            starting=tuple(self._expected(ready) for ready in starting),
            start_seconds=self._start_seconds,
            bytes=self.group.bytes,
            kinds=self.group.kinds,
            places=tuple(one.card.node.kind for one in sorted(self.replicas, key=lambda one: not one.running)),
            least=self.group.least,
            most=self.group.most,
            slo_seconds=slo_seconds,
        )

    def done(self, replica: Replica, begins: float) -> None:
        """A replica has drawn its first job."""
        job = replica.jobs.popleft()
        self._record.waits.append(begins - job.arrival.at)
        self._record.late.append(job.late)
        self._in_hand_seconds -= job.arrival.seconds / self._speed
        self.in_hand -= 1

    def _remaining(self) -> float:
        """Of work in hand: what was drawn of it so far is done."""
        now = self._clock.now
        drawn = sum(max(now - one.card.begins, 0.0) for one in self.replicas if one.card.drawing is one)
        return max(self._in_hand_seconds - drawn, 0.0)

    def _expected(self, ready: float) -> float:
        """Nobody knows of a node that it will never come: it is expected as if it did."""
        return max(ready - self._clock.now, 0.0) if ready < math.inf else self._start_seconds

    def _give(self, job: Job, replica: Replica) -> None:
        seconds = job.arrival.seconds / self._speed
        self._waiting_seconds -= seconds
        self._in_hand_seconds += seconds
        self.in_hand += 1
        if replica.ready > job.arrival.at and not job.late:
            job.late = "start"
        replica.jobs.append(job)
        replica.card.queue.append(replica)
        self._begin(replica.card)
