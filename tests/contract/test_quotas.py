"""Quotas on both engines: exact over several front doors, settled when a job ends, given back where nothing came."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, text

from configs.errors import NotFound, QuotaReached
from configs.quotas import Quota, Quotas
from configs.service import Limits as ServiceLimits
from router.api.app import create_app
from router.batches.model import NewBatch
from router.batches.store import BatchStore
from router.jobs.model import IdempotencyKey, JobFailure, JobStatus
from router.jobs.sql import SqlJobStore
from router.people.audit.model import Signature
from router.people.quotas.model import Claim, Demand, Limits
from router.people.quotas.store import QuotaStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased
from tests.contract.test_batches import a_batch
from tests.studio import PaintedGenerator, painted_studio, serving

BOSS = Signature("boss", "oidc")
NONE = Quotas()
ANA = Viewer("ana")


class Desk:
    """A front door with a job store of its own."""

    def __init__(self, database: JobDatabase, defaults: Quotas = NONE) -> None:
        self.store = SqlJobStore(database.url, database.clock)
        self.quotas = QuotaStore(self.store.database, database.clock)
        self.batches = BatchStore(self.store.database, database.clock)
        self.defaults = defaults

    def claim(self, user: str = "ana", space: str = "home", key: str | None = None) -> Claim:
        return Claim(user, space, key, self.defaults)

    async def order(self, number: int, key: str | None = None, **of: str | None) -> None:
        """Four pictures in eight seconds, as `a_job` has them."""
        idempotency = None if key is None else IdempotencyKey(key, "body")
        user = of.get("user") or "ana"
        await self.store.submit_within(a_job(number, user), idempotency, self.claim(user, key=of.get("api_key")))

    async def used(self, user: str = "ana") -> tuple[int, int, float]:
        """In flight, pictures, seconds."""
        standing = await self.quotas.standing("user", user, self.defaults.user)
        return standing.jobs_in_flight, standing.pictures, round(standing.device_seconds, 6)


@asynccontextmanager
async def desks(database: JobDatabase, count: int = 1, **user: int) -> AsyncIterator[tuple[Desk, ...]]:
    """Front doors over one database, with a default for every user."""
    found = tuple(Desk(database, Quotas(user=Quota(**user))) for _ in range(count))
    for one in found:
        await one.store.open()
    try:
        yield found
    finally:
        for one in found:
            await one.store.close()


async def refused(ordering: object) -> QuotaReached:
    with pytest.raises(QuotaReached) as caught:
        await ordering  # type: ignore[misc]
    return caught.value


@pytest.mark.parametrize("limits", [{"jobs_in_flight": 20}, {"pictures_per_day": 80}, {"device_seconds_per_day": 160}])
async def test_a_limit_is_exact_over_several_front_doors(database: JobDatabase, limits: dict[str, int]) -> None:
    async with desks(database, 2, **limits) as doors:

        async def order(number: int) -> bool:
            try:
                await doors[number % 2].order(number)
            except QuotaReached:
                return False
            return True

        accepted = await asyncio.gather(*map(order, range(50)))
        assert sum(accepted) == 20
        assert len(await doors[0].store.jobs(ANA, 100)) == 20
        assert await doors[1].used() == (20, 80, 160.0)


async def test_two_studios_over_one_database_accept_what_the_quota_allows(
    database: JobDatabase, tmp_path: Path
) -> None:
    limits = ServiceLimits(quotas=Quotas(user=Quota(pictures_per_day=20)))
    studios = [
        painted_studio(tmp_path / name, PaintedGenerator(0.5), database_url=database.url, limits=limits)
        for name in ("one", "other")
    ]
    with serving(create_app(studios[0])) as one, serving(create_app(studios[1])) as other:
        async with httpx.AsyncClient(timeout=60) as client:
            asked = {"prompt": "a fox", "quality": "draft", "num_variations": 1}
            answers = await asyncio.gather(
                *(client.post(f"{url}/generate", json=asked) for _ in range(25) for url in (one, other))
            )
            assert Counter(answer.status_code for answer in answers) == {202: 20, 429: 30}
            left = [int(answer.headers["RateLimit-Remaining"]) for answer in answers if answer.status_code == 202]
            assert sorted(left) == list(range(20))
            (used,) = [
                one["used"]["pictures"]
                for one in (await client.get(f"{other}/me/quota")).json()["quotas"]
                if one["subject"] == "user"
            ]
            assert used == 20


async def test_what_is_refused_leaves_nothing(database: JobDatabase) -> None:
    async with desks(database, pictures_per_day=6) as (desk,):
        await desk.order(1)
        error = await refused(desk.order(2, key="again"))
        assert await desk.used() == (1, 4, 8.0)
        assert [job.id for job in await desk.store.jobs(ANA)] == [a_job(1).id]
        assert await desk.store.submitted("ana", IdempotencyKey("again", "body")) is None
        assert error.reached is not None
        assert (error.reached.name, error.reached.limit, error.reached.used) == ("pictures_per_day", 6, 8)
        assert error.retry_after == 12 * 3600
        assert error.message == (
            "your quota of 6 pictures a day is reached: 4 are taken today, and this asks for 4 more; the next day "
            "begins at 00:00 UTC, in 12 h 00 min"
        )
        database.clock.advance(error.retry_after - 1)
        await refused(desk.order(3))
        database.clock.advance(1)
        await desk.order(4)


async def test_a_job_counts_as_what_it_took_once_it_has_ended(database: JobDatabase) -> None:
    async with desks(database, pictures_per_day=100) as (desk,):
        for number, (pictures, status) in enumerate(
            ((4, JobStatus.COMPLETE), (2, JobStatus.CANCELED), (0, JobStatus.FAILED), (1, JobStatus.FAILED))
        ):
            before = await desk.used()
            await desk.order(number)
            lease = await leased(desk.store)
            for index in range(pictures):
                await desk.store.add_image(lease, a_picture(index))
            assert await desk.used() == (1, before[1] + 4, before[2] + 8.0)
            failure = JobFailure(code="lost", message="lost") if status is JobStatus.FAILED else None
            await desk.store.end(lease, status, failure)
            assert await desk.used() == (0, before[1] + pictures, before[2] + 0.5 * pictures)


async def test_a_day_later_it_is_settled_on_its_own_day(database: JobDatabase) -> None:
    async with desks(database, pictures_per_day=4) as (desk,):
        await desk.order(1)
        lease = await leased(desk.store)
        database.clock.advance(24 * 3600)
        await desk.order(2)
        await desk.store.end(lease, JobStatus.CANCELED)
        assert await desk.used() == (1, 4, 8.0)


async def test_drawings_that_did_not_become_pictures_count_by_their_seconds(database: JobDatabase) -> None:
    async with desks(database, pictures_per_day=100) as (desk,):
        await desk.order(1)  # a plan of four drawings, of which two come out
        lease = await leased(desk.store)
        for index in range(2):
            await desk.store.add_image(lease, a_picture(index))
        await desk.store.end(lease, JobStatus.COMPLETE)
        assert await desk.used() == (0, 2, 2 * 0.5 + 2 * 1.0)


async def test_a_canceled_job_gives_back_what_it_asked_for(database: JobDatabase) -> None:
    async with desks(database, jobs_in_flight=1) as (desk,):
        await desk.order(1)
        await desk.store.request_cancel(ANA, a_job(1).id)
        assert await desk.used() == (0, 0, 0.0)
        await desk.order(2)


async def test_the_same_order_counts_once(database: JobDatabase) -> None:
    async with desks(database, pictures_per_day=4) as (desk,):
        await desk.order(1, key="a")
        await desk.order(2, key="a")
        assert await desk.used() == (1, 4, 8.0)


def counted_batch(database: JobDatabase, jobs: int) -> NewBatch:
    batch = a_batch(database, jobs=jobs)
    return replace(batch, demands=tuple(Demand(row["id"], 4, 8.0) for row in batch.jobs))


async def test_a_batch_counts_row_by_row_all_or_nothing(database: JobDatabase) -> None:
    async with desks(database, pictures_per_day=20) as (desk,):
        large = counted_batch(database, 6)
        error = await refused(desk.batches.accept_within(large, None, desk.claim()))
        assert "this asks for 24, and your quota is 20 pictures a day: ask for less" in error.message
        assert error.retry_after is None
        assert await desk.used() == (0, 0, 0.0)
        assert await desk.batches.batches(ANA, 10) == ()
        fits = counted_batch(database, 5)
        _, _, states = await desk.batches.accept_within(fits, None, desk.claim())
        assert [(one.used, one.remaining) for one in states] == [(20, 0)]
        lease = await leased(desk.store)
        await desk.batches.cancel(ANA, "batch_1")
        assert await desk.used() == (1, 4, 8.0)
        await desk.store.end(lease, JobStatus.CANCELED)
        assert await desk.used() == (0, 0, 0.0)


async def test_operators_set_what_the_profile_leaves_open(database: JobDatabase) -> None:
    async with desks(database, pictures_per_day=4) as (desk,):
        await desk.quotas.set("user", "ben", Limits(pictures_per_day="unlimited", jobs_in_flight=2), BOSS)
        await desk.quotas.set("space", "home", Limits(pictures_per_day=12), BOSS)
        await desk.order(1, user="ben")
        await desk.order(2, user="ben")
        error = await refused(desk.order(3, user="ben"))
        assert error.message.startswith("your quota of 2 jobs at a time is reached: 2 are under way")
        assert error.retry_after == 8
        await desk.order(4)
        assert (await refused(desk.order(5))).message.startswith("your quota of 4 pictures a day is reached")
        error = await refused(desk.order(6, user="cleo"))
        assert error.message.startswith("the quota of the space home of 12 pictures a day is reached")
        assert [(one.subject, one.id, one.set_by) for one in await desk.quotas.all()] == [
            ("space", "home", "boss"),
            ("user", "ben", "boss"),
        ]
        await desk.quotas.remove("space", "home", BOSS)
        await desk.order(7, user="cleo")
        with pytest.raises(NotFound, match="no quota was set for the space home"):
            await desk.quotas.remove("space", "home", BOSS)


async def test_a_key_has_a_quota_beside_its_owners(database: JobDatabase) -> None:
    async with desks(database) as (desk,):
        await desk.quotas.set("key", "k1", Limits(jobs_in_flight=1), BOSS)
        await desk.order(1, api_key="k1")
        error = await refused(desk.order(2, api_key="k1"))
        assert error.message.startswith("the quota of the key k1 of 1 job at a time is reached")
        await desk.order(3, api_key="k2")
        await desk.order(4)


@pytest.mark.parametrize("limits", [{"jobs_in_flight": 0}, {"pictures_per_day": 0}, {"device_seconds_per_day": 0}])
async def test_a_quota_of_zero_lets_nothing_be_drawn(database: JobDatabase, limits: dict[str, int]) -> None:
    async with desks(database, **limits) as (desk,):
        error = await refused(desk.order(1))
        assert "nothing may be drawn until an operator raises it" in error.message
        assert error.retry_after is None


async def test_where_nothing_is_limited_nothing_is_written(database: JobDatabase) -> None:
    async with desks(database) as (desk,):
        await desk.order(1)

        def rows(connection: Connection) -> int:
            counts = [connection.execute(text(f"SELECT count(*) FROM {t}")) for t in ("quota_use", "quota_charges")]
            return sum(count.scalar_one() for count in counts)

        assert await desk.store.database.write(rows) == 0


async def test_a_quota_that_cannot_be_read_stops_nobody(database: JobDatabase) -> None:
    async with desks(database, jobs_in_flight=1) as (desk,):
        await desk.quotas.set("user", "ana", Limits(jobs_in_flight=0), BOSS)

        def poison(connection: Connection) -> None:
            connection.execute(text("UPDATE quotas SET limits = '[]'"))

        await desk.store.database.write(poison)
        await desk.order(1)
        await refused(desk.order(2))


async def test_the_error_is_the_same_in_another_process() -> None:
    import pickle

    from configs.quotas import QuotaState

    state = QuotaState("user", "ana", "pictures_per_day", 4, 8, 60)
    error = QuotaReached("no more", reached=state, retry_after=60, states=(state,))
    there = pickle.loads(pickle.dumps(error))
    assert (there.reached, there.retry_after, there.states) == (state, 60, (state,))
