"""Measured rates in the job store."""

from __future__ import annotations

from tests.contract.job_samples import JobDatabase


async def test_rates_are_kept_and_written_over(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.keep_rates({"step mini 128x128": 1.0, "upscale mini-x4": 2.0})
        await store.keep_rates({"step mini 128x128": 1.5})
    async with database.store() as store:
        assert await store.rates() == {"step mini 128x128": 1.5, "upscale mini-x4": 2.0}
