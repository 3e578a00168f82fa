"""Ballots on both engines, with two processes that hand them out and take answers at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from configs.errors import StateConflict
from router.experiments.ballots.importing import read_votes
from router.experiments.ballots.model import Answer
from router.experiments.ballots.report import Findings, report
from router.studio import Studio
from tests.contract.job_samples import JobDatabase
from tests.router.experiments.ballots.samples import NOW, Gallery, a_phase
from tests.studio import painted_studio


async def two_studios(folder: Path, url: str) -> tuple[Studio, Studio]:
    one, other = (painted_studio(folder, database_url=url) for _ in range(2))
    await one.store.open()
    await other.store.open()
    return one, other


async def test_two_processes_hand_out_and_count_each_ballot_once(database: JobDatabase, tmp_path: Path) -> None:
    one, other = await two_studios(tmp_path, database.url)
    phase, gallery = a_phase("both", checks=0.3), Gallery(one)
    await gallery.begin(phase)
    await gallery.draw(phase, [f"prompt {number}" for number in range(12)])
    for _ in range(6):
        handed = await asyncio.gather(*(studio.ballots.lease("both", "ana", 2) for studio in (one, other)))
        assert [ballot.id for ballot in handed[0].ballots] == [ballot.id for ballot in handed[1].ballots]
        for ballot in handed[0].ballots:
            said = ((one, Answer("left", {"style": "tie"})), (other, Answer("right", {"style": "tie"})))
            casts = (studio.ballots.cast(ballot.id, "ana", answer) for studio, answer in said)
            taken = await asyncio.gather(*casts, return_exceptions=True)
            assert sorted(map(type, taken), key=str) == sorted((type(ballot), StateConflict), key=str)
    answered = await other.ballots.answered(phase)
    assert len(answered) == 12
    shown = await other.ballots.shown(phase)
    assert len({ballot.once for ballot in shown}) == 12
    sitting = await one.ballots.reveal(shown[0].id, "ana")
    assert len(sitting.ballots) == 12
    told = report(Findings(phase, answered, await one.ballots.units(phase), await one.ballots.taken(phase)), "quality")
    assert told.votes + told.checks == 12
    await one.store.close()
    await other.store.close()


async def test_imported_votes_are_there_once_whoever_takes_them_in(database: JobDatabase, tmp_path: Path) -> None:
    one, other = await two_studios(tmp_path, database.url)
    phase = a_phase("taken")
    await Gallery(one).begin(phase)
    data = b"left,right,choice,rater,prompt\nchampion,klein,left,ana,a\nklein,champion,tie,ben,a\n"
    read = read_votes(data, phase, await other.ballots.known_ids(phase), NOW)
    assert await other.ballots.take_in(phase, read.ballots, read.names) == 2
    raters = [vote.rater for vote in await one.ballots.answered(phase)]
    assert len({*raters}) == 2
    assert not {*raters} & {"ana", "ben"}
    await one.ballots.forget("ana")
    assert await one.ballots.open_ballots("taken", "ana") == 0
    assert len(await one.ballots.answered(phase)) == 2
    await one.store.close()
    await other.store.close()
