"""Who descends from whom, on both engines: an owner's own jobs, and of those of others that there were some."""

from __future__ import annotations

from dataclasses import replace

import pytest

from configs.errors import NotFound
from deployments.messages import Origin
from router.iterating.lineage import trace, trace_picture
from router.jobs.model import NewJob, Parent
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased


def _after(parent: NewJob, number: int, owner: str = "ana", index: int | None = None) -> NewJob:
    new = a_job(number, owner)
    origin = Origin(call="regenerate", job_id=parent.id, index=index)
    return replace(new, plan=new.plan.model_copy(update={"origin": origin}))


async def test_jobs_are_followed_both_ways_and_those_of_others_are_not_told(database: JobDatabase) -> None:
    first = a_job(1)
    second, third, strangers = _after(first, 2, index=1), _after(a_job(2), 3), _after(first, 4, "ben")
    async with database.store() as store:
        for job in (first, second, third, strangers):
            await store.submit(job)
        down = (await trace(store, Viewer("ana"), first.id, 8)).descendants
        assert [(step.depth, step.kin.job_id, step.kin.parent_index) for step in down] == [
            (1, second.id, 1),
            (2, third.id, None),
        ]
        assert [step.brief and step.brief.id for step in down] == [second.id, third.id]
        (up,) = (await trace(store, Viewer("ben"), strangers.id, 8)).ancestors
        assert (up.kin.parent_job, up.brief) == (first.id, None)
        with pytest.raises(NotFound):
            await trace(store, Viewer("ben"), first.id, 8)


async def test_pictures_that_jobs_were_made_from_are_lines_as_well(database: JobDatabase) -> None:
    async with database.store() as store:
        await store.submit(a_job(1))
        lease = await leased(store)
        gone = Parent(asset_id="pic_gone", role="image")
        await store.add_image(lease, a_picture(0).model_copy(update={"asset_id": "pic_1", "parents": (gone,)}))
        await store.submit(a_job(2))
        other = await leased(store)
        made_from = Parent(asset_id="pic_1", role="reference")
        await store.add_image(other, a_picture(0).model_copy(update={"asset_id": "pic_2", "parents": (made_from,)}))
        lineage = await trace(store, Viewer("ana"), other.job.id, 8)
        assert [(step.depth, step.kin.call, step.kin.is_there) for step in lineage.ancestors] == [
            (1, "reference", True),
            (2, "image", False),
        ]
        assert lineage.ancestors[0].brief is not None
        assert lineage.ancestors[0].brief.seeds == (a_picture(0).seed,)
        assert (await trace_picture(store, Viewer("ana"), "pic_1", 8)).descendants[0].kin.job_id == other.job.id
        assert (await trace_picture(store, Viewer("ana"), "pic_2", 8)).descendants == ()
