"""What every job store promises to owners: nobody waits for the whole queue of somebody else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.contract.job_samples import LEASE_SECONDS, JobDatabase, a_job, finished, leased


async def test_one_worker_serves_a_newcomer_right_after_the_job_in_work(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(20):
            await store.submit(a_job(number, "ana"))
        await finished(store, await leased(store))
        database.clock.advance(1)
        await store.submit(a_job(99, "ben"))
        owners = []
        for _ in range(4):
            lease = await leased(store)
            owners.append(lease.job.owner)
            database.clock.advance(1)
            await finished(store, lease)
    assert owners == ["ben", "ana", "ana", "ana"]


async def test_workers_are_shared_evenly_between_owners(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(10):
            await store.submit(a_job(number, "ana"))
            await store.submit(a_job(100 + number, "ben"))
        await store.submit(a_job(200, "eve"))
        leases = []
        for _ in range(7):
            leases.append(await leased(store))
            database.clock.advance(0.1)
    assert Counter(lease.job.owner for lease in leases) == {"ana": 3, "ben": 3, "eve": 1}


async def test_leases_of_dead_workers_do_not_cost_their_owner_a_turn(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(3):
            await store.submit(a_job(number, "ana"))
            await leased(store, "dying")
        database.clock.advance(LEASE_SECONDS)
        await store.submit(a_job(10, "ben"))
        await finished(store, await leased(store))
        database.clock.advance(1)
        await store.submit(a_job(11, "ben"))
        assert (await leased(store)).job.owner == "ana"


async def test_a_job_of_its_own_goes_before_all_that_waits_in_a_batch(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(5):
            await store.submit(replace(a_job(number, "ana"), batch="batch_1", line=number + 1))
        await finished(store, await leased(store))
        await store.submit(a_job(9, "ana"))
        await store.submit(a_job(8, "ben"))
        turns = []
        for _ in range(6):
            database.clock.advance(1)
            lease = await leased(store)
            turns.append((lease.job.owner, lease.job.line))
            await finished(store, lease)
    assert turns == [("ben", 0), ("ana", 0), ("ana", 2), ("ana", 3), ("ana", 4), ("ana", 5)]


async def test_what_waits_in_a_batch_makes_a_job_of_its_own_wait_no_longer(database: JobDatabase) -> None:
    async with database.store() as store:
        for number in range(3):
            await store.submit(replace(a_job(number, "ana", seconds=100), batch="batch_1"))
        await leased(store)
        alone, in_batch = await store.backlog("ana"), await store.backlog("ana", in_batch=True)
        assert (alone.jobs, alone.seconds, alone.own_jobs, alone.own_batch_jobs) == (0, 0.0, 0, 3)
        assert (in_batch.jobs, in_batch.seconds) == (3, 300.0)
        assert (await store.backlog("ana", a_job(2).id, in_batch=True)).seconds == 200.0
