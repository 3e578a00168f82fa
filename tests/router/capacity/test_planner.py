"""The planner listens, decides and tells; what it does not hear makes it hold, and one of several decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from configs.capacity import Forecast
from configs.catalog import Installation
from configs.errors import StageUnavailable, StoreUnavailable
from router.capacity.decision import Reason
from router.capacity.feeds.jobs import Demand
from router.capacity.feeds.past_days import Foreseen
from router.capacity.planner import Planner
from router.capacity.report import REPORT, Report, sentence
from router.metrics import CAPACITY_DECISIONS, CAPACITY_INPUT_AGE
from router.operations.survey import DeploymentSurvey, ReplicaSurvey, Survey
from router.storage.database import Database
from tests.studio import local_installation, painted_studio

pytestmark = pytest.mark.anyio
MINI = "generator-mini"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Studio:
    """All that a planner listens to and tells, with a clock that is set by hand."""

    now: float = 1_000_000.0
    demand: dict[str, Demand] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    database: bool = True
    controller: bool = True
    told: list[Report] = field(default_factory=list)
    counted: list[Mapping[str, str]] = field(default_factory=list)
    gauges: dict[str, float] = field(default_factory=dict)
    seats: int = 1

    async def by_placement(self) -> Mapping[str, Demand]:
        if not self.database:
            raise StoreUnavailable("the database is away")
        return self.demand

    async def foreseen(self) -> Mapping[str, Foreseen]:
        if not self.database:
            raise StoreUnavailable("the database is away")
        return {MINI: Foreseen(arriving=0.6, jobs_per_hour=60), f"{MINI}+other": Foreseen(9.0, 9.0)}

    async def survey(self) -> Survey:
        if not self.controller:
            raise StageUnavailable("no answer")
        replicas = tuple(ReplicaSurvey(str(i), state) for i, state in enumerate(self.states))
        return Survey((DeploymentSurvey(MINI, "healthy", 1, replicas),), on_ray=True)

    async def publish_capacity(self, report: Report) -> None:
        self.told.append(report)

    async def take(self) -> bool:
        return self.seats > 0

    async def leave(self) -> None: ...

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        assert name == CAPACITY_DECISIONS
        self.counted.append(tags)

    def gauge(self, name: str, value: float, **tags: str) -> None:
        assert name == CAPACITY_INPUT_AGE
        self.gauges[tags["source"]] = value

    def observe(self, name: str, value: float, **tags: str) -> None: ...


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def planner(studio: Studio, tmp_path: Path) -> Planner:
    installation = on_demand(tmp_path)
    return Planner(lambda: installation, studio, studio, studio, studio, clock=lambda: studio.now)


def on_demand(folder: Path, **capacity: Any) -> Installation:
    installation = local_installation(folder)
    profile = installation.profile
    replicas = profile.generators[0].replicas.model_copy(update={"min_replicas": 0, "max_replicas": 3})
    generator = profile.generators[0].model_copy(update={"replicas": replicas})
    policy = profile.capacity.model_copy(update=capacity)
    changed = profile.model_copy(update={"generators": (generator,), "capacity": policy})
    return installation.model_copy(update={"profile": changed})


def waiting(jobs: int = 1, seconds: float = 5.0) -> dict[str, Demand]:
    return {MINI: Demand(jobs=jobs, waiting_jobs=jobs, pictures=jobs, waiting_seconds=seconds)}


def last(studio: Studio) -> Any:
    return studio.told[-1].told[0]


async def test_a_waiting_job_wakes_a_deployment_and_the_reason_is_told_in_words(
    studio: Studio, planner: Planner
) -> None:
    await planner.plan()
    assert (last(studio).decision.desired, studio.counted) == (0, [])
    studio.demand = waiting()
    await planner.plan()
    assert (last(studio).decision.desired, str(last(studio).decision.reason)) == (1, "wake")
    assert sentence(last(studio)) == "1 jobs wait, and nothing runs"
    assert studio.counted == [{"deployment": MINI, "reason": "wake", "direction": "up"}]
    assert studio.told[-1].unfinished == {MINI: 1}
    assert studio.told[-1].before[0].decision.desired == 0
    assert studio.gauges == {"jobs": 0.0, "replicas": 0.0}


async def test_a_decision_that_stays_the_same_is_counted_once(studio: Studio, planner: Planner) -> None:
    studio.demand = waiting()
    for _ in range(3):
        await planner.plan()
        studio.now += 2
    assert len(studio.counted) == 1
    assert last(studio).since == 1_000_000.0


@pytest.mark.parametrize("away", ["database", "controller"])
async def test_what_is_not_heard_of_for_too_long_is_held(studio: Studio, planner: Planner, away: str) -> None:
    studio.states = ["running", "running"]
    await planner.plan()
    setattr(studio, away, False)
    studio.now += 31
    await planner.plan()
    assert (last(studio).decision.desired, str(last(studio).decision.reason)) == (2, "hold-stale")
    assert max(studio.gauges.values()) == 31
    setattr(studio, away, True)
    await planner.plan()
    assert str(last(studio).decision.reason) == "keep-alive"


async def test_a_start_that_was_seen_is_what_the_next_is_expected_to_take(studio: Studio, planner: Planner) -> None:
    studio.demand, studio.states = waiting(), ["starting"]
    await planner.plan()
    assert last(studio).ground.start_seconds > 10
    studio.now += 4
    studio.states = ["running"]
    await planner.plan()
    assert last(studio).ground.start_seconds == 4


async def test_what_is_told_is_the_same_on_the_other_side(studio: Studio, planner: Planner) -> None:
    studio.demand = waiting(jobs=40, seconds=4000)
    studio.states = ["running"]
    await planner.plan()
    assert last(studio).decision.desired == 3
    assert "who comes now would wait 4000 s" in sentence(last(studio))
    assert REPORT.validate_json(REPORT.dump_json(studio.told[-1])) == studio.told[-1]


async def test_one_of_two_processes_has_the_seat_until_it_leaves(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    databases = [Database(url), Database(url)]
    first, second = (one.seat(1) for one in databases)
    assert await first.take()
    assert await first.take()
    assert not await second.take()
    assert await databases[1].seat(2).take()
    await first.leave()
    assert await second.take()
    await second.leave()
    for one in databases:
        await one.close()


async def test_each_worker_decides_for_its_own_replicas(tmp_path: Path) -> None:
    for role, both in (("worker", True), ("all", False)):
        folder = tmp_path / role
        studios = [painted_studio(folder, role=role) for _ in range(2)]
        seats = [studio.planner._seat for studio in studios]
        assert await seats[0].take()
        assert await seats[1].take() is both
        await seats[0].leave()
        for studio in studios:
            await studio.store.close()


async def test_a_forecast_keeps_what_the_hour_will_need_also_while_the_database_is_away(
    studio: Studio, tmp_path: Path
) -> None:
    installation = on_demand(tmp_path, forecast=Forecast())
    planner = Planner(lambda: installation, studio, studio, studio, studio, prospects=studio, clock=lambda: studio.now)
    for studio.database in (True, False):
        await planner.plan()
        assert (last(studio).decision.desired, last(studio).decision.reason) == (1, Reason.FORECAST)


async def test_nobody_looks_ahead_unless_the_profile_says_so(studio: Studio, tmp_path: Path) -> None:
    installation = on_demand(tmp_path)
    planner = Planner(lambda: installation, studio, studio, studio, studio, prospects=studio, clock=lambda: studio.now)
    await planner.plan()
    assert last(studio).decision.desired == 0
