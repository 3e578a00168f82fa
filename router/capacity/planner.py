"""Decides what capacity is needed, every two seconds: by one conductor of all, whichever has the seat."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from configs.capacity import CapacityPolicy
from configs.catalog import Installation
from configs.errors import StageError, StoreUnavailable
from configs.metrics import Metrics
from router.capacity.assembly import Heard, assemble
from router.capacity.decide import decide
from router.capacity.decision import Memory
from router.capacity.feeds.jobs import Demand
from router.capacity.feeds.past_days import Foreseen
from router.capacity.feeds.prometheus import PrometheusFeed
from router.capacity.report import Record, Report
from router.capacity.start_times import StartTimes
from router.capacity.world import Source
from router.metrics import CAPACITY_DECISIONS, CAPACITY_INPUT_AGE
from router.operations.survey import Survey

_log = logging.getLogger("atelier.capacity")
_SECONDS = 2.0
_PATIENCE_SECONDS = 5.0  # for one feed


class Board(Protocol):
    """What runs where, and where decisions are told: `Replicas` has all of it."""

    async def survey(self) -> Survey: ...

    async def publish_capacity(self, report: Report) -> None: ...


class Demands(Protocol):
    async def by_placement(self) -> Mapping[str, Demand]: ...


class Prospects(Protocol):
    async def foreseen(self) -> Mapping[str, Foreseen]: ...


class Seat(Protocol):
    """Whoever has it decides; one of all that ask."""

    async def take(self) -> bool: ...

    async def leave(self) -> None: ...


class OnlySeat:
    """Of who decides for replicas that no other conductor reaches: a worker's, which are a cluster of their own."""

    async def take(self) -> bool:
        return True

    async def leave(self) -> None: ...


class Planner:
    """Runs in a conductor. What it does not hear is as old as it is; what is too old is held."""

    def __init__(
        self,
        installation: Callable[[], Installation],
        demands: Demands,
        board: Board,
        seat: Seat,
        metrics: Metrics,
        prometheus: PrometheusFeed | None = None,
        prospects: Prospects | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`prospects` are asked where the profile wants a forecast."""
        self._installation, self._demands, self._board, self._seat = installation, demands, board, seat
        self._metrics, self._prometheus, self._prospects, self._clock = metrics, prometheus, prospects, clock
        self._memory, self._record, self._starts = Memory(), Record(), StartTimes()
        self._demand: Mapping[str, Demand] = {}
        self._survey: Survey | None = None
        self._foreseen: Mapping[str, Foreseen] | None = None
        self._heard_at = dict.fromkeys((Source.JOBS, Source.REPLICAS), clock())
        self._in_trouble = False

    async def run(self) -> None:
        """For ever. Nothing that goes wrong here stops a conductor."""
        try:
            while True:
                try:
                    if await self._seat.take():
                        await self.plan()
                    self._in_trouble = False
                except Exception:  # noqa: BLE001 - replicas stay as they are meanwhile, and jobs are drawn
                    if not self._in_trouble:
                        _log.exception("what capacity is needed cannot be decided; trying again")
                    self._in_trouble = True
                await asyncio.sleep(_SECONDS)
        finally:
            await self._seat.leave()

    async def plan(self) -> None:
        """Listen, decide, tell."""
        await asyncio.gather(self._hear_jobs(), self._hear_replicas())
        foreign = await self._hear_prometheus()
        if self._survey is None:
            return  # nothing is known of replicas: whatever runs goes on
        now, installation = self._clock(), self._installation()
        policy = installation.profile.capacity
        await self._look_ahead(policy)
        heard = Heard(self._demand, self._survey, foreign, self._ages(now), self._foreseen)
        self._starts.look(self._survey.deployments, now)
        world = assemble(installation, heard, self._starts, now)
        outcome = decide(world, policy, self._memory)
        self._memory = outcome.memory
        for changed in self._record.note(world, policy, outcome):
            reason, direction = str(changed.reason), changed.direction
            self._metrics.count(CAPACITY_DECISIONS, deployment=changed.deployment, reason=reason, direction=direction)
            _log.info("%s: %d replicas (%s)", changed.deployment, changed.desired, changed.reason)
        for source, age in world.ages.items():
            self._metrics.gauge(CAPACITY_INPUT_AGE, age, source=str(source))
        faults = [self._prometheus.fault] if self._prometheus is not None and self._prometheus.fault else []
        await self._board.publish_capacity(self._record.report(world, faults))

    async def _hear_jobs(self) -> None:
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self._demand = await self._demands.by_placement()
            self._heard_at[Source.JOBS] = self._clock()

    async def _hear_replicas(self) -> None:
        with suppress(StageError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self._survey = await self._board.survey()
            self._heard_at[Source.REPLICAS] = self._clock()

    async def _hear_prometheus(self) -> Mapping[str, float]:
        return {} if self._prometheus is None else await asyncio.to_thread(self._prometheus.ask)

    async def _look_ahead(self, policy: CapacityPolicy) -> None:
        """What was foreseen counts on while the database is away."""
        if policy.forecast is None or self._prospects is None:
            self._foreseen = None
            return
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self._foreseen = await self._prospects.foreseen()

    def _ages(self, now: float) -> dict[Source, float]:
        ages = {source: max(now - at, 0.0) for source, at in self._heard_at.items()}
        if self._prometheus is not None:
            ages[Source.PROMETHEUS] = self._prometheus.age_seconds
        return ages
