"""What comparisons draw, on both engines: in no list of jobs, and, while one is blind, in no search."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from router.assets.search.question import Question
from router.assets.search.store import ImageStore
from router.experiments.comparisons.picks import PickStore
from router.jobs.model import JobStatus, NewJob
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from router.plan import BLIND, COMPARED, Routed
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased

ANA = Viewer("ana")


def a_side(number: int, reason: str, way: str) -> NewJob:
    job = a_job(number)
    plan = job.plan.model_copy(update={"routed": Routed(reason=reason, served=way)})
    return replace(job, plan=plan, batch=f"batch_{reason}", line=1)


async def test_what_a_comparison_draws_is_in_no_history_and_blind_in_no_search(database: JobDatabase) -> None:
    async with database.store() as store:
        rows = cast(SqlJobStore, store).database
        images, picks = ImageStore(rows), PickStore(rows)
        sides = [a_side(2, COMPARED, "few"), a_side(3, BLIND, "few"), a_side(4, BLIND, "many")]
        for job in (a_job(1), *sides):
            await store.submit(job)
        for _ in range(4):
            lease = await leased(store)
            await store.add_image(lease, a_picture(0))
            await store.end(lease, JobStatus.COMPLETE)
        assert [job.id for job in await store.jobs(ANA)] == [a_job(1).id]
        assert [job.id for job in await store.jobs(ANA, before=a_job(9).id)] == [a_job(1).id]
        assert [job.id for job in await store.jobs(ANA, batch="batch_blind")] == [sides[2].id, sides[1].id]
        seen = {one.place for one in (await images.page(Question(ANA), 10)).images}
        assert seen == {(a_job(1).id, 0), (sides[0].id, 0)}
        assert (await images.facets(Question(ANA))).pictures == 2
        for _ in range(2):
            await picks.unveil("batch_blind", "ana")
            assert len((await images.page(Question(ANA), 10)).images) == 4
            assert (await images.facets(Question(ANA))).pictures == 4
